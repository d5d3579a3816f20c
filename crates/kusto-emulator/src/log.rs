//! The request log of an emulator: counters, and the latest requests without their secrets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Route;

/// How many requests are remembered.
const REMEMBERED: usize = 10_000;

/// A request that was answered or cut off, without what may be secret: queries and bodies are left out, and headers
/// are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestRecord {
    /// Its route.
    pub route: Route,
    /// Its method.
    pub method: String,
    /// Its path, not percent-encoded, without what may be secret in it.
    pub path: String,
    /// Its client request id.
    pub client_request_id: Option<String>,
    /// The application, from the header `x-ms-app`.
    pub application: Option<String>,
    /// The user, from the header `x-ms-user`.
    pub user: Option<String>,
    /// The client version, from the header `x-ms-client-version`.
    pub client_version: Option<String>,
    /// Its headers, without what may be secret in them.
    pub headers: Vec<(String, String)>,
    /// How many bytes of its body were read.
    pub body_bytes: u64,
    /// The HTTP status; `None` when the connection was closed without one.
    pub status: Option<u16>,
}

/// The requests that an emulator's server answered.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    accepted: u64,
    asked: BTreeMap<Route, u64>,
    ended: VecDeque<RequestRecord>,
}

impl RequestLog {
    pub(crate) fn accept(&self) {
        self.entries().accepted += 1;
    }

    pub(crate) fn ask(&self, route: Route) {
        *self.entries().asked.entry(route).or_default() += 1;
    }

    pub(crate) fn end(&self, record: RequestRecord) {
        let mut entries = self.entries();
        if entries.ended.len() == REMEMBERED {
            entries.ended.pop_front();
        }
        entries.ended.push_back(record);
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.entries().accepted
    }

    pub(crate) fn request_count(&self, route: Route) -> u64 {
        self.entries().asked.get(&route).copied().unwrap_or_default()
    }

    pub(crate) fn clear(&self) {
        *self.entries() = Entries::default();
    }

    pub(crate) fn ended(&self) -> Vec<RequestRecord> {
        self.entries().ended.iter().cloned().collect()
    }

    /// The latest of these requests, at most so many, the newest first.
    pub(crate) fn latest(&self, most: usize, wanted: impl Fn(&RequestRecord) -> bool) -> Vec<RequestRecord> {
        let entries = self.entries();
        let latest = entries.ended.iter().rev().filter(|record| wanted(record));
        latest.take(most).cloned().collect()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
