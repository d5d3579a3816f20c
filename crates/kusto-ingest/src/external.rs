//! Crates whose types are in signatures here, in the versions that are meant: enough to implement every seam with no
//! other dependency.
//!
//! More is in the guide: `docs/guide/testing.md`.

pub use {async_trait, azure_core, bytes, futures, serde_json, time, url, uuid};
