//! What is wrong with one account of three is no fault of the other two: whatever it is, and whichever request it hits.

use std::time::Duration;

use kusto_emulator::{Emulator, HttpFault, HttpFaultPlan, Route};
use kusto_fake::testing::{blob_of, messages};
use kusto_ingest::queued::QueuedClient;
use kusto_ingest::retry::OnUnknownOutcome;
use kusto_ingest::status::ReceiptState;
use kusto_ingest::{IngestClientExt, IngestionProperties, LocalSource};
use kusto_storage::Operation;
use serde_json::Value;

use super::all_keep_the_promise;
use crate::setup::{self, paused, properties, tracked};

const BAD: &str = "acctb";
const BLOCK: usize = 1024;

/// How many sources are ingested at most until the bad account has had its turn, which is drawn.
const MANY: usize = 60;

/// For how many rounds the other accounts are away.
const AWAY: u32 = 4;

/// How often a block or a commit is sent to a container that fails in passing, where there is another.
const IN_PLACE: u64 = 3;

/// What is wrong with the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Status(u16, &'static str),
    Unreadable,
    Throttled,
    Reset,
    NobodyThere,
}

/// The request that it is seen at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Put,
    Block,
    Commit,
    Post,
    Table,
}

impl Wrong {
    const ALL: [Self; 10] = [
        Self::Status(401, "NoAuthenticationInformation"),
        Self::Status(403, "AuthenticationFailed"),
        Self::Status(404, "ResourceNotFound"),
        Self::Status(409, "AccountBeingCreated"),
        Self::Status(302, "Found"),
        Self::Status(503, "ServerBusy"),
        Self::Unreadable,
        Self::Throttled,
        Self::Reset,
        Self::NobodyThere,
    ];

    fn fault(self) -> Option<HttpFault> {
        match self {
            Self::Status(status, code) => Some(HttpFault::Status(status, code.to_owned())),
            // A success that is none of this request's.
            Self::Unreadable => Some(HttpFault::Status(200, "Portal".to_owned())),
            Self::Throttled => Some(HttpFault::Throttled(Duration::from_secs(3))),
            Self::Reset => Some(HttpFault::ResetBeforeBody),
            Self::NobodyThere => None,
        }
    }

    fn passes(self) -> bool {
        matches!(
            self,
            Self::Status(503, _) | Self::Throttled | Self::Reset | Self::NobodyThere
        )
    }
}

impl Step {
    const ALL: [Self; 5] = [Self::Put, Self::Block, Self::Commit, Self::Post, Self::Table];

    fn route(self) -> Route {
        Route::Storage(match self {
            Self::Put => Operation::PutBlob,
            Self::Block => Operation::StageBlock,
            Self::Commit => Operation::CommitBlocks,
            Self::Post => Operation::PutMessage,
            Self::Table => Operation::InsertEntity,
        })
    }

    /// How long the source is: three blocks where they are what it is about.
    fn length(self) -> usize {
        match self {
            Self::Block | Self::Commit => 2 * BLOCK + 1,
            Self::Put | Self::Post | Self::Table => 100,
        }
    }

    /// How often one ingestion may ask the bad account at most.
    fn most(self, wrong: Wrong) -> u64 {
        match (self, wrong) {
            // Another container or queue of the account may be there. Two blocks are under way at once.
            (Self::Block, Wrong::Status(404, _)) => 2 * 2,
            (Self::Put | Self::Commit | Self::Post, Wrong::Status(404, _)) => 2,
            (Self::Block, _) if wrong.passes() => 2 * IN_PLACE,
            (Self::Commit, _) if wrong.passes() => IN_PLACE,
            (Self::Block, _) => 2,
            _ => 1,
        }
    }
}

async fn emulator(wrong: Wrong, step: Step) -> Emulator {
    let builder = paused().with_accounts(["accta", BAD, "acctc"]);
    let builder = builder.with_resource_issuer(move |issuer| {
        let issuer = issuer.with_status_table_in_each();
        match wrong {
            Wrong::NobodyThere => issuer.with_account_at(BAD, "http://127.0.0.1:1"),
            _ => issuer,
        }
    });
    let emulator = setup::emulator(builder).await;
    if let Some(fault) = wrong.fault() {
        let plan = HttpFaultPlan::new(fault).on(step.route()).in_account(BAD);
        emulator.plan(plan.forever());
    }
    emulator
}

/// How often the bad account was asked for this so far.
fn asked(emulator: &Emulator, step: Step) -> u64 {
    let at_account = format!("/{BAD}/");
    let requests = emulator.requests();
    let asked = requests
        .iter()
        .filter(|request| request.route == step.route() && request.path.starts_with(&at_account));
    asked.count() as u64
}

/// A client, and the properties by which the step is taken.
fn client(emulator: &Emulator, step: Step) -> (QueuedClient, IngestionProperties) {
    // A post that meets a reset may have arrived.
    let retry = OnUnknownOutcome::Retry;
    let kusto = setup::client(emulator, |builder| {
        builder.with_blocks(BLOCK, 2).with_on_unknown_outcome(retry)
    });
    let properties = match step {
        Step::Table => tracked(),
        _ => properties(),
    };
    let parquet = "parquet".parse().expect("a format");
    (kusto.queued(), properties.with_format(parquet))
}

/// Ingests one source, and tells what is wrong with the outcome.
async fn not_acknowledged(
    client: &QueuedClient,
    properties: &IngestionProperties,
    step: Step,
) -> Option<String> {
    let source = LocalSource::from_bytes(vec![b'x'; step.length()]);
    let outcome = client.ingest(source, properties).await;
    let state = outcome.as_ref().map(|receipt| &receipt.state);
    if matches!(state, Ok(ReceiptState::Queued | ReceiptState::Tracked(_))) {
        return None;
    }
    Some(outcome.map_or_else(|error| error.chain(), |receipt| format!("{receipt:?}")))
}

/// Ingests until the bad account was met, and says what should not be.
async fn broken_promise(wrong: Wrong, step: Step) -> Option<String> {
    let emulator = emulator(wrong, step).await;
    let (client, properties) = client(&emulator, step);
    let is_met = |ingested: usize| match wrong {
        // What is never asked leaves no trace.
        Wrong::NobodyThere => ingested >= 12,
        _ => asked(&emulator, step) > 0,
    };
    let mut ingested = 0;
    while !is_met(ingested) && ingested < MANY {
        if let Some(told) = not_acknowledged(&client, &properties, step).await {
            return Some(format!("{wrong:?} {step:?}: {told}"));
        }
        ingested += 1;
    }
    let asked = asked(&emulator, step);
    if asked > step.most(wrong) {
        return Some(format!(
            "{wrong:?} {step:?}: asked {asked} times by one ingestion"
        ));
    }
    let wrong_end = if !is_met(ingested) {
        "it never had its turn"
    } else {
        wrong_end(&emulator, step, ingested)?
    };
    Some(format!("{wrong:?} {step:?}: {wrong_end}"))
}

/// Ingests one source while the other accounts are away for some rounds, and says what should not be.
async fn broken_later_round(wrong: Wrong, step: Step) -> Option<String> {
    let emulator = emulator(wrong, step).await;
    for other in ["accta", "acctc"] {
        let away = HttpFault::Status(503, "ServerBusy".to_owned());
        let plan = HttpFaultPlan::new(away).on(step.route()).in_account(other);
        emulator.plan(plan.times(AWAY));
    }
    let (client, properties) = client(&emulator, step);
    if let Some(told) = not_acknowledged(&client, &properties, step).await {
        return Some(format!("{wrong:?} {step:?}: {told}"));
    }
    let (asked, most) = (asked(&emulator, step), step.most(wrong));
    let most = if wrong.passes() {
        (u64::from(AWAY) + 1) * most
    } else {
        most
    };
    if !(1..=most).contains(&asked) {
        return Some(format!(
            "{wrong:?} {step:?}: asked {asked} times while the others were away"
        ));
    }
    wrong_end(&emulator, step, 1).map(|wrong_end| format!("{wrong:?} {step:?}: {wrong_end}"))
}

/// What is wrong with the messages of so many ingestions.
fn wrong_end(emulator: &Emulator, step: Step, ingested: usize) -> Option<&'static str> {
    let bytes = vec![b'x'; step.length()];
    let messages = messages(emulator.fake());
    let is_whole = |message: &Value| blob_of(emulator.fake(), message).is_some_and(|blob| blob == bytes);
    if messages.len() != ingested {
        Some("a message is missing, or there twice")
    } else if !messages.iter().all(is_whole) {
        Some("a blob is not whole")
    } else {
        None
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_account_of_three_is_left_and_all_is_acknowledged_and_whole() {
    let mut cells = Vec::new();
    for step in Step::ALL {
        cells.extend(Wrong::ALL.map(|wrong| broken_promise(wrong, step)));
    }
    all_keep_the_promise(cells).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_for_good_is_asked_once_in_an_operation_and_what_passes_once_a_round() {
    let mut cells = Vec::new();
    // Blocks and commits are sent again in place before there is a second round.
    for step in [Step::Put, Step::Post, Step::Table] {
        let wrongs = Wrong::ALL
            .into_iter()
            .filter(|wrong| *wrong != Wrong::NobodyThere);
        cells.extend(wrongs.map(|wrong| broken_later_round(wrong, step)));
    }
    all_keep_the_promise(cells).await;
}
