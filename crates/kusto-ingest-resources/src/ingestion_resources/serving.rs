//! Which issued resources are used: how long, in which order, and completed from those that were issued before.

use std::borrow::Cow;

use kusto_ingest_core::Timestamp;
use kusto_storage::{ResourceKind, ResourceUri};

use super::IngestionResources;

impl IngestionResources {
    /// The same container with the SAS that lives longest, of all that are issued for it; what Kusto reads later should
    /// be named with that one. A SAS that does not say when it expires is taken to live longest.
    #[must_use]
    pub fn longest_lived(&self, container: &ResourceUri) -> ResourceUri {
        // Most differ by their account, which is found out without looking through an address.
        let same = |uri: &&ResourceUri| {
            uri.account() == container.account()
                && uri.is_signed() == container.is_signed()
                && uri.redacted() == container.redacted()
        };
        let all = std::iter::once(container).chain(self.containers.iter().filter(same));
        let mut longest = container;
        for uri in all {
            if lives_longer(uri, longest) {
                longest = uri;
            }
        }
        longest.clone()
    }

    /// Whether its account asked for a pause (`Retry-After`). It is used only where no other is there.
    #[must_use]
    pub fn is_busy(&self, resource: &ResourceUri) -> bool {
        self.busy.iter().any(|account| account == resource.account())
    }

    /// Whether there is none of some kind that is needed.
    pub(crate) fn lacks_any_of(&self, needed: &[ResourceKind]) -> bool {
        needed.iter().any(|kind| self.of(*kind).is_empty())
    }

    /// Until when there is something valid of each kind that is needed, where it is there at all.
    pub(crate) fn last_expiry_of(&self, needed: &[ResourceKind]) -> Option<Timestamp> {
        let last = |kind: &ResourceKind| {
            let expiries = self.of(*kind).iter().map(ResourceUri::expires);
            expiries.reduce(|one, other| Some(one?.max(other?))).flatten()
        };
        needed.iter().filter_map(last).min()
    }

    /// Completed, kind by kind, with what was issued before.
    pub(crate) fn completed_from(self, older: &Self) -> Self {
        let either = |now: Vec<ResourceUri>, before: &[ResourceUri]| match now.is_empty() {
            true => before.to_vec(),
            false => now,
        };
        Self {
            queues: either(self.queues, &older.queues),
            containers: either(self.containers, &older.containers),
            failure_queues: either(self.failure_queues, &older.failure_queues),
            success_queues: either(self.success_queues, &older.success_queues),
            status_tables: either(self.status_tables, &older.status_tables),
            ..self
        }
    }

    /// Of each kind those whose SAS is valid, or all where none is: our clock may be wrong.
    pub(crate) fn served_at(&self, now: Timestamp) -> Cow<'_, Self> {
        match self.first_expiry() {
            Some(expiry) if expiry <= now => Cow::Owned(self.valid_at(now).completed_from(self)),
            _ => Cow::Borrowed(self),
        }
    }

    /// With the resources that are chosen among in another order, and the accounts that are busy.
    pub(crate) fn ranked(
        &self,
        mut order: impl FnMut(&[ResourceUri]) -> Vec<ResourceUri>,
        busy: Vec<String>,
    ) -> Self {
        Self {
            queues: order(&self.queues),
            containers: order(&self.containers),
            status_tables: order(&self.status_tables),
            failure_queues: self.failure_queues.clone(),
            success_queues: self.success_queues.clone(),
            issued: self.issued.clone(),
            busy,
        }
    }

    /// The accounts of the resources that are chosen among.
    pub(crate) fn ranked_accounts(&self) -> impl Iterator<Item = &str> + Clone {
        let chosen = self
            .queues
            .iter()
            .chain(&self.containers)
            .chain(&self.status_tables);
        chosen.map(ResourceUri::account)
    }

    fn of(&self, kind: ResourceKind) -> &[ResourceUri] {
        match kind {
            ResourceKind::Container => &self.containers,
            ResourceKind::Queue => &self.queues,
            ResourceKind::Table => &self.status_tables,
        }
    }
}

fn lives_longer(one: &ResourceUri, other: &ResourceUri) -> bool {
    match (one.expires(), other.expires()) {
        (Some(one), Some(other)) => one > other,
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(name: &str, expiry: &str) -> ResourceUri {
        let sas = match expiry {
            "" => "sig=S".to_owned(),
            expiry => format!("se=2026-01-01T0{expiry}:00:00Z&sig={expiry}"),
        };
        ResourceUri::parse(&format!("https://a.blob.core.windows.net/{name}?{sas}")).expect("a good address")
    }

    #[test]
    fn a_container_is_named_with_the_sas_that_lives_longest() {
        let issued = |expiries: &[&str]| {
            IngestionResources::empty()
                .with_containers(expiries.iter().map(|expiry| uri("c", expiry)))
                .with_containers([uri("other", "9")])
        };
        assert_eq!(
            issued(&["1", "3", "2"]).longest_lived(&uri("c", "1")),
            uri("c", "3")
        );
        assert_eq!(
            issued(&["1"]).longest_lived(&uri("c", "2")),
            uri("c", "2"),
            "its own"
        );
        assert_eq!(issued(&["1", ""]).longest_lived(&uri("c", "1")), uri("c", ""));
        let unsigned = ResourceUri::parse("https://a.blob.core.windows.net/c").expect("a good address");
        let with_unsigned = issued(&["2"]).with_containers([unsigned]);
        assert_eq!(
            with_unsigned.longest_lived(&uri("c", "1")),
            uri("c", "2"),
            "it opens nothing"
        );
    }

    #[test]
    fn resources_serve_until_the_last_sas_of_some_kind_is_over() {
        let needed = [ResourceKind::Queue, ResourceKind::Container];
        let issued = |queues: &[&str], containers: &[&str]| {
            IngestionResources::empty()
                .with_queues(queues.iter().map(|expiry| uri("q", expiry)))
                .with_containers(containers.iter().map(|expiry| uri("c", expiry)))
                .last_expiry_of(&needed)
        };
        assert_eq!(issued(&["1", "3"], &["2", "2"]), uri("c", "2").expires());
        assert_eq!(issued(&["1", "2"], &["3"]), uri("c", "2").expires());
        assert_eq!(
            issued(&["1", ""], &["3"]),
            uri("c", "3").expires(),
            "one queue never expires"
        );
        assert_eq!(
            issued(&[], &["3"]),
            uri("c", "3").expires(),
            "what is not there does not end"
        );
        assert_eq!(issued(&[""], &[""]), None);
    }
}
