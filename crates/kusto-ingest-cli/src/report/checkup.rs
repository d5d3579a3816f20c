//! What a checkup found: a line for each hop, with its remedy.

use serde::Serialize;

use super::json::{line, written};
use super::{Exit, Output};

/// What was found of one hop between this machine and the table.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Check {
    pub(crate) hop: String,
    pub(crate) verdict: Verdict,
    pub(crate) found: String,
    pub(crate) remedy: Option<String>,
    /// How the command ends because of it.
    #[serde(skip)]
    pub(crate) exit: Exit,
}

/// Whether a hop is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Ok,
    /// It may be in the way.
    Warning,
    Failed,
    /// It could not be looked at, or need not be.
    Skipped,
}

impl Check {
    /// In order.
    pub(crate) fn ok(hop: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(hop, Verdict::Ok, found)
    }

    /// Not looked at.
    pub(crate) fn skipped(hop: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(hop, Verdict::Skipped, found)
    }

    /// Perhaps in the way.
    pub(crate) fn warning(
        hop: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..Self::new(hop, Verdict::Warning, found)
        }
    }

    /// In the way.
    pub(crate) fn failed(
        hop: impl Into<String>,
        exit: Exit,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            remedy: Some(remedy.into()),
            exit,
            ..Self::new(hop, Verdict::Failed, found)
        }
    }

    /// Whether it is in the way.
    pub(crate) fn is_failed(&self) -> bool {
        self.verdict == Verdict::Failed
    }

    fn new(hop: impl Into<String>, verdict: Verdict, found: impl Into<String>) -> Self {
        Self {
            hop: hop.into(),
            verdict,
            found: found.into(),
            remedy: None,
            exit: Exit::Done,
        }
    }
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }
}

/// How the command ends: sign-in goes before what is not reached, and that before all else.
pub(crate) fn exit_of(checks: &[Check]) -> Exit {
    let any = |exit| checks.iter().any(|check| check.exit == exit);
    [Exit::SignIn, Exit::Unavailable, Exit::AllFailed]
        .into_iter()
        .find(|exit| any(*exit))
        .unwrap_or(Exit::Done)
}

/// The checks, as standard output has them.
pub(crate) fn checkup(checks: &[Check], output: Output) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        checks: &'a [Check],
        failed: usize,
        warnings: usize,
    }
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    match output {
        Output::Text => {
            let lines: Vec<String> = checks.iter().map(text).collect();
            lines.join("\n")
        }
        Output::Json => written(&Document {
            checks,
            failed: count(Verdict::Failed),
            warnings: count(Verdict::Warning),
        }),
        Output::Ndjson => checks.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

fn text(check: &Check) -> String {
    let remedy = check
        .remedy
        .as_ref()
        .map(|remedy| format!("\n         -> {remedy}"));
    format!(
        "{:8} {}: {}{}",
        check.verdict.name(),
        check.hop,
        check.found,
        remedy.unwrap_or_default()
    )
}
