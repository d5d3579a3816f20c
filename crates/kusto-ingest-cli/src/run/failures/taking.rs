//! Taking reports out of the queues that all share: a few at a time, and no more than can be printed.

use std::io;

use kusto_ingest::Result as Answer;
use kusto_ingest::status::Notifications;

use super::FailuresError;
use crate::report::{self, BatchedReports, CommandError, Exit, Failures};

/// Takes up to so many reports and prints each batch before the next is taken, so that an end of this process, of its
/// standard output or of the visibility timeout loses a batch at most.
pub(super) async fn take(
    limit: usize,
    mut sheet: BatchedReports,
    mut take: impl AsyncFnMut(usize) -> Answer<Failures>,
    mut write: impl FnMut(&str) -> io::Result<()>,
    is_interrupted: impl Fn() -> bool,
) -> Result<Exit, FailuresError> {
    let mut left = limit;
    let mut failed = None;
    while left > 0 && !is_interrupted() {
        let wanted = left.min(Notifications::DEFAULT_LIMIT);
        let batch = match take(wanted).await {
            Ok(batch) => batch,
            Err(error) => {
                failed = Some(error);
                break;
            }
        };
        let count = batch.failures.len() + batch.unreadable.len();
        if let Err(error) = write(&sheet.more(batch)) {
            return Err(report::unwritten(&error).into());
        }
        if count < wanted {
            break;
        }
        left -= count;
    }
    match failed {
        Some(error) if sheet.is_empty() => return Err(error.into()),
        None if sheet.is_empty() && is_interrupted() => return Err(interrupted().into()),
        _ => write(&sheet.end()).map_err(|error| report::unwritten(&error))?,
    }
    match failed {
        Some(error) => Err(error.into()),
        None if is_interrupted() => Ok(Exit::Interrupted),
        None => Ok(Exit::Done),
    }
}

pub(super) fn interrupted() -> CommandError {
    CommandError::new(Exit::Interrupted, "interrupted before anything was taken")
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use futures::executor::block_on;
    use kusto_ingest::{Error, ErrorKind};

    use super::*;
    use crate::report::Output;

    /// Takes up to 1000 of 100 reports, and tells how many were taken in the end and what was printed of them.
    fn ended(
        fails_at: usize,
        write: impl Fn(&str) -> io::Result<()>,
        is_interrupted: impl Fn(usize) -> bool,
    ) -> (Result<Exit, FailuresError>, usize, String) {
        let (taken, printed) = (Cell::new(0), RefCell::new(String::new()));
        let done = block_on(take(
            1000,
            BatchedReports::new(Output::Json),
            async |most| {
                if taken.get() >= fails_at {
                    return Err(Error::new(ErrorKind::Unavailable, "take"));
                }
                let count = most.min(100 - taken.get());
                taken.set(taken.get() + count);
                Ok(Failures {
                    failures: Vec::new(),
                    unreadable: vec!["lost".to_owned(); count],
                    taken: true,
                })
            },
            |text| {
                write(text)?;
                printed.borrow_mut().push_str(text);
                Ok(())
            },
            || is_interrupted(taken.get()),
        ));
        (done, taken.get(), printed.into_inner())
    }

    fn count(printed: &str) -> usize {
        let printed: serde_json::Value = serde_json::from_str(printed).expect("it is whole");
        printed["unreadable"].as_array().expect("they are texts").len()
    }

    #[test]
    fn all_are_taken_and_printed_batch_by_batch() {
        let (done, taken, printed) = ended(1000, |_| Ok(()), |_| false);
        assert!(matches!(done, Ok(Exit::Done)));
        assert_eq!((taken, count(&printed)), (100, 100));
    }

    #[test]
    fn what_was_taken_before_an_interrupt_is_printed_and_no_more_is_taken() {
        let (done, taken, printed) = ended(1000, |_| Ok(()), |taken| taken > 32);
        assert!(matches!(done, Ok(Exit::Interrupted)));
        assert_eq!((taken, count(&printed)), (64, 64));
        let (done, taken, printed) = ended(1000, |_| Ok(()), |_| true);
        assert!(matches!(done, Err(FailuresError::Stopped(error)) if error.exit == Exit::Interrupted));
        assert_eq!((taken, printed.as_str()), (0, ""));
    }

    #[test]
    fn no_more_is_taken_than_can_be_printed() {
        for (why, code) in [
            (io::ErrorKind::StorageFull, Exit::Bug),
            (io::ErrorKind::BrokenPipe, Exit::ClosedPipe),
        ] {
            let (done, taken, _) = ended(1000, |_| Err(why.into()), |_| false);
            let is_told = matches!(done, Err(FailuresError::Stopped(error)) if error.exit == code);
            assert_eq!((is_told, taken), (true, 32), "{why}");
        }
    }

    #[test]
    fn what_was_taken_before_the_service_failed_is_printed() {
        let (done, _, printed) = ended(64, |_| Ok(()), |_| false);
        assert!(matches!(done, Err(FailuresError::Service(_))));
        assert_eq!(count(&printed), 64);
        let (done, _, printed) = ended(0, |_| Ok(()), |_| false);
        assert!(matches!(done, Err(FailuresError::Service(_))) && printed.is_empty());
    }
}
