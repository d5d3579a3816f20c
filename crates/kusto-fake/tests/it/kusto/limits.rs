//! How much is taken, and what becomes of more.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use kusto_fake::Limits;
use kusto_ingest_message::OperationStatus;

use super::world::World;

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).expect("memory");
    encoder.finish().expect("memory")
}

impl World {
    /// The service's word for how a source failed, or nothing.
    fn code(&self, name: &str, body: Vec<u8>) -> String {
        let ingestion = self.ingest(&self.blob(name, body), &self.properties());
        ingestion
            .error_code
            .map(|code| code.to_string())
            .unwrap_or_default()
    }
}

#[test]
fn a_source_beyond_a_limit_fails_with_its_code_and_the_next_one_goes_on() {
    let text = "some text,1\n".repeat(10_000);
    for (limits, code) in [
        (
            Limits::default().with_max_raw_bytes(100_000),
            "BadRequest_FileTooLarge",
        ),
        (Limits::default().with_max_rows(9_999), "BadRequest_FileTooLarge"),
        (
            Limits::default().with_max_stored_bytes(100_000),
            "BadRequest_DataCapacityLimitReached",
        ),
    ] {
        let world = World::new("a:string, b:long");
        world.kusto.set_limits(limits);
        assert_eq!(world.kusto.limits(), limits);
        assert_eq!(world.code("bomb.csv.gz", gzip(text.as_bytes())), code);
        assert!(
            world.rows().is_empty() && world.kusto.stored_bytes() == 0,
            "{code}"
        );
        assert_eq!(world.code("next.csv", b"x,1\n".to_vec()), "", "{code}");
        assert_eq!(world.rows(), ["x|1"]);
    }
}

#[test]
fn a_store_that_is_full_refuses_more_until_a_table_is_dropped() {
    let world = World::new("a:string");
    world
        .kusto
        .set_limits(Limits::default().with_max_stored_bytes(64 << 10));
    let body = "x".repeat(1000) + "\n";
    let taken = (0..1000).take_while(|at| world.code(&format!("{at}.csv"), body.clone().into()).is_empty());
    let taken = taken.count();
    assert!((20..=66).contains(&taken), "{taken} of a thousand bytes each");
    assert!(
        world.kusto.stored_bytes() <= 2 * (64 << 10),
        "what is in reserve counts"
    );
    world.run(".drop table T").expect("it is there");
    world.run(".create table T (a:string)").expect("it is gone");
    assert_eq!(world.code("again.csv", body.into()), "");
}

#[test]
fn what_is_packed_twice_fails_and_says_so() {
    let world = World::new("a:string");
    let twice = gzip(&gzip(b"1\n2\n"));
    let ingestion = world.ingest(&world.blob("a.csv.gz", twice), &world.properties());
    assert_eq!(ingestion.status, OperationStatus::Failed);
    let error = ingestion.error.expect("it failed");
    assert_eq!(error.code(), Some("BadRequest_InvalidBlob"));
    assert!(error.chain().contains("packed twice"), "{}", error.chain());
    assert_eq!(world.code("b.csv", b"PK,1 is no archive\n".to_vec()), "");
}
