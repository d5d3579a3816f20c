//! `--if-not-exists`: what is there already is left out, and of several sources none goes missing.

use std::path::Path;

use serde_json::json;

use crate::setup::command::run;
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

const DAY: [&str; 4] = ["--ingest-by", "day", "--if-not-exists", "day"];
const EACH: [&str; 4] = ["--ingest-by", "run 1 {name}", "--if-not-exists", "run 1 {name}"];

/// The tags of all extents.
fn tags(kusto: &Kusto) -> Vec<String> {
    let name = "they are names";
    let (database, table) = ("D".try_into().expect(name), "T".try_into().expect(name));
    let extents = kusto.emulator.fake().extents(&database, &table);
    extents.into_iter().flat_map(|extent| extent.tags).collect()
}

fn three(name: &str) -> Folder {
    let folder = Folder::new(name);
    for file in ["in/a.csv", "in/b.csv", "in/c.csv"] {
        folder.write(file, "1\n");
    }
    folder.write("list.txt", format!("{0}/in/a.csv\n{0}/in/b.csv\n", folder.path()));
    folder
}

#[test]
fn one_tag_for_several_sources_is_refused_before_anything_is_sent_and_nothing_is_deleted() {
    let folder = three("once_refused");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto.put_blob("a.csv", "1\n");
    kusto.put_blob("b.csv", "1\n");
    let container = kusto.container_address();
    let at = |name: &str| format!("{}/{name}", folder.path());
    let (all, first, second, list) = (at("in"), at("in/a.csv"), at("in/b.csv"), at("list.txt"));
    for sources in [
        &["ingest", &*all][..],
        &["ingest", &all, "--delete-source", "--wait"],
        &["ingest", &first, &second],
        &["ingest", "--from-file", &list],
        &["ingest", &container],
        &["ingest", &container, "--dry-run"],
        // The other shards have the same tag.
        &["ingest", &first, "--shard", "0/2"],
        &["managed", &all],
        &["direct", &all, "--delete-source"],
    ] {
        let before = kusto.changes();
        let ran = kusto.run(&[sources, &DAY].concat());
        ran.refused(2, "{name}");
        assert!(ran.err.contains("all but the first would be skipped"), "{ran:?}");
        assert_eq!(kusto.changes(), before, "{sources:?}");
    }
    let written = ["--tag", "ingest-by:day", "--if-not-exists", "day"];
    kusto
        .run(&[&["ingest", &*all][..], &written].concat())
        .refused(2, "{name}");
    assert!(Path::new(&first).exists() && Path::new(&second).exists());
}

#[test]
fn a_tag_of_each_sources_own_brings_them_all_once_and_a_second_run_brings_none_and_deletes_none() {
    let folder = three("once_each");
    let all = format!("{}/in", folder.path());
    for way in [&["ingest", "--wait"][..], &["direct"]] {
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let arguments = [way, &[&*all], &EACH].concat();
        let ran = kusto.run(&arguments);
        assert_eq!(
            (ran.code, &ran.json()["summary"]["succeeded"]),
            (0, &json!(3)),
            "{ran:?}"
        );
        let tag = format!("ingest-by:run 1 {all}/a.csv");
        assert!(tags(&kusto).contains(&tag), "{:?}", tags(&kusto));
        let ran = kusto.run(&[&arguments[..], &["--delete-source"]].concat());
        assert_eq!(
            (ran.code, &ran.json()["summary"]["skipped"]),
            (0, &json!(3)),
            "{ran:?}"
        );
        assert_eq!(kusto.rows(), json!([[1], [1], [1]]));
        assert!(Path::new(&all).join("a.csv").exists(), "what is skipped stays");
    }
}

#[test]
fn the_blobs_of_a_container_have_tags_of_their_own_and_no_secret_in_them() {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto.put_blob("a.csv", "1\n");
    kusto.put_blob("b.csv", "1\n");
    let ran = kusto.run(&[&["ingest", &*kusto.container_address()][..], &EACH].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    kusto.drained();
    assert_eq!(kusto.rows(), json!([[1], [1]]));
    let tags = tags(&kusto);
    assert!(tags.iter().any(|tag| tag.ends_with("a.csv")), "{tags:?}");
    let all = tags.concat();
    assert!(
        kusto.secrets().iter().all(|secret| !all.contains(secret)),
        "{tags:?}"
    );
}

#[test]
fn a_file_that_may_still_be_skipped_is_not_deleted_when_it_is_queued() {
    let folder = three("once_deleted");
    let file = format!("{}/in/a.csv", folder.path());
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let delete = [&["ingest", &*file, "--delete-source"][..], &DAY].concat();
    kusto.run(&delete).refused(2, "add --wait");
    assert!(Path::new(&file).exists());
    let early = ["direct", "--async", &*file, "--delete-source"];
    kusto
        .run(&[&early[..], &DAY].concat())
        .refused(2, "leave out --async");
    let ran = kusto.run(&[&delete[..], &["--wait"]].concat());
    assert_eq!((ran.code, Path::new(&file).exists()), (0, false), "{ran:?}");
    let blob = kusto.put_blob("a.csv", "1\n");
    let ran = kusto.run(&[&["ingest", &*blob, "--delete-source", "--wait"][..], &DAY].concat());
    ran.refused(2, "leave out --delete-source");
}

#[test]
fn what_has_no_name_has_no_tag_by_name() {
    let input = [
        "ingest",
        "-",
        "--format",
        "csv",
        "-d",
        "D",
        "-t",
        "T",
        "--cluster",
        "http://127.0.0.1:1",
    ];
    run(&[&input[..], &EACH].concat()).refused(2, "write a tag in its place");
}
