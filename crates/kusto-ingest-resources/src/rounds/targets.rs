//! Which resources an operation may still try, and which of them is next.

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest_core::Result;
use kusto_storage::ResourceUri;

use crate::IngestionResources;

/// Which resources an operation may still try, and which of them is next.
pub(super) struct Targets<'a> {
    issued: Arc<IngestionResources>,
    preferred: Option<&'a str>,
    /// The accounts that were tried in this round.
    tried: Vec<ResourceUri>,
    /// Until when accounts asked for a pause (`Retry-After`).
    busy: Vec<(String, Duration)>,
    /// The addresses that were refused: the same address will be refused again.
    refused: Vec<ResourceUri>,
    /// The accounts that refused one: another SAS may open them.
    locked: Vec<String>,
    /// The accounts that failed for good.
    closed: Vec<String>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(issued: Arc<IngestionResources>, preferred: Option<&'a str>) -> Self {
        Self {
            issued,
            preferred,
            tried: Vec::new(),
            busy: Vec::new(),
            refused: Vec::new(),
            locked: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// The next to try in this round. A busy account is left out while another is there.
    pub(super) fn next(
        &mut self,
        list: &impl Fn(&IngestionResources) -> Result<&[ResourceUri]>,
        now: Duration,
    ) -> Result<Option<ResourceUri>> {
        let left = || list(&self.issued).map(|all| all.iter().filter(|it| self.is_left(it)));
        let all_are_busy = left()?.all(|it| self.is_busy(it, now));
        let was_tried = |it: &ResourceUri| self.tried.iter().any(|tried| tried.account() == it.account());
        let may_be_tried = |it: &&ResourceUri| !was_tried(it) && (all_are_busy || !self.is_busy(it, now));
        let is_preferred = |it: &&ResourceUri| self.preferred == Some(it.account());
        let preferred = match self.preferred {
            Some(_) => left()?.filter(may_be_tried).find(is_preferred),
            None => None,
        };
        let next = match preferred {
            Some(preferred) => Some(preferred),
            None => left()?.find(may_be_tried),
        };
        let next = next.cloned();
        self.tried.extend(next.clone());
        Ok(next)
    }

    /// Whether any is left that may be tried in this round or the next.
    pub(super) fn has_any(
        &self,
        list: &impl Fn(&IngestionResources) -> Result<&[ResourceUri]>,
    ) -> Result<bool> {
        Ok(list(&self.issued)?.iter().any(|it| self.is_left(it)))
    }

    /// Each account may be tried again.
    pub(super) fn begin_round(&mut self, issued: Arc<IngestionResources>) {
        self.issued = issued;
        self.tried.clear();
    }

    /// Resources were fetched anew: accounts that refused may be tried with another SAS, in the same round. What they had
    /// before is not another one.
    pub(super) fn renewed(
        &mut self,
        list: &impl Fn(&IngestionResources) -> Result<&[ResourceUri]>,
        issued: Arc<IngestionResources>,
    ) -> Result<()> {
        let locked = std::mem::take(&mut self.locked);
        let before = list(&self.issued)?.iter().filter(|it| contains(&locked, it));
        self.refused.extend(before.cloned());
        self.issued = issued;
        self.tried.retain(|tried| !contains(&locked, tried));
        Ok(())
    }

    /// It is not there. Others of its account may be, in the same round.
    pub(super) fn is_gone(&mut self, resource: &ResourceUri) {
        self.tried.retain(|tried| tried.account() != resource.account());
        self.refused.push(resource.clone());
    }

    pub(super) fn has_refused(&mut self, resource: &ResourceUri) {
        self.locked.push(resource.account().to_owned());
        self.refused.push(resource.clone());
    }

    pub(super) fn has_failed_for_good(&mut self, resource: &ResourceUri) {
        self.closed.push(resource.account().to_owned());
    }

    pub(super) fn is_busy_until(&mut self, resource: &ResourceUri, until: Duration) {
        self.busy.push((resource.account().to_owned(), until));
    }

    fn is_left(&self, resource: &ResourceUri) -> bool {
        !self.refused.contains(resource)
            && !contains(&self.locked, resource)
            && !contains(&self.closed, resource)
    }

    fn is_busy(&self, resource: &ResourceUri, now: Duration) -> bool {
        let told_here = |(account, until): &(String, Duration)| account == resource.account() && *until > now;
        self.issued.is_busy(resource) || self.busy.iter().any(told_here)
    }
}

fn contains(accounts: &[String], resource: &ResourceUri) -> bool {
    accounts.iter().any(|account| account == resource.account())
}
