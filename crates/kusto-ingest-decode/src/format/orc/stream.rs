//! A stream of an ORC file: compressed chunk by chunk, of which one is in memory.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use bytes::{Buf as _, Bytes};
use kusto_ingest_core::Result;

use super::{damaged, too_large};
use crate::code::{FORMAT_NOT_SUPPORTED, failure};

/// How chunks are compressed, and how large one is when it is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packing {
    pub(super) codec: Codec,
    pub(super) chunk: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Zlib,
    Snappy,
    Lz4,
    Zstd,
}

impl Codec {
    pub(super) fn of(code: u64) -> Result<Self> {
        Ok(match code {
            0 => Self::None,
            1 => Self::Zlib,
            2 => Self::Snappy,
            4 => Self::Lz4,
            5 => Self::Zstd,
            3 => {
                return Err(failure(
                    FORMAT_NOT_SUPPORTED,
                    "the ORC file is compressed with LZO",
                ));
            }
            _ => return Err(damaged("it is compressed in an unknown way")),
        })
    }
}

/// The most bytes that are unpacked at once: of each stream of a stripe one chunk, and its dictionaries.
const MOST_UNPACKED: usize = 1 << 30;

/// The room that the open streams of a stripe share.
#[derive(Clone)]
pub(super) struct Room(Rc<Cell<usize>>);

impl Room {
    pub(super) fn new() -> Self {
        Self::of(MOST_UNPACKED)
    }

    fn of(bytes: usize) -> Self {
        Self(Rc::new(Cell::new(bytes)))
    }

    pub(super) fn take(&self, bytes: usize) -> Result<()> {
        let rest = self.0.get().checked_sub(bytes);
        self.0
            .set(rest.ok_or_else(|| too_large("its columns unpack to more than 1 GiB at once"))?);
        Ok(())
    }

    fn give_back(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_add(bytes));
    }
}

/// The bytes of a stream, unpacked as they are read.
pub(super) struct Stream {
    packed: Bytes,
    packing: Packing,
    ready: Bytes,
    room: Room,
    /// How much of the room its chunk takes.
    taken: usize,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.room.give_back(self.taken);
    }
}

impl Stream {
    pub(super) fn new(packed: Bytes, packing: Packing, room: &Room) -> Self {
        Self {
            packed,
            packing,
            ready: Bytes::new(),
            room: room.clone(),
            taken: 0,
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&mut self) -> Result<bool> {
        while self.ready.is_empty() && !self.packed.is_empty() {
            self.ready = self.next_chunk()?;
        }
        Ok(self.ready.is_empty())
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        if self.is_empty()? {
            return Err(damaged("a stream is cut off"));
        }
        Ok(self.ready.get_u8())
    }

    /// So many bytes; memory is taken as they come.
    pub(super) fn bytes(&mut self, count: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            if self.is_empty()? {
                return Err(damaged("a stream is cut off"));
            }
            let taken = self.ready.split_to(self.ready.len().min(count - bytes.len()));
            bytes.extend_from_slice(&taken);
        }
        Ok(bytes)
    }

    /// All bytes that are left, of which there may be so many.
    pub(super) fn rest(&mut self, most: usize) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while !self.is_empty()? {
            bytes.extend_from_slice(&std::mem::take(&mut self.ready));
            if bytes.len() > most {
                return Err(too_large("a stream is larger than 64 MiB"));
            }
        }
        Ok(bytes)
    }

    fn next_chunk(&mut self) -> Result<Bytes> {
        if self.packing.codec == Codec::None {
            return Ok(std::mem::take(&mut self.packed));
        }
        let [a, b, c] = *self
            .packed
            .first_chunk::<3>()
            .ok_or_else(|| damaged("a chunk is cut off"))?;
        let header = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
        let (is_plain, length) = (header & 1 == 1, header >> 1);
        if length > self.packed.len() - 3 {
            return Err(damaged("a chunk is longer than its stream"));
        }
        self.packed.advance(3);
        let chunk = self.packed.split_to(length);
        self.room.give_back(std::mem::take(&mut self.taken));
        if is_plain {
            return Ok(chunk);
        }
        let most = self.packing.chunk;
        let broken = |error: std::io::Error| damaged("a chunk cannot be unpacked").caused_by(error);
        let bytes = match self.packing.codec {
            Codec::None => chunk.to_vec(),
            Codec::Zlib => limited(flate2::read::DeflateDecoder::new(&*chunk), most).map_err(broken)?,
            Codec::Snappy => {
                let length = snap::raw::decompress_len(&chunk).map_err(|error| broken(error.into()))?;
                if length > most {
                    return Err(damaged("a chunk is larger than chunks are"));
                }
                let unpacked = snap::raw::Decoder::new().decompress_vec(&chunk);
                unpacked.map_err(|error| broken(error.into()))?
            }
            Codec::Lz4 => {
                let mut bytes = vec![0; most];
                let unpacked = lz4_flex::block::decompress_into(&chunk, &mut bytes);
                bytes.truncate(unpacked.map_err(|error| broken(std::io::Error::other(error)))?);
                bytes
            }
            Codec::Zstd => zstd::bulk::decompress(&chunk, most).map_err(broken)?,
        };
        self.room.take(bytes.len())?;
        self.taken = bytes.len();
        // Without the rest of what was reserved.
        Ok(bytes.into_boxed_slice().into())
    }
}

fn limited(unpacked: impl Read, most: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = unpacked.take(most as u64 + 1).read_to_end(&mut bytes)?;
    match read > most {
        true => Err(std::io::Error::other("the chunk is larger than chunks are")),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_streams_share_the_room_for_what_is_unpacked_and_give_it_back() {
        let packed = snap::raw::Encoder::new()
            .compress_vec(&[7; 1000])
            .expect("memory takes it");
        let header = (packed.len() << 1).to_le_bytes();
        let chunk = [&header[..3], &packed].concat();
        let packing = Packing {
            codec: Codec::Snappy,
            chunk: 1 << 18,
        };
        let room = Room::of(1500);
        let open = || Stream::new(chunk.repeat(2).into(), packing, &room);
        let mut one = open();
        // Its second chunk takes the room of the first.
        assert_eq!(one.bytes(1500).expect("there is room").len(), 1500);
        let error = open().byte().expect_err("the room is taken");
        assert!(error.to_string().contains("1 GiB at once"), "{error}");
        drop(one);
        assert_eq!(open().byte().expect("there is room again"), 7);
    }
}
