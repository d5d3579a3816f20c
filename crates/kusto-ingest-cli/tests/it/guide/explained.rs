//! A failure names the page of the guide that explains it, and where the guide is.

use crate::setup::command::{end, kusto_ingest, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

#[test]
fn a_failure_names_the_page_that_explains_it_once() {
    let folder = Folder::new("guide/pages");
    let (good, json) = (folder.write("a.csv", "1\n"), folder.write("b.json", "no json\n"));
    let empty = folder.write("c.csv", "");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for (arguments, page) in [
        (&["ingest", &json, "--wait"][..], "service-codes.md"),
        (&["ingest", &empty, "--wait"], "errors.md#empty-source"),
        (&["ingest", &empty, &json, "--wait"], "errors.md"),
    ] {
        let output = kusto.run(arguments);
        let line = format!("help: docs/guide/{page}, in the sources of kusto-ingest\n");
        assert_eq!(output.err.matches("help: ").count(), 1, "{output:?}");
        assert!(output.err.contains(&line), "{line}: {output:?}");
    }
    let query = [
        "query",
        "NoSuchTable | count",
        "-d",
        "D",
        "--cluster",
        &kusto.cluster,
    ];
    let output = end(start(&mut kusto_ingest(&query)));
    assert!(
        output
            .err
            .ends_with("\nhelp: docs/guide/errors.md#rejected, in the sources of kusto-ingest\n"),
        "{output:?}"
    );
    let output = kusto.run(&["ingest", &good, "--wait"]);
    assert!(!output.err.contains("help: "), "{output:?}");
    let missing = [
        "ingest",
        &good,
        "-d",
        "D",
        "-t",
        "NoSuchTable",
        "--cluster",
        &kusto.cluster,
    ];
    for (more, page) in [
        (&[][..], "errors.md#not-found"),
        (&["--auth", "workload-identity"], "sign-in.md"),
        (&["--ca-file", &json], "networks.md"),
        (&["--mapping-file", &json], "mappings.md"),
    ] {
        let output = end(start(&mut kusto_ingest(&[&missing[..], more].concat())));
        assert_eq!(output.code, 2, "{output:?}");
        assert!(
            output.err.ends_with(&format!(
                "\nhelp: docs/guide/{page}, in the sources of kusto-ingest\n"
            )),
            "{output:?}"
        );
    }
}
