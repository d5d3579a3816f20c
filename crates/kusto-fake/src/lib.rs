#![doc = include_str!("../README.md")]

// The storage that it issues.
mod storage;

// What is to fail.
mod fault;
mod fault_plan;

// What a test does with it.
mod draining_tables;
mod fake;
mod identity_tokens;
mod issued_resources;
mod reset;

// What it answers.
mod answer;
mod catalog;
mod coverage;
mod endpoint;
mod export;
mod ingest_command;
mod lexer;
mod manage;
mod query;
mod refusal;
mod request_kind;

// What it keeps, and how much of it.
mod limits;
mod store;

// What it does with the queue, with ingest commands, and with streamed data.
mod appending;
mod batches;
mod blob_downloader;
mod direct;
mod ingestion_log;
mod ingestion_note;
mod operations;
mod other_stores;
mod queued_service;
mod streaming;
mod worker;

// What a log is told of it.
mod changes;
mod saving;

// How its endpoints speak over the wire.
pub mod wire;

// What tests share.
#[cfg(feature = "testing")]
pub mod testing;

pub use answer::{Answer, AnswerTable};
pub use blob_downloader::BlobDownloader;
pub use catalog::Extent;
pub use changes::ChangeRecord;
pub use coverage::Coverage;
pub use draining_tables::DrainingTables;
pub use fake::FakeKusto;
pub use fault::Fault;
pub use fault_plan::{FaultPlan, FaultPlans};
pub use ingestion_log::Ingestion;
pub use ingestion_note::IngestionNote;
pub use issued_resources::{IssuedResources, ResourceIssuer};
pub use limits::Limits;
pub use queued_service::{RestService, WireShape};
pub use request_kind::RequestKind;
pub use reset::TableSummary;
pub use storage::{
    BlobBlocks, BlobConditions, BlobPage, BlobWrite, BlockRef, BlockState, EntityChange, Freshness, IfMatch,
    MemoryStorage, MessageWrite, OnConflict, ResourcePath, StoredBlob, StoredEntity, StoredMessage,
};
