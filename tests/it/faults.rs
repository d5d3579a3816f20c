//! The fault matrix of queued ingestion, over real sockets: whatever fails, and whichever request it hits, what was
//! acknowledged leads to the bytes of the source, and everything else is told in time.

mod cell;
mod deadline;
mod matrix;

use futures::stream::{self, StreamExt};

use cell::Cell;
use matrix::Target;

/// How many cells run at once.
const AT_ONCE: usize = 16;

/// Runs all cells of a target, and shows all that went wrong.
async fn every_cell_keeps_the_promise(target: Target) {
    let cells = matrix::cells(target);
    let ran = cells.len();
    let broken: Vec<String> = stream::iter(cells)
        .map(|cell| tokio::spawn(Cell::broken_promise(cell)))
        .buffer_unordered(AT_ONCE)
        .filter_map(|ended| async { ended.expect("no cell panics") })
        .collect()
        .await;
    assert!(
        broken.is_empty(),
        "{} of {ran} cells:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_the_put_of_a_blob() {
    every_cell_keeps_the_promise(Target::PutBlob).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_a_block() {
    every_cell_keeps_the_promise(Target::Block).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_the_commit_of_blocks() {
    every_cell_keeps_the_promise(Target::Commit).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_the_post_of_a_message() {
    every_cell_keeps_the_promise(Target::Post).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_the_status_row() {
    every_cell_keeps_the_promise(Target::Row).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_the_commands() {
    every_cell_keeps_the_promise(Target::Command).await;
}
