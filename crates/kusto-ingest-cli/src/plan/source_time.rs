//! When the data of a source was created: the arguments go first, then metadata, then the path.

use kusto_ingest::clock::Timestamp;
use kusto_ingest::{Error, ErrorKind};

use super::DiscoveredSource;
use super::creation_time::CreationTimePattern;
use crate::args::{BackfillArgs, MissingTime};
use crate::report::{self, CommandError};

/// What is known of when the data of a source was created.
pub(crate) enum SourceTime {
    /// This, or nothing, and nothing has to be.
    Known(Option<Timestamp>),
    /// Nothing, and the source is left out.
    Skip,
    /// Nothing, and the source fails.
    Missing(Error),
}

/// What tells it, for all sources of a job.
#[derive(Debug)]
pub(crate) struct SourceTimes {
    given: Option<Timestamp>,
    pattern: Option<CreationTimePattern>,
    missing: MissingTime,
}

impl SourceTimes {
    /// What the arguments say.
    ///
    /// # Errors
    /// A pattern that cannot be used.
    pub(crate) fn new(given: Option<Timestamp>, args: &BackfillArgs) -> Result<Self, CommandError> {
        Ok(Self {
            given,
            pattern: CreationTimePattern::of(args)?,
            missing: args.creation_time_missing,
        })
    }

    /// When the data of a source was created.
    pub(crate) fn of(&self, found: &DiscoveredSource) -> SourceTime {
        let metadata = match found {
            DiscoveredSource::Blob(_, facts) | DiscoveredSource::Object(_, facts, _) => facts.creation_time,
            _ => None,
        };
        let known = self.given.or(metadata);
        let (None, Some(pattern)) = (known, &self.pattern) else {
            return SourceTime::Known(known);
        };
        let shown = found.shown();
        match (pattern.time_in(&shown), self.missing) {
            (Some(time), _) => SourceTime::Known(Some(time)),
            (None, MissingTime::Ignore) => SourceTime::Known(None),
            (None, MissingTime::Skip) => SourceTime::Skip,
            (None, MissingTime::Fail) => SourceTime::Missing(
                Error::new(ErrorKind::InvalidInput, "find the creation time").because(format!(
                    "{shown} does not tell it as --creation-time-pattern or --creation-time-regex says; \
                     --creation-time-missing says what is done then"
                )),
            ),
        }
    }
}

/// Says how many sources were skipped, as their paths tell no creation time.
pub(crate) fn tell_skipped(sources: u64) {
    if sources > 0 {
        report::warning(&format!(
            "{sources} sources are left out, whose paths tell no creation time"
        ));
    }
}
