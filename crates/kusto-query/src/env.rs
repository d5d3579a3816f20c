//! What a running query has beside its plan: its limits, the time, and patterns that are compiled once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use kusto_ingest_core::{Error, Result};
use regex::{Regex, RegexBuilder};

use crate::error::{large_pattern, no_pattern};
use crate::limits::Meter;

/// The most bytes of memory that a pattern takes when it is compiled, and what nearly all of them get along with.
const LARGEST: usize = 10 << 20;
const ORDINARY: usize = 256 << 10;

/// The longest text of a pattern, in bytes: reading it takes many times as much memory.
const LONGEST: usize = 128 << 10;

/// The most bytes of memory of the patterns that are kept compiled.
const MOST_WEIGHT: usize = 64 << 20;

/// What a running query has beside its plan.
pub(crate) struct Env<'a> {
    pub(crate) meter: Meter<'a>,
    /// The moment of `now()`.
    pub(crate) now: i64,
    patterns: RefCell<HashMap<Arc<str>, Rc<Regex>>>,
    /// How many bytes of memory they take at most.
    weight: Cell<usize>,
    random: Cell<u64>,
    refusal: RefCell<Option<Error>>,
}

impl<'a> Env<'a> {
    pub(crate) fn new(meter: Meter<'a>, now: i64, seed: u64) -> Self {
        Self {
            meter,
            now,
            patterns: RefCell::default(),
            weight: Cell::new(0),
            random: Cell::new(seed | 1),
            refusal: RefCell::new(None),
        }
    }

    /// Ends the query with an error: functions give none themselves. The first one counts.
    pub(crate) fn refuse(&self, error: Error) {
        self.refusal.borrow_mut().get_or_insert(error);
    }

    /// What a function refused, if any did.
    pub(crate) fn refused(&self) -> Result<()> {
        self.refusal.borrow_mut().take().map_or(Ok(()), Err)
    }

    /// A pattern, compiled once. One that is none is refused.
    pub(crate) fn pattern(&self, text: &Arc<str>) -> Option<Rc<Regex>> {
        if let Some(known) = self.patterns.borrow().get(text) {
            return Some(Rc::clone(known));
        }
        let (compiled, weight) = match compiled(text) {
            Ok(compiled) => compiled,
            Err(error) => {
                self.refuse(error);
                return None;
            }
        };
        if let Err(error) = self.meter.step(weight >> 4) {
            self.refuse(error);
            return None;
        }
        let compiled = Rc::new(compiled);
        let mut patterns = self.patterns.borrow_mut();
        if self.weight.get() + weight > MOST_WEIGHT {
            patterns.clear();
            self.weight.set(0);
        }
        self.weight.set(self.weight.get() + weight);
        patterns.insert(Arc::clone(text), Rc::clone(&compiled));
        Some(compiled)
    }

    /// The next random number.
    pub(crate) fn random(&self) -> u64 {
        let mut next = self.random.get();
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        self.random.set(next);
        next.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// A pattern, and how many bytes of memory it takes at most.
fn compiled(text: &str) -> Result<(Regex, usize)> {
    if text.len() > LONGEST {
        return Err(large_pattern(text, LARGEST));
    }
    for weight in [ORDINARY, LARGEST] {
        match RegexBuilder::new(text)
            .size_limit(weight)
            .dfa_size_limit(weight)
            .build()
        {
            Ok(compiled) => return Ok((compiled, 2 * weight)),
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(error) => {
                // The lines before the last one draw where it is.
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default();
                return Err(no_pattern(text, why.trim_start_matches("error: ")));
            }
        }
    }
    Err(large_pattern(text, LARGEST))
}
