//! Tokens of a program's own, for a cluster whose connection string does not say how to sign in.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example sign_in`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::auth::{BearerToken, TokenRequest};
use kusto_ingest::{Kusto, Result};

#[tokio::main]
async fn main() -> Result<()> {
    run("http://localhost:8080").await
}

/// Asked whenever a token is wanted. One whose expiry it tells (`with_expiry`) is kept for so long.
async fn token(wanted: TokenRequest) -> Result<BearerToken> {
    println!("a token for {}", wanted.scope);
    Ok(BearerToken::new("from a vault, say"))
}

pub(crate) async fn run(cluster: &str) -> Result<()> {
    // Others: `with_credential` for one of the Azure SDK, `with_device_code` for a user with a browser.
    let kusto = Kusto::builder(cluster)?.with_token_callback(token).connect()?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;
    let counted = kusto.query("Samples", "Weather | count").await?;
    println!("rows: {:?}", counted.primary().map(|table| &table.rows));
    Ok(())
}
