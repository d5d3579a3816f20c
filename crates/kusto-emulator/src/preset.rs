//! Faults by one word: what goes wrong with a service, and which requests meet it.

use std::fmt;
use std::time::Duration;

use kusto_ingest_core::Result;
use kusto_storage::Operation;

use crate::state::ServerState;
use crate::{HttpFault, HttpFaultPlan, Route};

/// How long a slow answer takes.
const SLOW: Duration = Duration::from_secs(2);

/// How long a throttled client is told to wait.
const THROTTLED: Duration = Duration::from_secs(1);

/// Something that goes wrong with a service, until the faults are [cleared](crate::Emulator::clear_faults).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultPreset {
    /// A third of the requests that put or name blobs, put messages or stream data is answered 429.
    Throttle,
    /// A tenth of the requests is done, and the answer never comes.
    LostAnswers,
    /// Every answer comes two seconds later.
    Slow,
    /// The first storage account resets every connection.
    AccountDown,
    /// Every SAS that was issued so far is revoked, once.
    SasRevoked,
    /// Management commands, and queued ingestion over REST, are answered 503.
    DmDown,
    /// Streamed data is answered 503.
    StreamingDown,
}

impl FaultPreset {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Throttle,
        Self::LostAnswers,
        Self::Slow,
        Self::AccountDown,
        Self::SasRevoked,
        Self::DmDown,
        Self::StreamingDown,
    ];

    /// Its word, such as `lost-answers`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::LostAnswers => "lost-answers",
            Self::Slow => "slow",
            Self::AccountDown => "account-down",
            Self::SasRevoked => "sas-revoked",
            Self::DmDown => "dm-down",
            Self::StreamingDown => "streaming-down",
        }
    }

    /// The preset of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == word)
    }

    pub(crate) fn inject(self, state: &ServerState) -> Result<()> {
        let away = || HttpFault::Status(503, "ServiceUnavailable".to_owned());
        let plans = match self {
            Self::Throttle => [
                Route::Storage(Operation::PutBlob),
                Route::Storage(Operation::PutMessage),
                Route::QueuedSubmission,
                Route::Streaming,
            ]
            .map(|route| {
                HttpFaultPlan::new(HttpFault::Throttled(THROTTLED))
                    .on(route)
                    .for_percent(33)
            })
            .to_vec(),
            Self::LostAnswers => vec![HttpFaultPlan::new(HttpFault::ResponseLost).for_percent(10)],
            Self::Slow => vec![HttpFaultPlan::new(HttpFault::Delay(SLOW))],
            Self::AccountDown => {
                let issued = state.fake.issued_resources()?;
                let account = issued
                    .containers
                    .first()
                    .map_or("", |container| container.account());
                vec![HttpFaultPlan::new(HttpFault::ResetBeforeBody).in_account(account)]
            }
            Self::SasRevoked => {
                // It happens each time, and nothing goes on: it is told until the faults are cleared.
                state.fake.revoke_sas_tokens()?;
                Vec::new()
            }
            Self::DmDown => [
                Route::Management,
                Route::IngestionConfiguration,
                Route::QueuedSubmission,
                Route::QueuedOperation,
            ]
            .map(|route| HttpFaultPlan::new(away()).on(route))
            .to_vec(),
            Self::StreamingDown => vec![HttpFaultPlan::new(away()).on(Route::Streaming)],
        };
        let plans = plans.into_iter().map(HttpFaultPlan::forever);
        state.faults.plan_preset(self.name(), plans.collect());
        Ok(())
    }
}

impl fmt::Display for FaultPreset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
