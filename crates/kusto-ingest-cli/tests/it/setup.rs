//! What the tests share: the command, a Kusto for it, and files.

pub(crate) mod authority;
pub(crate) mod command;
pub(crate) mod folder;
pub(crate) mod killed;
pub(crate) mod kusto;
pub(crate) mod many_blobs;
#[cfg(feature = "object-store")]
pub(crate) mod object_server;
pub(crate) mod plain_http;
pub(crate) mod poll;
pub(crate) mod recording_server;
#[cfg(unix)]
pub(crate) mod terminal;
