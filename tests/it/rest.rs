//! Queued ingestion over REST, and by whichever way the service prefers, through the facade and over sockets.

mod arrives;
mod changes;
mod counted;
mod followed;
mod shown;

use kusto_emulator::{Emulator, EmulatorBuilder};
use kusto_ingest::Kusto;
use kusto_ingest::queued::Protocol;

use crate::setup::{client, emulator, with_table};

/// An emulator with a table, whose settings a test changes, and a client by this protocol.
async fn start(
    protocol: Protocol,
    set: impl FnOnce(EmulatorBuilder) -> EmulatorBuilder,
) -> (Emulator, Kusto) {
    let emulator = emulator(set(with_table("a:string,b:string"))).await;
    let kusto = client(&emulator, |builder| builder.with_protocol(protocol));
    (emulator, kusto)
}
