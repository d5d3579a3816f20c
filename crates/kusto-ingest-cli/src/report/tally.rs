//! What became of more sources than are to be held: each is told at once, and what they add up to in the end.

use std::time::Duration;

use super::exit::Verdict;
use super::json::{self, Summary};
use super::{
    Cause, CommandError, Events, Exit, Outcome, Output, Report, ReportFile, complaints, error, note, output,
    text,
};

/// The most failures that people are shown.
const SHOWN: usize = 100;

/// What became of sources, told as it is learned. What it holds does not grow with their number.
#[derive(Debug)]
pub(crate) struct Tally {
    output: Output,
    place: (String, String),
    /// The first ones, while all of them can be listed; of more, those that failed, up to a limit.
    shown: Vec<Outcome>,
    unshown_failures: usize,
    summary: Summary,
    verdict: Verdict,
    wants_sign_in: bool,
    file: ReportFile,
}

impl Tally {
    /// Nothing yet.
    pub(crate) fn new(output: Output, place: (String, String), file: ReportFile) -> Self {
        Self {
            output,
            place,
            shown: Vec::new(),
            unshown_failures: 0,
            summary: Summary::of(&[], Duration::ZERO),
            verdict: Verdict::default(),
            wants_sign_in: false,
            file,
        }
    }

    /// How many sources there are so far.
    pub(crate) fn sources(&self) -> usize {
        self.summary.sources
    }

    /// Tells of a source.
    ///
    /// # Errors
    /// Standard output cannot be written to.
    pub(crate) fn add(&mut self, outcome: Outcome) -> Result<(), CommandError> {
        let is_first = self.summary.sources == 0;
        self.file.add(&outcome);
        self.summary.add(&outcome);
        self.verdict.note(&outcome);
        self.wants_sign_in |= outcome.wants_sign_in();
        match self.output {
            Output::Text => {}
            Output::Json if is_first => {
                let begin = json::begin(&self.place.0, &self.place.1);
                write(&(begin + &json::element(&outcome, is_first)))?;
            }
            Output::Json => write(&json::element(&outcome, is_first))?,
            Output::Ndjson => write(&json::result_line(Some(&self.place), &outcome))?,
        }
        if self.summary.sources == text::SHORT + 1 {
            self.shown.retain(is_remarkable);
        }
        let is_listed = self.summary.sources <= text::SHORT || is_remarkable(&outcome);
        match is_listed {
            true if self.shown.len() < SHOWN => self.shown.push(outcome),
            true => self.unshown_failures += usize::from(outcome.failure.is_some()),
            false => {}
        }
        Ok(())
    }

    /// Tells what all add up to, and how the command ends.
    ///
    /// # Errors
    /// All was done, and standard output cannot be written to.
    pub(crate) fn tell(
        mut self,
        elapsed: Duration,
        cause: Option<Cause>,
        done_before: Option<u64>,
        sign_in_hint: Option<&'static str>,
    ) -> Result<Exit, CommandError> {
        self.summary.set_elapsed(elapsed);
        self.summary.done_before = done_before;
        let filed = self.file.finish();
        let exit = self.verdict.exit(cause.is_some(), false);
        let told_together = output::are_read_together();
        let printed = match self.output {
            Output::Json if self.summary.sources == 0 => {
                write(&(json::begin(&self.place.0, &self.place.1) + &json::end(&self.summary)))
            }
            Output::Json => write(&json::end(&self.summary)),
            Output::Ndjson => write(&json::summary_line(&self.place, &self.summary)),
            Output::Text => output::print(&self.text(elapsed, told_together)),
        };
        let most = match (self.output, told_together) {
            (_, false) => complaints::TOLD,
            (Output::Text, true) => usize::MAX,
            (Output::Json | Output::Ndjson, true) => 0,
        };
        complaints::complaints(&self.shown, most)
            .iter()
            .for_each(|complaint| error(complaint));
        if self.unshown_failures > 0 {
            error(&format!(
                "{} further failures; --output ndjson lists all",
                self.unshown_failures
            ));
        }
        if cause.is_some() {
            let (sources, counts) = text::counted(&self.summary);
            error(&format!("{}: of {sources}: {counts}", super::interrupted(cause)));
        }
        if self.wants_sign_in {
            sign_in_hint.iter().for_each(|hint| note(hint));
        }
        output::ended(exit, filed.and(printed))
    }

    fn text(&mut self, elapsed: Duration, told_together: bool) -> String {
        let report = Report {
            place: Some(self.place.clone()),
            outcomes: std::mem::take(&mut self.shown),
            elapsed,
            cause: None,
            limit: None,
            ends_early: false,
            with_receipts: false,
            receipts: None,
            rows: None,
            sign_in_hint: None,
            events: Events::default(),
            done_before: self.summary.done_before,
            file: ReportFile::default(),
        };
        let text = text::report_of(&report, &self.summary, told_together);
        self.shown = report.outcomes;
        text
    }
}

/// Whether people are to see it also among many.
fn is_remarkable(outcome: &Outcome) -> bool {
    outcome.failure.is_some() || outcome.may_be_duplicated()
}

fn write(text: &str) -> Result<(), CommandError> {
    output::write(text).map_err(|error| output::unwritten(&error))
}
