//! How deep something is, and how large.

use std::iter::Sum;
use std::ops::Add;

/// How deep something is, and how large. Of several: as deep as the deepest, and as large as all together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    pub(crate) depth: u32,
    pub(crate) size: u32,
}

impl Add for Extent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            size: self.size.saturating_add(other.size),
        }
    }
}

impl Sum for Extent {
    fn sum<I: Iterator<Item = Self>>(several: I) -> Self {
        several.fold(Self::default(), Add::add)
    }
}
