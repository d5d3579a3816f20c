//! Numbers that are written as differences, packed into as few bits as the largest of a part needs.

use super::thrift::Malformed;

/// Numbers of the encoding DELTA_BINARY_PACKED, so many at most, and what is behind them.
pub(super) fn integers(bytes: &[u8], most: usize) -> Result<(Vec<i32>, &[u8]), Malformed> {
    let mut input = Input(bytes);
    let block = input.size()?;
    let parts = input.size()?;
    let count = input.size()?;
    let first = input.zigzag()?;
    let part = block.checked_div(parts).ok_or(Malformed)?;
    if part == 0 || part % 32 != 0 || count > most {
        return Err(Malformed);
    }
    let mut numbers = Vec::new();
    let mut last = first;
    if count > 0 {
        numbers.push(last);
    }
    while numbers.len() < count {
        let least = input.zigzag()?;
        for width in input.take(parts)? {
            let wanted = part.min(count - numbers.len());
            if wanted == 0 {
                break;
            }
            let width = usize::from(*width);
            if width > 32 {
                return Err(Malformed);
            }
            let packed = input.take(width.checked_mul(part / 8).ok_or(Malformed)?)?;
            for at in 0..wanted {
                last = last
                    .wrapping_add(least)
                    .wrapping_add(unpacked(packed, at * width, width));
                numbers.push(last);
            }
        }
    }
    Ok((numbers, input.0))
}

/// So many bits from a place on, the lowest of a byte first.
fn unpacked(packed: &[u8], from: usize, width: usize) -> i32 {
    let mut word = [0; 8];
    for (byte, found) in word.iter_mut().zip(packed.iter().skip(from / 8)) {
        *byte = *found;
    }
    let mask = (1_u64 << width) - 1;
    let bits = (u64::from_le_bytes(word) >> (from % 8)) & mask;
    u32::try_from(bits).unwrap_or_default().cast_signed()
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn size(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.varint()?).map_err(|_| Malformed)
    }

    fn zigzag(&mut self) -> Result<i32, Malformed> {
        let raw = self.varint()?;
        i32::try_from((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed()).map_err(|_| Malformed)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_added_up_and_numbers_beyond_the_values_are_refused() {
        // Blocks of 128 in 4 parts, 5 numbers from 7 on, at least -2 more each, in two bits: 0, 1, 2, 3.
        let bytes = [
            0x80,
            0x01,
            0x04,
            0x05,
            0x0e,
            0x03,
            2,
            9,
            9,
            9,
            0b1110_0100,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xee,
        ];
        let (numbers, rest) = integers(&bytes, 5).expect("it is right");
        assert_eq!(numbers, [7, 5, 4, 4, 5]);
        assert_eq!(rest, [0xee]);
        assert!(integers(&bytes, 4).is_err());
        assert!(integers(&bytes[..15], 5).is_err());
    }
}
