//! Rows by their keys: each set of keys gets a number.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use kusto_ingest_core::Result;

use crate::Value;
use crate::env::Env;
use crate::frame::Vector;

/// No other group has this hash.
const NONE: u32 = u32::MAX;

/// The groups so far, by their keys. Keys are hashed once a row, and copied once a group.
pub(super) struct Groups {
    hashing: RandomState,
    /// The first group of a hash.
    first: HashMap<u64, u32, Taken>,
    /// The next group of the same hash, of every group.
    next: Vec<u32>,
    /// The keys of every group, column by column.
    keys: Vec<Vec<Value>>,
}

impl Groups {
    /// Groups by so many keys.
    pub(super) fn new(keys: usize) -> Self {
        Self {
            hashing: RandomState::new(),
            first: HashMap::default(),
            next: Vec::new(),
            keys: vec![Vec::new(); keys],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.next.len()
    }

    pub(super) fn into_keys(self) -> Vec<Vec<Value>> {
        self.keys
    }

    /// The group of every row; those that are new get one.
    pub(super) fn number(&mut self, keys: &[Vector], rows: usize, env: &Env<'_>) -> Result<Vec<u32>> {
        let mut numbers = Vec::with_capacity(rows);
        let mut held = 0;
        for row in 0..rows {
            let hash = self.hash(keys, row);
            let group = match self.look_up(hash, keys, row) {
                Some(group) => group,
                None => {
                    held += keys.iter().map(|key| key.at(row).size()).sum::<usize>() + 24;
                    self.add(hash, keys, row)
                }
            };
            numbers.push(group);
        }
        env.meter.step(rows)?;
        env.meter.hold(held)?;
        Ok(numbers)
    }

    /// The group of a row, if there is one.
    pub(super) fn find(&self, keys: &[Vector], row: usize) -> Option<u32> {
        self.look_up(self.hash(keys, row), keys, row)
    }

    fn hash(&self, keys: &[Vector], row: usize) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        for key in keys {
            key.at(row).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn look_up(&self, hash: u64, keys: &[Vector], row: usize) -> Option<u32> {
        let mut group = *self.first.get(&hash)?;
        while group != NONE {
            let place = group as usize;
            if self
                .keys
                .iter()
                .zip(keys)
                .all(|(known, key)| known[place] == *key.at(row))
            {
                return Some(group);
            }
            group = self.next[place];
        }
        None
    }

    fn add(&mut self, hash: u64, keys: &[Vector], row: usize) -> u32 {
        let group = u32::try_from(self.next.len()).unwrap_or(NONE - 1);
        let before = self.first.insert(hash, group);
        self.next.push(before.unwrap_or(NONE));
        for (known, key) in self.keys.iter_mut().zip(keys) {
            known.push(key.at(row).clone());
        }
        group
    }
}

/// A number that is a hash already.
#[derive(Clone, Copy, Default)]
struct Taken(u64);

impl BuildHasher for Taken {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
