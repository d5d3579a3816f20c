//! The fault matrices, over real sockets: whatever fails, and whichever request it hits, what was acknowledged is there, as
//! often as was told, and everything else is told in time.
//!
//! Time is tokio's paused clock: a cell that waits for a minute takes none.

mod accounts;
mod ambiguous;
mod cell;
mod deadline;
mod known;
mod matrix;
mod ways;

use futures::future;
use futures::stream::{self, StreamExt};

use matrix::Target;

/// How many cells run at once.
const AT_ONCE: usize = 16;

/// Runs all cells, and shows all that went wrong.
async fn all_keep_the_promise<F>(cells: impl IntoIterator<Item = F>)
where
    F: Future<Output = Option<String>>,
{
    let cells: Vec<F> = cells.into_iter().collect();
    let ran = cells.len();
    let broken: Vec<String> = stream::iter(cells)
        .buffer_unordered(AT_ONCE)
        .filter_map(future::ready)
        .collect()
        .await;
    assert!(
        broken.is_empty(),
        "{} of {ran} cells:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

async fn every_cell_keeps_the_promise(target: Target) {
    all_keep_the_promise(matrix::cells(target).into_iter().map(cell::Cell::broken_promise)).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_the_put_of_a_blob() {
    every_cell_keeps_the_promise(Target::PutBlob).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_a_block() {
    every_cell_keeps_the_promise(Target::Block).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_the_commit_of_blocks() {
    every_cell_keeps_the_promise(Target::Commit).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_the_post_of_a_message() {
    every_cell_keeps_the_promise(Target::Post).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_the_status_row() {
    every_cell_keeps_the_promise(Target::Row).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_the_commands() {
    every_cell_keeps_the_promise(Target::Command).await;
}
