//! `cargo +nightly fuzz run infer --features libfuzzer`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kusto_ingest_fuzz::infer_any(data));
