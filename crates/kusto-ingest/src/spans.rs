//! The spans by which a program watches what it ingests, with any subscriber of the `tracing` crate.
//!
//! Names, fields and target are a promise: they are not changed, and none ever holds a secret. The target of all of them
//! is [`TARGET`].
//!
//! | span | level | fields | one span is |
//! |---|---|---|---|
//! | `ingest` | info | `way`, `source_id`, `database`, `table` | the whole way of a source; `way` is `queued`, `rest`, `streaming`, `managed` or `direct` |
//! | `upload` | debug | `source_id`, `account`, `attempt` | an attempt to bring a source into a container of an account |
//! | `post` | debug | `source_id`, `account`, `attempt` | an attempt to put the message of a source on a queue of an account |
//! | `submit` | debug | `blobs`, `database`, `table`, `attempt` | an attempt at a request of queued ingestion over REST, which names so many blobs |
//! | `stream` | debug | `source_id`, `database`, `table`, `attempt` | a streaming request that carries a source |
//! | `command` | debug | `name`, `database`, `attempt` | an attempt at a management command; `name` is how commands of its kind begin |
//! | `token` | debug | `host` | a fetch of a token for an endpoint, attempts and waits included |
//!
//! - Attempts count from 1 within an `ingest` span.
//! - Managed streaming is an `ingest` span around those of streaming and of the queue.
//! - A request over REST that several sources share is in the span of one of them.
//! - A command that several sources wait for is in the span of the one that caused it. So is a token.
//! - Several sources of one direct command have their own `ingest` spans until they are uploaded. The command names none.
//! - Events have the targets of the crates that tell them (`kusto_ingest_queued`, `kusto_auth`, …). Their words may
//!   change, and hold no secret either.
//!
//! More is in the guide: `docs/guide/networks.md#what-happens-on-the-way`.

#[doc(inline)]
pub use kusto_ingest_core::span::TARGET;
