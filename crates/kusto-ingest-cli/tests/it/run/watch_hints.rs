//! `watch` with an hour between two looks: what the system tells of is taken at once. Built with the feature `notify`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use kusto_emulator::Route;
use kusto_ingest::testing::Operation;

use crate::setup::command::{end, kusto_ingest, signal, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::poll::{says, while_it_runs};

fn numbers(address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn a_file_that_is_renamed_in_is_taken_without_the_next_look() {
    let folder = Folder::new("watch_hints");
    let targets = "[[target]]\npattern = '*.csv'\ndatabase = 'D'\ntable = 'T'\n";
    let targets = folder.write("targets.toml", targets);
    let path = |name: &str| format!("{}/{name}", folder.path());
    std::fs::create_dir(path("in")).expect("it can be made");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let (watched, journal) = (path("in"), path("journal"));
    let arguments = ["watch", &watched, "--targets", &targets, "--journal", &journal];
    let more = [
        "--cluster",
        &kusto.cluster,
        "--look-every",
        "1h",
        "--metrics",
        "0",
    ];
    let mut child = start(&mut kusto_ingest(&[arguments, more].concat()));
    let told = says(&mut child, "/metrics\n");
    let address = told
        .rsplit("http://")
        .next()
        .and_then(|rest| rest.split('/').next());
    let address = address.expect("it says where");
    // It listens to the system before it looks.
    while_it_runs(&mut child, || {
        numbers(address).contains("kusto_ingest_watch_looks_total 1\n")
    });
    let posts = || {
        kusto
            .emulator
            .request_count(Route::Storage(Operation::PutMessage))
    };
    for (number, name) in [(1, "a.csv"), (2, "b.csv")] {
        let written = folder.write(name, format!("{number}\n"));
        std::fs::rename(written, path(&format!("in/{name}"))).expect("it is one file system");
        while_it_runs(&mut child, || posts() == number);
    }
    signal(&child, "-TERM");
    let ran = end(child);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("2 files accepted"), "{ran:?}");
}
