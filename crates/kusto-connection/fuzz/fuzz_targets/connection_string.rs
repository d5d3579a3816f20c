//! Looks for a text that breaks what holds for every text. The property is the one that the tests on stable check.
#![no_main]

#[path = "../../tests/it/property.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|text: &str| property::holds_for(text));
