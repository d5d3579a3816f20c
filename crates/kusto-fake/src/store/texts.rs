//! Texts one behind the other, and where each ends.

use super::reserved;

/// Texts one behind the other, and where each ends. A chunk has far fewer than 4 GiB of them.
#[derive(Clone, Default)]
pub(super) struct TextColumn {
    all: String,
    ends: Vec<u32>,
}

impl TextColumn {
    pub(super) fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
    }

    pub(super) fn append(&mut self, more: &Self) {
        for at in 0..more.ends.len() {
            self.push(more.get(at));
        }
    }

    /// The text at a place; nothing where there is none.
    pub(super) fn get(&self, at: usize) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(self.all.len(), |end| *end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        self.all.get(start..end(at)).unwrap_or_default()
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.get(at))
    }

    pub(super) fn size(&self) -> usize {
        self.all.capacity() + reserved(&self.ends)
    }

    pub(super) fn shrink(&mut self) {
        self.all.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}
