//! What a running query has beside its plan: its limits, the time, and patterns that are compiled once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use kusto_ingest_core::{Error, Result};
use regex_lite::Regex;

use crate::limits::Meter;

/// The most patterns that are kept compiled.
const MOST_PATTERNS: usize = 200;

/// What a running query has beside its plan.
pub(crate) struct Env<'a> {
    pub(crate) meter: Meter<'a>,
    /// The moment of `now()`.
    pub(crate) now: i64,
    patterns: RefCell<HashMap<Arc<str>, Option<Rc<Regex>>>>,
    random: Cell<u64>,
    refusal: RefCell<Option<Error>>,
}

impl<'a> Env<'a> {
    pub(crate) fn new(meter: Meter<'a>, now: i64, seed: u64) -> Self {
        Self {
            meter,
            now,
            patterns: RefCell::default(),
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

    /// A pattern, compiled once; nothing where it is none.
    pub(crate) fn pattern(&self, text: &Arc<str>) -> Option<Rc<Regex>> {
        if let Some(known) = self.patterns.borrow().get(text) {
            return known.clone();
        }
        let compiled = Regex::new(text).ok().map(Rc::new);
        let mut patterns = self.patterns.borrow_mut();
        if patterns.len() >= MOST_PATTERNS {
            patterns.clear();
        }
        patterns.insert(Arc::clone(text), compiled.clone());
        compiled
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
