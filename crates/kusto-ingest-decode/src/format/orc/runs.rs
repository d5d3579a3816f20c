//! Run-length encodings: of bytes, of bits, and of integers in both versions.

use kusto_ingest_core::Result;

use super::damaged;
use super::stream::Stream;

/// Bytes: runs of one, and bytes as they are.
pub(super) struct Bytes {
    stream: Stream,
    left: u32,
    /// The byte of a run.
    repeated: Option<u8>,
}

impl Bytes {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            left: 0,
            repeated: None,
        }
    }

    pub(super) fn next(&mut self) -> Result<u8> {
        if self.left == 0 {
            let control = self.stream.byte()?;
            (self.left, self.repeated) = match control {
                0..=0x7f => (u32::from(control) + 3, Some(self.stream.byte()?)),
                _ => (256 - u32::from(control), None),
            };
        }
        self.left -= 1;
        match self.repeated {
            Some(byte) => Ok(byte),
            None => self.stream.byte(),
        }
    }
}

/// Bits, the highest of a byte first.
pub(super) struct Bits {
    bytes: Bytes,
    byte: u8,
    left: u8,
}

impl Bits {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            bytes: Bytes::new(stream),
            byte: 0,
            left: 0,
        }
    }

    pub(super) fn next(&mut self) -> Result<bool> {
        if self.left == 0 {
            (self.byte, self.left) = (self.bytes.next()?, 8);
        }
        self.left -= 1;
        Ok(self.byte >> self.left & 1 == 1)
    }
}

/// Integers, of which at most one run is in memory.
pub(super) struct Integers {
    stream: Stream,
    is_signed: bool,
    is_second: bool,
    /// The run, from its end.
    ready: Vec<i64>,
}

impl Integers {
    pub(super) fn new(stream: Stream, is_signed: bool, is_second: bool) -> Self {
        Self {
            stream,
            is_signed,
            is_second,
            ready: Vec::new(),
        }
    }

    pub(super) fn next(&mut self) -> Result<i64> {
        if self.ready.is_empty() {
            let mut run = match self.is_second {
                true => self.second()?,
                false => self.first()?,
            };
            run.reverse();
            self.ready = run;
        }
        self.ready.pop().ok_or_else(|| damaged("a run has no values"))
    }

    /// A run of the first version: a base and steps, or numbers as they are.
    fn first(&mut self) -> Result<Vec<i64>> {
        let control = self.stream.byte()?;
        if control > 0x7f {
            return (0..256 - u32::from(control)).map(|_| self.number()).collect();
        }
        let step = i64::from(self.stream.byte()?.cast_signed());
        let base = self.number()?;
        let count = i64::from(control) + 3;
        Ok((0..count)
            .map(|at| base.wrapping_add(step.wrapping_mul(at)))
            .collect())
    }

    /// A run of the second version.
    fn second(&mut self) -> Result<Vec<i64>> {
        let head = self.stream.byte()?;
        match head >> 6 {
            0 => {
                let width = usize::from(head >> 3 & 7) + 1;
                let mut raw: u64 = 0;
                for _ in 0..width {
                    raw = raw << 8 | u64::from(self.stream.byte()?);
                }
                Ok(vec![self.meant(raw); usize::from(head & 7) + 3])
            }
            1 => {
                let (width, count) = self.widths(head)?;
                let raw = self.packed(width, count)?;
                Ok(raw.into_iter().map(|raw| self.meant(raw)).collect())
            }
            2 => self.patched(head),
            _ => self.steps(head),
        }
    }

    /// A base, steps from it, and patches of those that are too wide.
    fn patched(&mut self, head: u8) -> Result<Vec<i64>> {
        let (width, count) = self.widths(head)?;
        let third = self.stream.byte()?;
        let fourth = self.stream.byte()?;
        let base_width = usize::from(third >> 5) + 1;
        let patch_width = WIDTHS[usize::from(third & 31)];
        let gap_width = usize::from(fourth >> 5) + 1;
        let patches = usize::from(fourth & 31);
        let mut base: u64 = 0;
        for _ in 0..base_width {
            base = base << 8 | u64::from(self.stream.byte()?);
        }
        // The highest bit is the sign.
        let sign = 1_u64 << (base_width * 8 - 1);
        let base = match base & sign {
            0 => base.cast_signed(),
            _ => (base & !sign).cast_signed().wrapping_neg(),
        };
        let mut raw = self.packed(width, count)?;
        let total = gap_width + patch_width;
        if total > 64 {
            return Err(damaged("a run has patches of more than 64 bits"));
        }
        let patches = self.packed(closest(total), patches)?;
        let mut at = 0;
        for patch in patches {
            let value = match patch_width {
                64 => patch,
                width => patch & ((1 << width) - 1),
            };
            at += usize::try_from(patch.checked_shr(patch_width as u32).unwrap_or(0)).unwrap_or(usize::MAX);
            let patched = raw
                .get_mut(at)
                .ok_or_else(|| damaged("a run is patched beyond its end"))?;
            *patched |= value.checked_shl(width as u32).unwrap_or(0);
        }
        Ok(raw
            .into_iter()
            .map(|raw| base.wrapping_add(raw.cast_signed()))
            .collect())
    }

    /// A base, a first step, and the sizes of further steps.
    fn steps(&mut self, head: u8) -> Result<Vec<i64>> {
        let code = head >> 1 & 31;
        let count = (usize::from(head & 1) << 8 | usize::from(self.stream.byte()?)) + 1;
        let raw = self.varint()?;
        let base = self.meant(raw);
        let raw = self.varint()?;
        let step = unzigzag(raw);
        let mut run = vec![base];
        if count > 1 {
            run.push(base.wrapping_add(step));
        }
        let sizes = match code {
            0 => vec![step.unsigned_abs(); count.saturating_sub(2)],
            code => self.packed(WIDTHS[usize::from(code)], count.saturating_sub(2))?,
        };
        for size in sizes {
            let last = run.last().copied().unwrap_or_default();
            run.push(match step < 0 {
                true => last.wrapping_sub(size.cast_signed()),
                false => last.wrapping_add(size.cast_signed()),
            });
        }
        Ok(run)
    }

    /// The width and the count that begin a run.
    fn widths(&mut self, head: u8) -> Result<(usize, usize)> {
        let width = WIDTHS[usize::from(head >> 1 & 31)];
        let count = (usize::from(head & 1) << 8 | usize::from(self.stream.byte()?)) + 1;
        Ok((width, count))
    }

    /// So many numbers of so many bits, the highest first.
    fn packed(&mut self, width: usize, count: usize) -> Result<Vec<u64>> {
        let bytes = self.stream.bytes((width * count).div_ceil(8))?;
        let mut bits = bytes
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |at| u64::from(byte >> at & 1)));
        let number = |_| bits.by_ref().take(width).fold(0, |number, bit| number << 1 | bit);
        Ok((0..count).map(number).collect())
    }

    fn number(&mut self) -> Result<i64> {
        let raw = self.varint()?;
        Ok(self.meant(raw))
    }

    fn meant(&self, raw: u64) -> i64 {
        match self.is_signed {
            true => unzigzag(raw),
            false => raw.cast_signed(),
        }
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.stream.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(damaged("a number has more than 64 bits"))
    }
}

/// The widths in bits that a code of five bits names.
const WIDTHS: [usize; 32] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 30, 32,
    40, 48, 56, 64,
];

/// The narrowest of the widths that is not narrower.
fn closest(width: usize) -> usize {
    WIDTHS.into_iter().find(|known| *known >= width).unwrap_or(64)
}

pub(super) fn unzigzag(raw: u64) -> i64 {
    (raw >> 1).cast_signed() ^ -(raw & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::super::stream::{Codec, Packing, Room};
    use super::*;

    fn stream(bytes: &'static [u8]) -> Stream {
        let packing = Packing {
            codec: Codec::None,
            chunk: 1 << 18,
        };
        Stream::new(bytes::Bytes::from_static(bytes), packing, &Room::new())
    }

    fn integers(bytes: &'static [u8], is_signed: bool, is_second: bool, count: usize) -> Vec<i64> {
        let mut integers = Integers::new(stream(bytes), is_signed, is_second);
        (0..count)
            .map(|_| integers.next().expect("there are so many"))
            .collect()
    }

    #[test]
    fn the_examples_of_the_specification_are_read() {
        assert_eq!(integers(&[0x61, 0x00, 0x07], false, false, 100), [7; 100]);
        assert_eq!(
            integers(&[0x61, 0xff, 0x64], false, false, 100),
            (1..=100).rev().collect::<Vec<_>>()
        );
        assert_eq!(
            integers(&[0xfb, 2, 3, 6, 7, 0xb], false, false, 5),
            [2, 3, 6, 7, 11]
        );
        assert_eq!(integers(&[0x0a, 0x27, 0x10], false, true, 5), [10_000; 5]);
        let direct = &[0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef];
        assert_eq!(integers(direct, false, true, 4), [23_713, 43_806, 57_005, 48_879]);
        let patched = &[
            0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50, 0x5a,
            0x64, 0x6e, 0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
        ];
        let wanted = [
            2030, 2000, 2020, 1_000_000, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120, 2130, 2140,
            2150, 2160, 2170, 2180, 2190,
        ];
        assert_eq!(integers(patched, false, true, 20), wanted);
        let steps = &[0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46];
        assert_eq!(
            integers(steps, false, true, 10),
            [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
        );
        let mut bits = Bits::new(stream(&[0xff, 0x80]));
        assert!(bits.next().expect("there is one"));
        assert!(!bits.next().expect("there is one"));
    }
}
