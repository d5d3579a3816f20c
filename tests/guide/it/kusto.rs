//! Commands of Kusto's own language: those that the emulator knows run, and those that it does not are said to be for a
//! cluster.

use std::fs;
use std::sync::{Arc, Mutex};

use crate::blocks::blocks;
use crate::page::guide;
use crate::world::example;

#[test]
fn every_command_of_kusto_runs_or_says_that_it_needs_a_cluster() {
    let faults = Arc::new(Mutex::new(Vec::new()));
    for entry in fs::read_dir(guide()).expect("there is a guide") {
        let path = entry.expect("it can be listed").path();
        let page = fs::read_to_string(&path).unwrap_or_default();
        for block in blocks(&page).into_iter().filter(|block| block.is("kusto")) {
            let place = format!("{}:{}", path.display(), block.line);
            let (command, needs_cluster, faults) =
                (block.code.clone(), block.says("cluster"), faults.clone());
            example(|kusto, _| async move {
                let outcome = kusto.command("Samples", command.trim()).await;
                if outcome.is_err() != needs_cluster {
                    faults
                        .lock()
                        .expect("nobody panics")
                        .push(format!("{place}: {outcome:?}"));
                }
                Ok(())
            });
        }
    }
    let faults = faults.lock().expect("nobody panics");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
