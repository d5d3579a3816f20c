//! The memory of rows that are on their way into a table: all sources under way share what the tables leave.

use std::sync::atomic::Ordering;

use kusto_ingest_core::{Error, Result};

use super::refusal::refused;
use crate::FakeKusto;

/// How many bytes a source takes between two looks at how much memory there is.
const BETWEEN_LOOKS: u64 = 1 << 20;

/// Which part of all memory the rows of a source may take before they are measured.
const PART: u64 = 8;

/// How much memory the rows of one source take. Other sources see it, until this is dropped.
pub(super) struct MemoryShare<'a> {
    kusto: &'a FakeKusto,
    /// How much the rows take together.
    total: u64,
    /// How much they may take before they are measured.
    unmeasured: u64,
    /// How much others see.
    told: u64,
    since_look: u64,
}

impl<'a> MemoryShare<'a> {
    /// A share for a source of unknown size.
    pub(super) fn new(kusto: &'a FakeKusto) -> Self {
        Self {
            kusto,
            total: 0,
            unmeasured: kusto.limits().max_stored_bytes / PART,
            told: 0,
            since_look: 0,
        }
    }

    /// A share for rows that take so much, as was measured.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub(super) fn of(kusto: &'a FakeKusto, bytes: u64) -> Result<Self> {
        let mut share = Self {
            unmeasured: u64::MAX,
            ..Self::new(kusto)
        };
        share.look(bytes)?;
        Ok(share)
    }

    /// Adds bytes of a row.
    pub(super) fn add(&mut self, bytes: u64) {
        self.total += bytes;
        self.since_look += bytes;
    }

    /// How much the rows take together.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Whether it is time to measure the rest of the source before more of it is kept.
    pub(super) fn is_large(&self) -> bool {
        self.total > self.unmeasured
    }

    /// Looks whether there is memory for the rows, where enough was added since the last look.
    ///
    /// # Errors
    /// `BadRequest_DataCapacityLimitReached` when the rows of all tables, and of all sources under way, would take too much.
    pub(super) fn check(&mut self) -> Result<()> {
        if self.since_look < BETWEEN_LOOKS {
            return Ok(());
        }
        self.since_look = 0;
        self.look(self.total.max(self.told))
    }

    fn look(&mut self, wanted: u64) -> Result<()> {
        let all = &self.kusto.0.memory_under_way;
        // What is only measured takes nothing.
        let kept = if self.is_large() { 0 } else { wanted };
        let others = all.fetch_add(kept, Ordering::Relaxed).saturating_sub(self.told);
        all.fetch_sub(self.told, Ordering::Relaxed);
        self.told = kept;
        let state = self.kusto.state();
        match state.catalog.size() + others + wanted > state.limits.max_stored_bytes {
            true => Err(store_is_full()),
            false => Ok(()),
        }
    }
}

impl Drop for MemoryShare<'_> {
    fn drop(&mut self) {
        let all = &self.kusto.0.memory_under_way;
        all.fetch_sub(self.told, Ordering::Relaxed);
    }
}

pub(crate) fn store_is_full() -> Error {
    let why = "the rows of all tables would take more memory than this Kusto has for them";
    refused("BadRequest_DataCapacityLimitReached", why)
}
