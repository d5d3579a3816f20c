//! What is said of the data by name reaches the message of a queued source.

use serde_json::{Value, json};

use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::Kusto;

const SAID: [&str; 22] = [
    "--tag",
    "plain",
    "--ingest-by",
    "day 1",
    "--drop-by",
    "batch",
    "--if-not-exists",
    "day 1",
    "--if-not-exists",
    "day 2",
    "--creation-time",
    "2024-05-01",
    "--zip-pattern",
    ".*csv",
    "--validation",
    "validate-csv-input-constant-columns",
    "--validation-implication",
    "best-effort",
    "--no-size-limit",
    "--property",
    "persistDetails=true",
    "--flush-immediately",
];

#[test]
fn every_property_stands_in_the_message_of_a_queued_source() {
    let folder = Folder::new("properties_message");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    let ran = kusto.run(&[&["ingest", &*file], &SAID[..]].concat());
    ran.ended(0, "Queued");
    let message = kusto.message();
    assert_eq!(message["IgnoreSizeLimit"], json!(true), "{message}");
    let more = &message["AdditionalProperties"];
    let list = |name: &str| -> Value {
        let text = more[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {message}"));
        serde_json::from_str(text).expect("it is JSON in a text")
    };
    assert_eq!(list("tags"), json!(["plain", "drop-by:batch", "ingest-by:day 1"]));
    assert_eq!(list("ingestIfNotExists"), json!(["day 1", "day 2"]));
    let created = more["creationTime"].as_str().unwrap_or_default();
    assert!(created.starts_with("2024-05-01T00:00:00"), "{message}");
    assert_eq!(more["zipPattern"], json!(".*csv"), "{message}");
    assert_eq!(more["persistDetails"], json!("true"), "{message}");
    let policy = list("validationPolicy");
    let numbers = ["ValidationOptions", "ValidationImplications"].map(|name| policy[name].clone());
    assert_eq!(json!(numbers), json!([1, 1]), "{message}");
}

#[test]
fn a_size_that_is_said_is_the_size_of_the_one_source() {
    let folder = Folder::new("raw_size");
    let (packed, other) = (
        folder.write("a.csv.gz", gzip("1\n2\n")),
        folder.write("b.csv", "1\n"),
    );
    let kusto = Kusto::held();
    let blob = kusto.put_blob("a.csv.gz", "packed");
    let ran = kusto.run(&["ingest", &blob, "--raw-size", "123456"]);
    ran.ended(0, "Queued");
    assert_eq!(kusto.message()["RawDataSize"], json!(123_456));
    for (arguments, why) in [
        (&[&*packed, &other][..], "there are 2"),
        (&[folder.path()], "there are 2"),
    ] {
        let ran = kusto.run(&[&["ingest"], arguments, &["--raw-size", "9"]].concat());
        ran.refused(2, why);
    }
}

#[test]
fn what_is_no_time_no_pair_and_no_check_is_refused() {
    let folder = Folder::new("properties_refused");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::held();
    for (arguments, why) in [
        (&["--creation-time", "yesterday"][..], "ISO 8601"),
        (&["--property", "nothing"], "NAME=VALUE"),
        (&["--property", "=1"], "NAME=VALUE"),
        (&["--validation", "strict"], "validate-csv-input-constant-columns"),
        (&["--validation-implication", "fail"], "--validation"),
        (&["--raw-size", "0"], "--raw-size"),
    ] {
        let ran = kusto.run(&[&["ingest", &*file], arguments].concat());
        ran.refused(2, why);
    }
    assert_eq!(kusto.changes(), 0);
}

#[test]
fn the_service_reads_a_blob_by_an_identity_where_that_is_said() {
    let folder = Folder::new("service_identity");
    let file = folder.write("a.csv", "1\n");
    let blob = "https://a.blob.core.windows.net/c/a.csv";
    let id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    for (given, expect) in [("system", "system"), (&*id.to_uppercase(), id)] {
        let kusto = Kusto::held();
        let ran = kusto.run(&["ingest", blob, "--raw-size", "9", "--service-identity", given]);
        ran.ended(0, "Queued");
        let address = format!("{blob};managed_identity={expect}");
        assert_eq!(kusto.message()["BlobPath"], json!(address));
    }
    let kusto = Kusto::held();
    let signed = format!("{blob}?sig=S");
    for (arguments, why) in [
        (["ingest", &*file, "--service-identity", "system"], "is for blobs"),
        (
            ["ingest", &signed, "--service-identity", "system"],
            "takes the place of a SAS",
        ),
        (
            ["ingest", blob, "--service-identity", "me"],
            "neither `system` nor the object id",
        ),
    ] {
        kusto.run(&arguments).refused(2, why);
    }
    assert_eq!(kusto.changes(), 0);
}
