//! A program whose only dependency is `kusto-ingest`.

// The seams, implemented.
mod client;
mod endpoint;
mod http;
mod pieces;
mod sign_in;
mod store;

// What a cluster does with them.
mod assembled;
mod attempts;
mod endpoints;
mod swapped;
mod words;

use kusto_ingest::external::futures::executor;

/// No runtime is needed where no layer of the library's own leaves for the network.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    executor::block_on(work)
}
