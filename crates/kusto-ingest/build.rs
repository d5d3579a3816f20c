//! Tells the library which compiler builds it: the service's logs name it.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=KUSTO_INGEST_RUSTC_VERSION={}", version());
}

/// `rustc 1.95.0 (…)` says its version in the second word. Where it cannot be asked, the oldest that will do.
fn version() -> String {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let said = Command::new(rustc).arg("--version").output().ok();
    let said = said.and_then(|output| String::from_utf8(output.stdout).ok());
    let word = said.as_deref().and_then(|text| text.split_whitespace().nth(1));
    let oldest = env::var("CARGO_PKG_RUST_VERSION").unwrap_or_default();
    word.map_or(oldest, str::to_owned)
}
