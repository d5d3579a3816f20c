//! The fault matrix of queued ingestion, over real sockets: whatever fails, and whichever request it hits, what was
//! acknowledged leads to the bytes of the source, and everything else is told in time.

mod cell;
mod deadline;
mod matrix;

pub(crate) use cell::messages;

use futures::future;
use futures::stream::{self, StreamExt};

use cell::Cell;
use matrix::{Target, Trouble};

/// How many cells run at once, and how many of those that measure a limit: they need the processors to be free.
const AT_ONCE: usize = 16;
const AT_ONCE_MEASURED: usize = 4;

/// Runs all cells of a target, and shows all that went wrong.
async fn every_cell_keeps_the_promise(target: Target) {
    let cells = matrix::cells(target);
    let ran = cells.len();
    let (measured, others): (Vec<Cell>, Vec<Cell>) =
        cells.into_iter().partition(|cell| cell.trouble == Trouble::Stall);
    let mut broken: Vec<String> = run(others, AT_ONCE)
        .await
        .into_iter()
        .map(|(_, told)| told)
        .collect();
    for (cell, _) in run(measured, AT_ONCE_MEASURED).await {
        broken.extend(cell.still_broken_promise().await);
    }
    assert!(
        broken.is_empty(),
        "{} of {ran} cells:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

/// The cells that broke their promise, and how.
async fn run(cells: Vec<Cell>, at_once: usize) -> Vec<(Cell, String)> {
    stream::iter(cells)
        .map(|cell| async move {
            let ended = tokio::spawn(cell.broken_promise()).await;
            Some((cell, ended.expect("no cell panics")?))
        })
        .buffer_unordered(at_once)
        .filter_map(future::ready)
        .collect()
        .await
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
