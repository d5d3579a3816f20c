//! `cargo +nightly fuzz run decode --features libfuzzer`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kusto_ingest_fuzz::decode_any(data));
