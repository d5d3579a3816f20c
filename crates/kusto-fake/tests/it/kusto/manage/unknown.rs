//! What is answered to commands that this Kusto does not know.

use kusto_ingest_core::ErrorKind;

use crate::kusto::world::World;

#[test]
fn a_command_of_kusto_that_is_not_known_is_named_beside_those_that_are() {
    let world = World::new("a:string");
    for (command, name, known) in [
        (".show workload_groups", ".show workload_groups", ".show tables"),
        (
            ".show table T data statistics",
            ".show table TABLE data",
            ".show table TABLE details",
        ),
        (
            ".purge table T records <| where a == 'SECRET'",
            ".purge table",
            ".execute",
        ),
        (
            ".alter table T rowstore SECRET",
            ".alter table TABLE rowstore",
            ".alter table TABLE folder 'text'",
        ),
        (
            ".create materialized-view M on table T { T }",
            ".create materialized-view",
            ".create function",
        ),
    ] {
        let error = world.run(command).unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Unsupported, Some("NotSupportedByEmulator")),
            "{command}"
        );
        let why = error.reason().expect("it says why");
        assert!(why.contains(&format!("'{name}")) && why.contains(known), "{why}");
        assert!(!why.contains("SECRET"), "{why}");
    }
}

#[test]
fn what_is_no_command_of_kusto_is_a_syntax_error_that_does_not_repeat_it() {
    let world = World::new("a:string");
    for command in [
        "T | count",
        ".dance SECRET",
        ".get ingestion resources SECRET",
        ".create table T",
        ".create-or-alter function SECRET",
        ".create table T ingestion SECRET mapping 'm' '[]'",
        ".create table T ingestion csv mapping 'm' SECRET",
        ".show operations (SECRET)",
        ".alter column T type=long",
        ".drop extents from SECRET limit SECRET",
        ".show tables with (a=SECRET)",
        ".set T",
        "",
    ] {
        let error = world.run(command).unwrap_err();
        assert_eq!(
            (error.code(), error.http_status()),
            (Some("BadRequest_SyntaxError"), Some(400)),
            "{command}: {}",
            error.chain()
        );
        assert!(
            !format!("{} {error:?}", error.chain()).contains("SECRET"),
            "{error:?}"
        );
    }
}
