//! The end of a run that keeps a journal: what it has to say, and what was not found again.

use super::{NAMED, Resume};
use crate::report::{self, CommandError, Exit};

impl Resume {
    /// Says how much was left out, and what else is to be known before anything is sent.
    pub(crate) fn tell(&self) {
        let path = self.journal.path().display();
        match self.done {
            0 => {}
            1 => report::note(&format!("1 source is left out: {path} has it as done")),
            many => report::note(&format!("{many} sources are left out: {path} has them as done")),
        }
        let more = self.doubtful.saturating_sub(NAMED);
        if more > 0 {
            report::warning(&format!(
                "{more} more sources may be ingested twice; {path} has their names"
            ));
        }
    }

    /// Has all of the journal on the disk, and names what nobody knows of and was not found again; whether everything was
    /// `found` tells whether that can be said.
    ///
    /// # Errors
    /// Something could not be written down.
    pub(crate) async fn finish(self, found: bool) -> Result<(), CommandError> {
        let leftover: Vec<_> = self.leftover.iter().copied().filter(|_| found).collect();
        for id in leftover.iter().take(NAMED as usize) {
            if let Ok(Some(record)) = self.journal.last(*id).await {
                report::warning(&format!(
                    "{}: an earlier run sent it, nobody knows whether it arrived, and it is not among the sources any more",
                    record.source.name
                ));
            }
        }
        let more = leftover.len().saturating_sub(NAMED as usize);
        if more > 0 {
            report::warning(&format!(
                "{more} more sources of earlier runs are unknown, and not among the sources any more"
            ));
        }
        let failure = self.journal.failure();
        let finished = self.journal.finish().await;
        let why = failure.or(finished.err().map(|error| error.chain()));
        why.map_or(Ok(()), |why| Err(CommandError::new(Exit::Bug, why)))
    }
}
