//! `watch` of a folder that a link leads to: what is done or failed is not taken again.

use std::path::Path;

use kusto_emulator::Route;
use kusto_ingest::testing::Operation;

use crate::setup::command::{end, kusto_ingest, signal, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::poll::while_it_runs;

#[test]
fn files_are_taken_once_where_the_folder_is_named_by_a_link() {
    let folder = Folder::new("watch_by_link");
    let targets = "[[target]]\npattern = '*.csv'\ndatabase = 'D'\ntable = 'T'\n";
    let targets = folder.write("targets.toml", targets);
    folder.write("real/a.csv", "1\n");
    folder.write("real/empty.csv", "");
    let [link, journal] = ["link", "journal"].map(|name| format!("{}/{name}", folder.path()));
    std::os::unix::fs::symlink(format!("{}/real", folder.path()), &link).expect("the folder takes it");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let mut command = kusto_ingest(&[
        "watch",
        &link,
        "--targets",
        &targets,
        "--journal",
        &journal,
        "--cluster",
        &kusto.cluster,
        "--stable-for",
        "20ms",
        "--look-every",
        "10ms",
        "--parallel",
        "1",
        "--done",
        "move",
    ]);
    let mut child = start(&mut command);
    let is_there = |name: &str| Path::new(folder.path()).join("real").join(name).exists();
    while_it_runs(&mut child, || {
        is_there("done/a.csv") && is_there("failed/empty.csv")
    });
    // What is younger comes after all that waits: also after what would be taken again.
    for name in ["b.csv", "c.csv", "d.csv"] {
        folder.write(&format!("real/{name}"), "2\n");
        while_it_runs(&mut child, || is_there(&format!("done/{name}")));
    }
    signal(&child, "-TERM");
    let ran = end(child);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("4 files accepted, 1 set aside"), "{ran:?}");
    assert_eq!(
        kusto
            .emulator
            .request_count(Route::Storage(Operation::PutMessage)),
        4
    );
}
