//! The policies of databases and tables: kept as texts, and read where they are obeyed.

use std::collections::BTreeMap;
use std::time::Duration;

use kusto_ingest_core::Timespan;
use serde::Deserialize;
use serde_json::Value as Json;

/// The policies that somebody has set, as JSON.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies(BTreeMap<&'static str, String>);

/// A kind of policy.
#[derive(Debug)]
pub(crate) struct PolicyKind {
    /// What commands call it.
    pub(crate) word: &'static str,
    /// What answers call it.
    pub(crate) name: &'static str,
}

impl PolicyKind {
    const fn new(word: &'static str, name: &'static str) -> Self {
        Self { word, name }
    }

    /// The kind that commands call so.
    pub(crate) fn of(word: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.word.eq_ignore_ascii_case(word))
    }

    /// All kinds, as commands call them.
    pub(crate) fn words() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|kind| kind.word)
    }
}

const KINDS: &[PolicyKind] = &[
    PolicyKind::new("auto_delete", "AutoDeletePolicy"),
    PolicyKind::new("caching", "CachingPolicy"),
    PolicyKind::new("capacity", "CapacityPolicy"),
    PolicyKind::new("encoding", "EncodingPolicy"),
    PolicyKind::new("extent_tags_retention", "ExtentTagsRetentionPolicy"),
    PolicyKind::new("ingestionbatching", "IngestionBatchingPolicy"),
    PolicyKind::new("ingestiontime", "IngestionTimePolicy"),
    PolicyKind::new("managed_identity", "ManagedIdentityPolicy"),
    PolicyKind::new("merge", "ExtentsMergePolicy"),
    PolicyKind::new("partitioning", "PartitioningPolicy"),
    PolicyKind::new("restricted_view_access", "RestrictedViewAccessPolicy"),
    PolicyKind::new("retention", "RetentionPolicy"),
    PolicyKind::new("row_level_security", "RowLevelSecurityPolicy"),
    PolicyKind::new("roworder", "RowOrderPolicy"),
    PolicyKind::new("sharding", "ShardingPolicy"),
    PolicyKind::new("streamingingestion", "StreamingIngestionPolicy"),
    PolicyKind::new("update", "UpdatePolicy"),
];

impl Policies {
    /// What somebody has set.
    pub(crate) fn find(&self, word: &str) -> Option<&str> {
        self.0.get(word).map(String::as_str)
    }

    /// All that somebody has set, with what commands call it.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(word, json)| (*word, json.as_str()))
    }

    pub(crate) fn set(&mut self, kind: &'static PolicyKind, json: String) {
        self.0.insert(kind.word, json);
    }

    pub(crate) fn remove(&mut self, kind: &PolicyKind) {
        self.0.remove(kind.word);
    }

    /// Whether data may be streamed; `None` where nobody has said so.
    pub(crate) fn streams(&self) -> Option<bool> {
        let policy: Json = serde_json::from_str(self.find("streamingingestion")?).ok()?;
        policy.get("IsEnabled").and_then(Json::as_bool)
    }

    /// When queued data is sealed; `None` where nobody has said so.
    pub(crate) fn batching(&self) -> Option<BatchingPolicy> {
        serde_json::from_str::<Written>(self.find("ingestionbatching")?)
            .ok()
            .map(BatchingPolicy::from)
    }

    /// What other tables' rows become in this one.
    pub(crate) fn updates(&self) -> Vec<UpdatePolicy> {
        let policies = self.find("update").map(serde_json::from_str);
        policies.and_then(Result::ok).unwrap_or_default()
    }
}

/// When a batch of queued sources is sealed: whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchingPolicy {
    pub(crate) time: Duration,
    pub(crate) items: usize,
    /// Of uncompressed data.
    pub(crate) bytes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    maximum_batching_time_span: Option<String>,
    maximum_number_of_items: Option<usize>,
    #[serde(rename = "MaximumRawDataSizeMB")]
    megabytes: Option<u64>,
}

impl From<Written> for BatchingPolicy {
    /// What is not said is as the service has it: five minutes, 500 sources, 1 GiB.
    fn from(written: Written) -> Self {
        let span = written.maximum_batching_time_span;
        let span = span.and_then(|span| Timespan::parse(&span));
        let ticks = span.map(|span| u64::try_from(span.ticks()).unwrap_or(0));
        Self {
            time: ticks.map_or(Duration::from_secs(300), |ticks| {
                Duration::from_micros(ticks / 10)
            }),
            items: written.maximum_number_of_items.unwrap_or(500),
            bytes: written.megabytes.unwrap_or(1024) << 20,
        }
    }
}

/// What the rows of another table become in this one.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct UpdatePolicy {
    pub(crate) is_enabled: bool,
    pub(crate) source: String,
    pub(crate) query: String,
    /// Whether the rows do not come into the source either where the query fails.
    pub(crate) is_transactional: bool,
    pub(crate) propagate_ingestion_properties: bool,
}

impl Default for UpdatePolicy {
    fn default() -> Self {
        Self {
            is_enabled: true,
            source: String::new(),
            query: String::new(),
            is_transactional: false,
            propagate_ingestion_properties: false,
        }
    }
}
