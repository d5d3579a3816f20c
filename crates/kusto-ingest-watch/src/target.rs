//! Which files go where.

use std::sync::Arc;

use glob::{MatchOptions, Pattern};
use kusto_ingest_core::{Error, ErrorKind, IngestionProperties, Result};

/// Files whose paths match a pattern, and where they go.
#[derive(Clone, Debug)]
pub struct WatchTarget {
    pattern: Pattern,
    properties: Arc<IngestionProperties>,
}

impl WatchTarget {
    /// Files that match go by these properties. `*.csv` looks at the last part of a path, `sales/**/*.csv` at all of it below
    /// the folder.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a pattern that is none, and for properties with `ingest_if_not_exists`: a file that is
    /// queued counts as done, and the service may skip it after that.
    pub fn new(pattern: &str, properties: IngestionProperties) -> Result<Self> {
        if let Some(tag) = properties.ingest_if_not_exists.first() {
            return Err(Error::new(ErrorKind::InvalidInput, "watch for files").because(format!(
                "a file of the pattern {pattern:?} counts as done when it is queued, and may be skipped by the tag {tag:?} after \
                 that (ingest_if_not_exists): leave it out"
            )));
        }
        let pattern = Pattern::new(pattern).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "read the pattern")
                .because(format!("{pattern:?}: {}", error.msg))
        })?;
        Ok(Self {
            pattern,
            properties: Arc::new(properties),
        })
    }

    fn takes(&self, below: &str) -> bool {
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        let name = below.rsplit('/').next().unwrap_or(below);
        let looked_at = if self.pattern.as_str().contains('/') {
            below
        } else {
            name
        };
        self.pattern.matches_with(looked_at, options)
    }
}

/// Targets in an order: a file goes to the first that takes it, and is left alone where none does.
#[derive(Clone, Debug, Default)]
pub struct WatchTargets(Arc<Vec<WatchTarget>>);

impl WatchTargets {
    /// Where a file goes, by its path below the folder with slashes between; none where no target takes it.
    #[must_use]
    pub fn of(&self, below: &str) -> Option<Arc<IngestionProperties>> {
        let target = self.0.iter().find(|target| target.takes(below))?;
        Some(target.properties.clone())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<WatchTarget> for WatchTargets {
    fn from_iter<T: IntoIterator<Item = WatchTarget>>(targets: T) -> Self {
        Self(Arc::new(targets.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use kusto_ingest_core::testing::properties;

    use super::*;

    #[test]
    fn the_first_target_that_takes_a_file_has_it() {
        let targets: WatchTargets = [("sales/**/*.csv", "Sales"), ("*.csv", "Other")]
            .into_iter()
            .map(|(pattern, table)| {
                let properties = IngestionProperties::into_table("D", table).unwrap();
                WatchTarget::new(pattern, properties).unwrap()
            })
            .collect();
        let table = |below: &str| targets.of(below).map(|properties| properties.table.to_string());
        assert_eq!(table("sales/2026/a.csv").as_deref(), Some("Sales"));
        assert_eq!(table("a.csv").as_deref(), Some("Other"));
        assert_eq!(table("a.json"), None);
        assert!(WatchTarget::new("a[", properties()).is_err());
        let once = properties()
            .with_ingest_by_tags(["x"])
            .with_ingest_if_not_exists(["x"]);
        let refused = WatchTarget::new("*", once).unwrap_err();
        assert!(refused.to_string().contains("may be skipped"), "{refused}");
    }
}
