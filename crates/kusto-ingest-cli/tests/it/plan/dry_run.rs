//! `--dry-run`: it ends as the command would that it stands for, as far as the sources alone tell.

use serde_json::json;

use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

#[test]
fn what_the_command_refuses_by_its_sources_is_refused() {
    let folder = Folder::new("dry_refused");
    let file = folder.write("a.csv", "1\n");
    let around = format!("{}/./a.csv", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let blob = kusto.put_blob("a.csv", "1\n");
    let again = format!("{blob}&x=1");
    for (arguments, why) in [
        (&["ingest", &*blob, &*again][..], "two of them are the blob"),
        (&["direct", &blob, &again], "two of them are the blob"),
        (&["ingest", &file, &around, "--delete-source"], "is named twice"),
        (
            &["stream", &blob, "--delete-source"],
            "the service deletes only blobs that are queued",
        ),
        (
            &["ingest", "-", "--format", "csv", "--delete-source"],
            "no file that --delete-source",
        ),
        (
            &["ingest", &file, &blob, "--raw-size", "7"],
            "--raw-size is the size of one source",
        ),
    ] {
        let sent = kusto.changes();
        let real = kusto.tell(arguments);
        real.refused(2, why);
        let dry = kusto.tell(&[arguments, &["--dry-run"]].concat());
        dry.refused(2, why);
        assert_eq!((dry.err, kusto.changes()), (real.err, sent), "{arguments:?}");
    }
    let twice = kusto.tell(&["ingest", &file, &around, "--dry-run"]);
    assert_eq!(twice.code, 0, "a file is taken once: {twice:?}");
}

#[test]
fn an_empty_source_is_told_as_one_that_cannot_be_ingested() {
    let folder = Folder::new("dry_empty");
    let empty = folder.write("empty.csv", "");
    let full = folder.write("full.csv", "1\n");
    let list = folder.write("list", format!("{empty}\n{full}\n"));
    let kusto = Kusto::with(&["D.T(a:long)"]);
    for sources in [&[&*empty, &full][..], &["--from-file", &list]] {
        let ran = kusto.run(&[&["ingest", "--dry-run"], sources].concat());
        let results = &ran.json()["results"];
        assert_eq!(ran.code, 4, "{ran:?}");
        assert_eq!(
            (&results[0]["error"], &results[1]["error"]),
            (&json!("the source is empty"), &json!(null)),
            "{results}"
        );
        assert_eq!(kusto.run(&[&["ingest"], sources].concat()).code, 4);
    }
}
