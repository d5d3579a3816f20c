//! How much a query may take, and what it has taken.

use std::cell::Cell;

use kusto_ingest_core::Result;

use crate::error::{limit, timeout};

/// How much a query may take before it ends with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryLimits {
    /// The most bytes of memory for rows that an operator has to hold; 1 GiB. More is `LimitsExceeded`.
    pub max_memory_bytes: u64,
    /// The most steps, each about a value that is worked out; 10 billion. More is `LimitsExceeded`.
    pub max_steps: u64,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            max_memory_bytes: 1 << 30,
            max_steps: 10_000_000_000,
        }
    }
}

impl QueryLimits {
    /// Takes so many bytes of memory for rows that an operator has to hold.
    #[must_use]
    pub fn with_max_memory_bytes(self, bytes: u64) -> Self {
        Self {
            max_memory_bytes: bytes,
            ..self
        }
    }

    /// Takes so many steps.
    #[must_use]
    pub fn with_max_steps(self, steps: u64) -> Self {
        Self {
            max_steps: steps,
            ..self
        }
    }
}

/// How many steps lie between two looks at the clock.
const LOOK_EVERY: u64 = 1 << 18;

/// What a query has taken so far.
pub(crate) struct Meter<'a> {
    limits: QueryLimits,
    steps: Cell<u64>,
    memory: Cell<u64>,
    passing: Cell<u64>,
    look_at: Cell<u64>,
    is_over: &'a dyn Fn() -> bool,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(limits: QueryLimits, is_over: &'a dyn Fn() -> bool) -> Self {
        Self {
            limits,
            steps: Cell::new(0),
            memory: Cell::new(0),
            passing: Cell::new(0),
            look_at: Cell::new(LOOK_EVERY),
            is_over,
        }
    }

    /// Notes that so many values are worked out.
    pub(crate) fn step(&self, steps: usize) -> Result<()> {
        let steps = self.steps.get().saturating_add(steps as u64);
        self.steps.set(steps);
        if steps > self.limits.max_steps {
            return Err(limit(format_args!(
                "Runaway query (E_RUNAWAY_QUERY): it takes more than {} steps",
                self.limits.max_steps
            )));
        }
        if steps >= self.look_at.get() {
            self.look_at.set(steps + LOOK_EVERY);
            if (self.is_over)() {
                return Err(timeout());
            }
        }
        Ok(())
    }

    /// Notes that so many bytes are held until the query ends.
    pub(crate) fn hold(&self, bytes: usize) -> Result<()> {
        let memory = self.memory.get().saturating_add(bytes as u64);
        self.memory.set(memory);
        self.check(memory)
    }

    /// Gives back what is held no more.
    pub(crate) fn free(&self, bytes: usize) {
        self.memory.set(self.memory.get().saturating_sub(bytes as u64));
    }

    /// Notes that so many bytes are worked out for the rows at hand, which are held or gone when the next ones come.
    pub(crate) fn pass(&self, bytes: usize) -> Result<()> {
        self.passing.set(self.passing.get().saturating_add(bytes as u64));
        self.check(self.memory.get())
    }

    /// How many bytes have been worked out for the rows at hand.
    pub(crate) fn passing(&self) -> u64 {
        self.passing.get()
    }

    /// Notes that of what was worked out only so many bytes are left.
    pub(crate) fn set_passing(&self, bytes: u64) {
        self.passing.set(bytes);
    }

    fn check(&self, memory: u64) -> Result<()> {
        if memory.saturating_add(self.passing.get()) <= self.limits.max_memory_bytes {
            return Ok(());
        }
        Err(limit(format_args!(
            "Low memory condition (E_LOW_MEMORY_CONDITION): it holds more than {} bytes",
            self.limits.max_memory_bytes
        )))
    }
}
