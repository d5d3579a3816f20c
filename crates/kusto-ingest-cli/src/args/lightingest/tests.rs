//! The examples of LightIngest's documentation, and what they become.

use super::*;

const INGESTION: &str = "https://ingest-c.westeurope.kusto.windows.net;Fed=True";

fn translated(given: &[&str]) -> Result<String, String> {
    let given: Vec<OsString> = given.iter().map(OsString::from).collect();
    let translation = translate(&given)
        .map_err(|error| error.message)?
        .expect("it is no help");
    let arguments: Vec<String> = translation
        .arguments
        .iter()
        .map(|argument| argument.to_str().expect("it is text").to_owned())
        .collect();
    Ok(arguments.join(" "))
}

#[test]
fn the_documented_examples_become_what_a_person_would_type() {
    let blobs = "https://acct.blob.core.windows.net/cont?sv=1&sig=S";
    for (given, expect) in [
        // Ingest all blobs of a container, whatever their names.
        (
            &[
                INGESTION,
                "-database:DB",
                "-table:T",
                &format!("-source:{blobs}"),
                "-creationTimePattern:'historicalvalues'yyyyMMdd'.parquet'",
                "-pattern:*.parquet",
                "-format:parquet",
                "-mappingRef:M",
                "-cr:10.0",
                "-dontWait:true",
            ][..],
            "ingest --no-wait --legacy-patterns --pattern=*.parquet https://acct.blob.core.windows.net/cont?sv=1&sig=S \
             --format=parquet --mapping-ref=M --creation-time-missing=ignore \
             --creation-time-pattern='historicalvalues'yyyyMMdd'.parquet' --compression-ratio=10.0 \
             --cluster=https://ingest-c.westeurope.kusto.windows.net;Fed=True --database=DB --table=T",
        ),
        // A prefix, a pattern and a limit.
        (
            &[
                INGESTION,
                "-db:DB",
                "-table:T",
                "-source:https://acct.blob.core.windows.net/cont",
                "-prefix:Dir1/Dir2",
                "-pattern:*.csv.gz",
                "-format:csv",
                "-mappingRef:M",
                "-limit:10",
            ],
            "ingest --wait --prefix=Dir1/Dir2 --legacy-patterns --pattern=*.csv.gz --limit=10 \
             https://acct.blob.core.windows.net/cont --format=csv --mapping-ref=M \
             --cluster=https://ingest-c.westeurope.kusto.windows.net;Fed=True --database=DB --table=T",
        ),
        // A local folder, with the default pattern; a flag without a value, and another way to write names.
        (
            &[
                INGESTION,
                "/Database:DB",
                "--table=T",
                "-sourcePath:/data",
                "-ignoreFirst",
                "-tag:a",
                "-tag:ingest-by:b",
                "-ingestTimeout:5",
            ],
            "ingest --wait --wait-timeout=5m --legacy-patterns --pattern=*.csv /data --ignore-first-record \
             --tag=a --tag=ingest-by:b --cluster=https://ingest-c.westeurope.kusto.windows.net;Fed=True --database=DB --table=T",
        ),
        // Managed identities for all three legs.
        (
            &[
                INGESTION,
                "-mi:system",
                "-storageMi:123",
                "-ingestmi:system",
                "-table:T",
                "-source:https://acct.blob.core.windows.net/cont",
            ],
            "ingest --wait --legacy-patterns --pattern=*.csv --storage-auth=managed-identity --storage-client-id=123 \
             --service-identity=system https://acct.blob.core.windows.net/cont \
             --cluster=https://ingest-c.westeurope.kusto.windows.net;Fed=True --table=T --auth=managed-identity",
        ),
        // Only a list: no cluster is asked.
        (
            &[
                INGESTION,
                "-db:DB",
                "-mi:system",
                "-table:T",
                "-source:/data",
                "-list",
                "-pattern:*",
                "-trace:log",
            ],
            "list --legacy-patterns --pattern=* /data --log-file=log",
        ),
        // An engine ingests by its own commands.
        (
            &[
                "https://c.westeurope.kusto.windows.net;Fed=True",
                "-table:T",
                "-source:/data",
                "-forceSync:true",
                "-batch:100",
                "-filesInBatch:20",
                "-parallel:1000",
            ],
            "direct --legacy-patterns --pattern=*.csv /data \
             --cluster=https://c.westeurope.kusto.windows.net;Fed=True --table=T --sync --batch-bytes=100000000 \
             --batch-files=20 --parallel=256",
        ),
    ] {
        assert_eq!(translated(given).as_deref(), Ok(expect), "{given:?}");
    }
}

#[test]
fn what_lightingest_refuses_is_refused_and_says_why() {
    let base = [INGESTION, "-table:T", "-source:/data"];
    for (more, why) in [
        (&["-batch:100"][..], "engine's own commands"),
        (&["-mappingRef:M"], "-format"),
        (&["-mi:system", "-azCli"], "exclude one another"),
        (&["-list", "-mi:system", "-azCli"], "exclude one another"),
        (&["-list", "-ingestTimeout:soon"], "whole number"),
        (&["-storageUserAuth:NONE"], "PROMPT"),
        (&["-limit:many"], "whole number"),
        (&["-dontWait:perhaps"], "true or false"),
        (&["-postpone:1"], "no argument -postpone"),
        (&["second"], "second argument"),
    ] {
        let refused = translated(&[&base, more].concat()).unwrap_err();
        assert!(refused.contains(why), "{more:?}: {refused}");
    }
    assert!(
        translated(&[INGESTION, "-table:T"])
            .unwrap_err()
            .contains("-sourcePath")
    );
    assert!(
        translated(&["-table:T", "-source:/data"])
            .unwrap_err()
            .contains("connection string")
    );
}

#[test]
fn every_form_of_help_is_help() {
    for help in ["-?", "/??", "HELP", "-helpAll", "?"] {
        assert!(translate(&[help.into()]).unwrap().is_none(), "{help}");
    }
    assert!(translate(&[]).unwrap().is_none());
}

#[test]
fn every_argument_of_lightingest_is_in_the_help_and_in_the_guide() {
    let guide = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/guide/lightingest.md"
    ));
    let guide = guide.expect("it is in the repository");
    for names in arguments::NAMES {
        for name in names {
            assert!(LIGHTINGEST_HELP.contains(name), "{name}");
        }
        let row = format!("| `-{}`", names[0]);
        let row = guide.lines().find(|line| line.starts_with(&row));
        let cells: Vec<&str> = row
            .unwrap_or_else(|| panic!("{names:?} has no row"))
            .split('|')
            .collect();
        assert!(
            cells.len() == 6 && cells[1..5].iter().all(|cell| !cell.trim().is_empty()),
            "{names:?}"
        );
    }
}
