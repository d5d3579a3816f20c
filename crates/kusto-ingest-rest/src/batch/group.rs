//! Sources that go the same way with the same properties, and the request that they gather for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kusto_ingest_core::Result;

use super::{Batch, GroupKey};

/// The groups of a client. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batches(Arc<Mutex<Vec<Group>>>);

#[derive(Debug)]
struct Group {
    key: Arc<GroupKey>,
    /// How many sources are being uploaded for it.
    on_the_way: usize,
    /// The request that has place.
    open: Option<Arc<Batch>>,
}

impl Batches {
    /// A source is on its way to the group of this key, which is given back as the group has it. `check` is asked for the
    /// first of a group.
    ///
    /// # Errors
    /// That of the check.
    pub(super) fn join(&self, key: GroupKey, check: impl FnOnce() -> Result<()>) -> Result<Arc<GroupKey>> {
        let mut groups = self.groups();
        if let Some(group) = groups.iter_mut().find(|group| *group.key == key) {
            group.on_the_way += 1;
            return Ok(group.key.clone());
        }
        check()?;
        let key = Arc::new(key);
        groups.push(Group {
            key: key.clone(),
            on_the_way: 1,
            open: None,
        });
        Ok(key)
    }

    /// A source is on its way no more. With the last of them, the request that has place leaves.
    pub(super) fn leave(&self, key: &Arc<GroupKey>) {
        self.change(key, |_| {});
    }

    /// A source has come: `take_place` puts it into the request that has place, or into another one, and gives the one that
    /// has place afterwards, if any has.
    pub(super) fn arrive(
        &self,
        key: &Arc<GroupKey>,
        take_place: impl FnOnce(Option<Arc<Batch>>) -> Option<Arc<Batch>>,
    ) {
        self.change(key, |open| *open = take_place(open.take()));
    }

    fn change(&self, key: &Arc<GroupKey>, work: impl FnOnce(&mut Option<Arc<Batch>>)) {
        let mut groups = self.groups();
        let Some(place) = groups.iter().position(|group| Arc::ptr_eq(&group.key, key)) else {
            return;
        };
        let group = &mut groups[place];
        group.on_the_way = group.on_the_way.saturating_sub(1);
        work(&mut group.open);
        if group.on_the_way == 0 {
            let last = groups.swap_remove(place).open;
            drop(groups);
            last.inspect(|batch| batch.seal());
        }
    }

    fn groups(&self) -> MutexGuard<'_, Vec<Group>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
