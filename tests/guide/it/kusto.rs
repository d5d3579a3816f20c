//! Commands of Kusto's own language: those that the emulator knows run, and those that it does not are said to be for a
//! cluster.

use std::fs;

use kusto_ingest::Kusto;

use crate::blocks::blocks;
use crate::page::guide;
use crate::world::{Ran, example};

#[test]
fn every_command_of_kusto_runs_or_says_that_it_needs_a_cluster() {
    for entry in fs::read_dir(guide()).expect("there is a guide") {
        let path = entry.expect("it can be listed").path();
        let page = fs::read_to_string(&path).unwrap_or_default();
        for block in blocks(&page).into_iter().filter(|block| block.is("kusto")) {
            let place = format!("{}:{}", path.display(), block.line);
            example(move |kusto, _| run(kusto, block.code.clone(), block.says("cluster"), place));
        }
    }
}

/// Sends it, and compares whether it ran with what the page says.
async fn run(kusto: Kusto, command: String, needs_cluster: bool, place: String) -> Ran {
    let outcome = kusto.command("Samples", command.trim()).await;
    assert_eq!(outcome.is_err(), needs_cluster, "{place}: {outcome:?}");
    Ok(())
}
