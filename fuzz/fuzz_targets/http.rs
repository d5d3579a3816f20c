//! `cargo +nightly fuzz run http --features libfuzzer`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kusto_ingest_fuzz::http_any(data));
