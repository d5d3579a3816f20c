//! A stream of an ORC file: compressed chunk by chunk, of which one is in memory.

use std::io::Read;

use bytes::Bytes;
use kusto_ingest_core::Result;

use super::damaged;
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

/// The bytes of a stream, unpacked as they are read.
pub(super) struct Stream {
    packed: Bytes,
    packing: Packing,
    ready: Bytes,
}

impl Stream {
    pub(super) fn new(packed: Bytes, packing: Packing) -> Self {
        Self {
            packed,
            packing,
            ready: Bytes::new(),
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
        let byte = self.ready[0];
        self.ready = self.ready.slice(1..);
        Ok(byte)
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
                return Err(super::too_large("a stream is larger than 64 MiB"));
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
        let _header = self.packed.split_to(3);
        let chunk = self.packed.split_to(length);
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
        Ok(bytes.into())
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
