//! `cargo +nightly fuzz run query --features libfuzzer`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kusto_ingest_fuzz::query_any(data));
