//! One of several parts of a large set of sources.

use std::fmt;
use std::str::FromStr;

use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::identity::number;

/// One of several parts of a large set of sources, each taken by a process of its own.
///
/// Which part a source belongs to is told by its key alone: it is the same on every machine, in every run and in every
/// release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The part of this number, from zero, of so many.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where there is no such part.
    pub fn new(index: u32, count: u32) -> Result<Self> {
        if index >= count {
            let why = format!("of {count} shards the last is {}/{count}", i64::from(count) - 1);
            return Err(Error::new(ErrorKind::InvalidInput, "read the shard").because(why));
        }
        Ok(Self { index, count })
    }

    /// The number of this part, from zero.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many parts there are.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }

    /// Whether the source of this key belongs to this part.
    #[must_use]
    pub fn takes(self, key: &str) -> bool {
        number(key) % u64::from(self.count) == u64::from(self.index)
    }
}

/// `0/4`
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.trim().parse().ok()?, count.trim().parse().ok()?)));
        let (index, count) = numbers.ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "read the shard")
                .because("a shard is written I/N, such as 0/4 for the first of four")
        })?;
        Self::new(index, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_belongs_to_one_shard_and_the_shards_are_of_one_size() {
        let shards: Vec<Shard> = (0..4).map(|index| Shard::new(index, 4).unwrap()).collect();
        let mut taken = [0; 4];
        for number in 0..4_000 {
            let key = format!("/data/2026/{number:05}.csv");
            let by: Vec<usize> = (0..4).filter(|shard| shards[*shard].takes(&key)).collect();
            assert_eq!(by.len(), 1, "{key}");
            taken[by[0]] += 1;
        }
        assert!(
            taken.iter().all(|taken| (900..1_100).contains(taken)),
            "{taken:?}"
        );
    }

    #[test]
    fn a_shard_is_read_as_it_is_written() {
        assert_eq!("3/4".parse::<Shard>().unwrap(), Shard::new(3, 4).unwrap());
        assert_eq!(Shard::new(3, 4).unwrap().to_string(), "3/4");
        for wrong in ["4/4", "0/0", "1", "a/b", "-1/4", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
