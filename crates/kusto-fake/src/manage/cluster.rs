//! Commands that tell what this Kusto is.

use kusto_ingest_core::{Result, Timestamp};
use kusto_ingest_decode::{ScalarType, Value};

use super::args::Args;
use super::grammar::CommandSpec;
use super::session::{Action, action};
use crate::RequestKind;
use crate::answer::table_of;

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".show version", RequestKind::Version, version),
    CommandSpec::new(".show cluster", RequestKind::Show, nodes),
    CommandSpec::new(".show capacity {RESOURCE}", RequestKind::Show, capacity),
    CommandSpec::new(".show materialized-views", RequestKind::Show, views),
    CommandSpec::new(".show external tables", RequestKind::Show, external_tables),
    CommandSpec::new(".show running queries", RequestKind::Show, queries),
    CommandSpec::new(".show queries", RequestKind::Show, queries),
];

/// The version that this Kusto says it has.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn version(_args: &mut Args<'_>) -> Result<Action> {
    let columns = [
        ("BuildVersion", ScalarType::String),
        ("BuildTime", ScalarType::DateTime),
        ("ServiceType", ScalarType::String),
        ("ProductVersion", ScalarType::String),
        ("ServiceOffering", ScalarType::String),
    ];
    action(move |_| {
        Ok(table_of(&columns).with_row([
            Value::from(VERSION),
            Value::from(Timestamp::UNIX_EPOCH),
            Value::from("DataManagement"),
            Value::from(VERSION),
            Value::from("{\"Type\":\"Fake\"}"),
        ]))
    })
}

fn nodes(_args: &mut Args<'_>) -> Result<Action> {
    let columns = [
        ("NodeId", ScalarType::String),
        ("Address", ScalarType::String),
        ("Name", ScalarType::String),
        ("StartTime", ScalarType::DateTime),
        ("IsAdmin", ScalarType::Bool),
        ("MachineTotalMemory", ScalarType::Long),
        ("MachineAvailableMemory", ScalarType::Long),
        ("ProcessorCount", ScalarType::Int),
        ("EnvironmentDescription", ScalarType::String),
    ];
    action(move |session| {
        let most = i64::try_from(session.kusto.limits().max_stored_bytes).unwrap_or(i64::MAX);
        let used = i64::try_from(session.kusto.stored_bytes()).unwrap_or(i64::MAX);
        Ok(table_of(&columns).with_row([
            Value::from("Fake"),
            Value::from("localhost"),
            Value::from("Fake"),
            Value::from(Timestamp::UNIX_EPOCH),
            Value::Bool(true),
            Value::Long(most),
            Value::Long(most.saturating_sub(used)),
            Value::Int(1),
            Value::from("{}"),
        ]))
    })
}

/// Resources, and how much of each there is for clients that take no more than that.
const CAPACITY: &[(&str, i64, &str)] = &[
    ("ingestions", 512, "CapacityPolicy/Ingestion"),
    ("extents-merge", 1, "CapacityPolicy/ExtentsMerge"),
    ("data-export", 100, "CapacityPolicy/Export"),
    ("extents-partition", 1, "CapacityPolicy/ExtentsPartition"),
    ("materialized-view", 1, "CapacityPolicy/MaterializedViews"),
    ("stored-query-results", 250, "CapacityPolicy/StoredQueryResults"),
    ("queries", 10_000, "WorkloadGroup/default"),
];

fn capacity(args: &mut Args<'_>) -> Result<Action> {
    let wanted = match args.lexer.peek_word() {
        "with" => "",
        _ => args.lexer.any_keyword(),
    };
    let wanted = wanted.to_ascii_lowercase();
    let known = |(name, _, _): &(&str, i64, &str)| wanted.is_empty() || *name == wanted;
    if !CAPACITY.iter().any(known) {
        return Err(args.lexer.expected("a resource that has a capacity before this"));
    }
    let columns = [
        ("Resource", ScalarType::String),
        ("Total", ScalarType::Long),
        ("Consumed", ScalarType::Long),
        ("Remaining", ScalarType::Long),
        ("Origin", ScalarType::String),
    ];
    action(move |_| {
        let chosen = CAPACITY
            .iter()
            .filter(|(name, _, _)| wanted.is_empty() || *name == wanted);
        Ok(chosen.fold(table_of(&columns), |answer, (name, total, origin)| {
            answer.with_row([
                Value::from(*name),
                Value::Long(*total),
                Value::Long(0),
                Value::Long(*total),
                Value::from(*origin),
            ])
        }))
    })
}

/// An answer that is always empty: there are none of these.
fn none(columns: &'static [(&'static str, ScalarType)]) -> Result<Action> {
    action(move |_| Ok(table_of(columns)))
}

fn views(_args: &mut Args<'_>) -> Result<Action> {
    none(&[
        ("Name", ScalarType::String),
        ("SourceTable", ScalarType::String),
        ("Query", ScalarType::String),
        ("MaterializedTo", ScalarType::DateTime),
        ("LastRun", ScalarType::DateTime),
        ("LastRunResult", ScalarType::String),
        ("IsHealthy", ScalarType::Bool),
        ("IsEnabled", ScalarType::Bool),
        ("Folder", ScalarType::String),
        ("DocString", ScalarType::String),
        ("AutoUpdateSchema", ScalarType::Bool),
        ("EffectiveDateTime", ScalarType::DateTime),
        ("Lookback", ScalarType::Timespan),
    ])
}

fn external_tables(_args: &mut Args<'_>) -> Result<Action> {
    none(&[
        ("TableName", ScalarType::String),
        ("TableType", ScalarType::String),
        ("Folder", ScalarType::String),
        ("DocString", ScalarType::String),
        ("Properties", ScalarType::String),
        ("ConnectionStrings", ScalarType::Dynamic),
        ("Partitions", ScalarType::Dynamic),
        ("PathFormat", ScalarType::String),
    ])
}

fn queries(_args: &mut Args<'_>) -> Result<Action> {
    none(&[
        ("ClientActivityId", ScalarType::String),
        ("Text", ScalarType::String),
        ("Database", ScalarType::String),
        ("StartedOn", ScalarType::DateTime),
        ("LastUpdatedOn", ScalarType::DateTime),
        ("Duration", ScalarType::Timespan),
        ("State", ScalarType::String),
        ("RootActivityId", ScalarType::Guid),
        ("User", ScalarType::String),
        ("FailureReason", ScalarType::String),
        ("TotalCpu", ScalarType::Timespan),
        ("Application", ScalarType::String),
        ("Principal", ScalarType::String),
    ])
}
