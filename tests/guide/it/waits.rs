//! Examples wait by the receipt, whichever way the source went: over REST it names no row of the status table.

use std::fs;

use crate::blocks::blocks;
use crate::page::guide;
use crate::source::{crates, text};

#[test]
fn no_example_goes_by_the_row_of_the_status_table_alone() {
    let pages = fs::read_dir(guide()).expect("there is a guide");
    let readmes = [
        crates().join("../README.md"),
        crates().join("kusto-ingest/README.md"),
    ];
    let pages = pages
        .map(|page| page.expect("it can be listed").path())
        .chain(readmes);
    let mut texts: Vec<(String, String)> = Vec::new();
    for page in pages.filter(|path| path.extension().is_some_and(|it| it == "md")) {
        let text = fs::read_to_string(&page).expect("it is text");
        for block in blocks(&text).into_iter().filter(|block| block.is("rust")) {
            texts.push((format!("{}:{}", page.display(), block.line), block.code));
        }
    }
    let examples = ["first", "status"].map(|name| format!("kusto-ingest/examples/{name}.rs"));
    texts.extend(examples.map(|path| (path.clone(), text(&path))));
    texts.push((
        "kusto_ingest::status".to_owned(),
        text("kusto-ingest/src/status.rs"),
    ));
    let mut waits = 0;
    for (at, code) in texts {
        assert!(
            !code.contains("status_locator"),
            "{at} does not wait over REST: take `wait_for`"
        );
        waits += usize::from(code.contains(".wait_for"));
    }
    assert!(waits > 8, "{waits}");
}
