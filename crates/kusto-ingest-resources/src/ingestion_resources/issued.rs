//! Counts of what was issued and what of it cannot be used, for the error where nothing is left.

use std::sync::Arc;

use kusto_ingest_core::{Error, ErrorKind};

/// How many kinds are told apart: three times as many as there are.
const MOST_KINDS: usize = 16;
/// How many reasons are told.
const MOST_REASONS: usize = 3;
/// How much of a kind's name is kept, in letters.
const LONGEST_NAME: usize = 64;

/// How many resources of each kind were issued, and how many of them are left out. Clones share it until one is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Issued(Arc<Vec<Kind>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Kind {
    name: String,
    issued: usize,
    left_out: usize,
    /// Why they are: each reason with the first that has it.
    whys: Vec<(String, String)>,
}

impl Issued {
    /// So many more of a kind were issued.
    pub(super) fn add(&mut self, kind: &str, count: usize) {
        if let Some(kind) = self.kind(kind) {
            kind.issued += count;
        }
    }

    /// One of those that were issued is left out, for a reason that others may share.
    pub(super) fn leave_out(&mut self, kind: &str, why: &str, address: &str) {
        if let Some(kind) = self.kind(kind) {
            kind.left_out += 1;
            if kind.whys.len() < MOST_REASONS && kind.whys.iter().all(|(known, _)| known != why) {
                kind.whys.push((why.to_owned(), address.to_owned()));
            }
        }
    }

    /// The error of whoever needs a resource of a kind, where none can be used.
    pub(super) fn none_of(&self, kind: &str, what: &'static str) -> Error {
        let counts: Vec<String> = self
            .0
            .iter()
            .filter(|kind| kind.issued > 0)
            .map(|kind| format!("{} {}", kind.issued, kind.name))
            .collect();
        let counts = match counts.is_empty() {
            true => "nothing".to_owned(),
            false => counts.join(", "),
        };
        let error = |reason: String| {
            Error::new(ErrorKind::NoResources, "choose a resource")
                .because(reason)
                .with("issued", &counts)
        };
        let unused = self.0.iter().find(|known| known.is(kind) && known.left_out > 0);
        match unused {
            Some(kind) => {
                let whys: Vec<_> = kind
                    .whys
                    .iter()
                    .map(|(why, address)| format!("{why}, as {address}"))
                    .collect();
                let left_out = format!("{} {} because {}", kind.left_out, kind.name, whys.join("; "));
                error(format!("Kusto issued no {what} that can be used")).with("left out", left_out)
            }
            None => error(format!("Kusto issued no {what}")),
        }
    }

    fn kind(&mut self, name: &str) -> Option<&mut Kind> {
        let kinds = Arc::make_mut(&mut self.0);
        let known = kinds.iter().position(|kind| kind.is(name));
        if known.is_none() && kinds.len() < MOST_KINDS {
            let letters = name.chars().filter(|letter| !letter.is_control());
            kinds.push(Kind {
                name: letters.take(LONGEST_NAME).collect(),
                issued: 0,
                left_out: 0,
                whys: Vec::new(),
            });
        }
        match known {
            Some(place) => kinds.get_mut(place),
            None => kinds.last_mut().filter(|kind| kind.is(name)),
        }
    }
}

impl Kind {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}
