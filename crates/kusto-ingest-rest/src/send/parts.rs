//! A request that was refused as it is, in parts: so that one bad source fails alone.

use kusto_ingest_core::FaultScope;

use crate::outcome::Sent;

/// After so many sources that were refused by themselves, and none taken, it may not be the sources. If the part that is
/// farthest from them is refused as well, it is not.
const ENOUGH: usize = 2;

/// What is still to be sent of a request, and in which parts.
pub(super) struct Parts {
    left: Vec<Vec<usize>>,
    taken: bool,
    refused_alone: usize,
    /// What the rest was refused for, once that is clear.
    verdict: Option<Sent>,
}

impl Parts {
    /// The whole of a request of so many places.
    pub(super) fn of(places: usize) -> Self {
        Self {
            left: vec![(0..places).collect()],
            taken: false,
            refused_alone: 0,
            verdict: None,
        }
    }

    /// The next part to send.
    pub(super) fn next(&mut self) -> Option<Vec<usize>> {
        match self.verdict {
            None => self.left.pop(),
            Some(_) => None,
        }
    }

    /// A part was sent: whether it is to be sent again, divided.
    pub(super) fn is_divided(&mut self, part: &[usize], sent: &Sent) -> bool {
        if !is_refusal(sent) {
            self.taken |= sent.outcome.is_ok();
            return false;
        }
        if self.is_in_doubt() {
            self.verdict = Some(sent.clone());
            return false;
        }
        if part.len() > 1 {
            let (first, second) = part.split_at(part.len() / 2);
            self.left.push(second.to_vec());
            self.left.push(first.to_vec());
            return true;
        }
        self.refused_alone += 1;
        if self.is_in_doubt() && !self.left.is_empty() {
            // They may be neighbours by chance: the part that has least to do with them is sent next.
            self.left.rotate_left(1);
        }
        false
    }

    /// Whether the sources may not be to blame.
    fn is_in_doubt(&self) -> bool {
        self.refused_alone >= ENOUGH && !self.taken
    }

    /// What was never sent alone, and was refused all the same.
    pub(super) fn refused(self) -> impl Iterator<Item = (Vec<usize>, Sent)> {
        let verdict = self.verdict;
        let left = self.left.into_iter();
        left.filter_map(move |part| Some((part, verdict.clone()?)))
    }
}

/// Whether the request was at fault, and certainly nothing was done. Names and permissions are those of all its sources.
fn is_refusal(sent: &Sent) -> bool {
    let Err(error) = &sent.outcome else {
        return false;
    };
    sent.ambiguous.count() == 0
        && error.scope() == FaultScope::Request
        && matches!(error.http_status(), Some(400 | 413))
}
