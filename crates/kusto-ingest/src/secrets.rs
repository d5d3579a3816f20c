//! Texts that somebody typed or a service wrote, without what may be secret in them.
//!
//! More is in the guide: `docs/guide/sign-in.md#who-gets-a-token`.

#[doc(inline)]
pub use kusto_connection::Secret;
#[doc(inline)]
pub use kusto_ingest_core::{KnownSecrets, redact, redact_address};
