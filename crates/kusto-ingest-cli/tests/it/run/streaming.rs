//! What may be said of streaming: what it cannot carry, how large it may be, and what is done where it is off.

use futures::executor::block_on;
use kusto_emulator::Route;
use kusto_ingest::endpoint::{ManagementEndpoint, RequestProperties};
use kusto_ingest::testing::Operation;
use serde_json::{Value, json};

use crate::setup::command::CommandOutput;
use crate::setup::folder::{Folder, gzip};
use crate::setup::kusto::{Kusto, embedded, embedded_with_input};

/// One with a table `D.T` that takes no streamed data.
fn without_streaming() -> Kusto {
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let database = "D".try_into().expect("it is a name");
    let command = ".alter table T policy streamingingestion disable";
    let properties = RequestProperties::new();
    let answer = kusto.emulator.fake().execute(&database, command, &properties);
    block_on(answer).expect("it is a command");
    kusto
}

/// The way that the only source took, and why, as people are told.
fn way(ran: &CommandOutput) -> &str {
    ran.out.lines().nth(1).expect("there is a source")
}

#[test]
fn where_streaming_is_off_managed_fails_visibly_or_queues_and_says_why() {
    let folder = Folder::new("streaming_off");
    let file = folder.write("a.csv", "7\n");
    let kusto = without_streaming();
    let ran = kusto.run(&["managed", &file]);
    let error = &ran.ended(5, "Failed")["error"];
    assert_eq!(error["code"], "BadRequest_StreamingIngestionPolicyNotEnabled");
    assert!(
        ran.err.contains("streaming ingestion policy is not enabled"),
        "{ran:?}"
    );
    assert_eq!(
        kusto
            .emulator
            .request_count(Route::Storage(Operation::PutMessage)),
        0
    );

    let kusto = without_streaming();
    let continued = ["managed", &file, "--continue-when-unavailable"];
    let ran = kusto.run(&[&continued[..], &["--wait"]].concat());
    let fallback = &ran.ended(0, "Succeeded")["receipt"]["fallback"];
    assert_eq!(
        (&fallback["kind"], &fallback["category"]),
        (&json!("refused"), &json!("streaming_off"))
    );
    assert_eq!(kusto.rows(), json!([[7]]));
    let ran = kusto.tell(&continued);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(way(&ran).contains("queued: streaming is off: "), "{ran:?}");
}

#[test]
fn what_streaming_cannot_carry_may_be_left_out_aloud_or_in_silence() {
    let folder = Folder::new("unsupported");
    let file = folder.write("a.csv", "1\n");
    let more = folder.write("b.csv", "1\n");
    for (arguments, named) in [
        (&["--tag", "x"][..], "tags"),
        (
            &["--tag", "x", "--ignore-first-record"],
            "tags, ignoreFirstRecord",
        ),
        (
            &[
                "--ingest-by",
                "x",
                "--if-not-exists",
                "x",
                "--creation-time",
                "2024-05-01",
                "--property",
                "more=1",
            ],
            "tags, ingestIfNotExists, creationTime, more",
        ),
    ] {
        for (what, is_told) in [("warn", true), ("ignore", false)] {
            let kusto = Kusto::with(&["D.T(a:long)"]);
            let stream = ["stream", &*file, &more, "--on-unsupported", what];
            let ran = kusto.run(&[&stream[..], arguments].concat());
            assert_eq!(
                (ran.code, &ran.json()["summary"]["succeeded"]),
                (0, &json!(2)),
                "{ran:?}"
            );
            let told = format!("warning: streaming requests cannot carry {named}, which is left out\n");
            assert_eq!(ran.err, if is_told { told } else { String::new() });
            assert_eq!(kusto.rows(), json!([[1], [1]]), "the first records are data");
        }
        let kusto = Kusto::with(&["D.T(a:long)"]);
        let ran = kusto.run(&[&["stream", &*file, "--on-unsupported", "error"], arguments].concat());
        ran.refused(2, named);
        assert!(ran.err.contains("--on-unsupported warn"), "{ran:?}");
        assert_eq!(kusto.emulator.requests().len(), 0);
    }
}

#[test]
fn a_mapping_is_left_out_and_an_archive_cannot_be() {
    let folder = Folder::new("unsupported_mapping");
    let file = folder.write("a.csv", "1,2\n");
    let mapping = folder.write("m.json", r#"[{"Column":"a","Properties":{"Ordinal":"1"}}]"#);
    let archive = folder.write("a.csv.zip", b"PK\x03\x04");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    kusto
        .run(&["stream", &archive, "--on-unsupported", "ignore"])
        .refused(2, "zip archives");
    assert_eq!(kusto.emulator.requests().len(), 0);
    let stream = [
        "stream",
        &file,
        "--mapping-file",
        &mapping,
        "--on-unsupported",
        "warn",
    ];
    let ran = kusto.run(&stream);
    ran.ended(0, "Succeeded");
    assert!(ran.err.contains("ingestionMapping"), "{ran:?}");
    assert_eq!(kusto.rows(), json!([[1]]));
}

#[test]
fn how_much_is_streamed_can_be_said() {
    let folder = Folder::new("data_size");
    let small = folder.write("small.csv", "1\n".repeat(10_000));
    // Ten lines of a mebibyte: 4.5 MiB as Kusto counts them.
    let large = folder.write("large.csv", format!("{}\n", "x".repeat(1 << 20)).repeat(10));
    let by_client = None;
    // What the client lets pass, the service still measures.
    let by_service = Some("Stream_InputStreamTooLarge");
    for (file, factor, fits, refused) in [
        (&small, "1", true, None),
        (&small, "0.001", false, by_client),
        (&large, "1", false, by_client),
        (&large, "2", false, by_service),
    ] {
        let kusto = Kusto::with(&["D.T(a:string)"]);
        let of = ["--data-size-factor", factor];
        let ran = kusto.run(&[&["stream", &**file], &of[..]].concat());
        let managed = kusto.run(&[&["managed", &**file], &of[..]].concat()).result();
        if fits {
            ran.ended(0, "Succeeded");
            assert_eq!(managed["receipt"]["state"]["kind"], "streamed");
        } else {
            let error = ran.ended(5, "Failed")["error"].clone();
            assert_eq!(error["kind"], "SizeLimitExceeded");
            assert_eq!(error["code"].as_str(), refused);
            let fallback = refused.map_or("too_large", |_| "refused");
            assert_eq!(managed["receipt"]["fallback"]["kind"], fallback);
        }
    }
    for factor in ["0", "-1", "NaN", "much"] {
        let kusto = Kusto::with(&[]);
        let of = format!("--data-size-factor={factor}");
        kusto.run(&["stream", &small, &of]).refused(2, "0.001 to 1000");
        assert_eq!(kusto.emulator.requests().len(), 0);
    }
}

#[test]
fn a_blob_is_streamed_by_its_address_and_nothing_else_where_that_is_said() {
    let folder = Folder::new("from_uri");
    let file = folder.write("a.csv", "1\n");
    let kusto = Kusto::with(&["D.T(a:long)"]);
    let blob = kusto.put_blob("mine.csv", "1\n2\n");
    let before = kusto.emulator.requests().len();
    for command in ["stream", "managed"] {
        for source in [&*file, "-"] {
            let arguments = [command, source, "--format", "csv", "--from-uri"];
            let ran = kusto.run_with_input(&arguments, b"1\n");
            ran.refused(
                2,
                if source == "-" {
                    "standard input is no blob's URL"
                } else {
                    "a.csv is no blob's URL"
                },
            );
        }
    }
    assert_eq!(kusto.emulator.requests().len(), before);
    for more in [&["--from-uri"][..], &[]] {
        let ran = kusto.run(&[&["stream", &*blob], more].concat());
        assert_eq!(ran.ended(0, "Succeeded")["sent_bytes"], Value::Null);
        assert!(!ran.out.contains("sig=") && !ran.err.contains("sig="), "{ran:?}");
    }
    assert_eq!(kusto.emulator.request_count(Route::Streaming), 2);
    assert_eq!(kusto.rows(), json!([[1], [2], [1], [2]]));
}

#[test]
fn a_header_that_is_evident_is_left_out_of_what_the_embedded_kusto_gets() {
    const WEATHER: &str = "day,wind\n2012/01/01,4.7\n2012/01/02,4.5\n";
    let folder = Folder::new("stream_header");
    let plain = folder.write("a.csv", WEATHER);
    let gz = folder.write("a.csv.gz", gzip(WEATHER));
    let utf_16: Vec<u8> = format!("\u{feff}{WEATHER}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let wide = folder.write("utf_16.csv", utf_16);
    for ran in [
        embedded(&["stream", &plain]),
        embedded(&["stream", &gz]),
        embedded_with_input(&["stream", "-", "--format", "csv"], WEATHER.as_bytes()),
        embedded_with_input(&["stream", "-", "--format", "csv"], &gzip(WEATHER)),
    ] {
        let result = ran.ended(0, "Succeeded");
        assert_eq!(
            (&result["rows"], &result["receipt"]["state"]["kind"]),
            (&json!(2), &json!("streamed"))
        );
        assert!(
            ran.err
                .contains("is a header: it names columns and is not ingested"),
            "{ran:?}"
        );
    }
    // What is asked for goes to the service, which cannot be asked so.
    embedded(&["stream", &plain, "--ignore-first-record"]).refused(2, "ignoreFirstRecord");
    embedded(&["stream", &wide]).refused(2, "ignoreFirstRecord");
}
