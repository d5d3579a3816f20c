//! Endpoints of a program's own below the clients of a cluster, put there by its builder.

use std::sync::Arc;

use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::streaming::StreamingRequest;
use kusto_ingest::{
    DataFormat, ErrorKind, IngestClientExt, IngestionProperties, Kusto, KustoBuilder, LocalSource, Result,
};

use crate::block_on;
use crate::endpoint::Engine;
use crate::http::Tube;
use crate::pieces::{Press, Sundial};

/// A host that no token may be sent to, and nobody says how to sign in.
const NOWHERE: &str = "https://no-such-cluster.example";

fn nowhere() -> KustoBuilder {
    Kusto::builder(NOWHERE)
        .expect("an address")
        .with_clock(Arc::new(Sundial::default()))
        .with_compressor(Arc::new(Press::default()))
}

fn row() -> LocalSource {
    LocalSource::from_bytes("2012-01-01,4.7\n").with_name("weather.csv")
}

#[test]
fn each_endpoint_of_the_programs_own_is_asked_what_is_meant_for_it_and_nobody_signs_in() -> Result<()> {
    let [management, engine, query, streaming] = std::array::from_fn(|_| Engine::default());
    let kusto = nowhere()
        .with_data_management(Arc::new(management.clone()))
        .with_engine_endpoint(Arc::new(engine.clone()))
        .with_query_endpoint(Arc::new(query.clone()))
        .with_streaming_endpoint(Arc::new(streaming.clone()))
        .connect()?;
    let weather = IngestionProperties::into_table("Samples", "Weather")?;

    block_on(kusto.resources().resources())?;
    block_on(kusto.command("Samples", ".show tables"))?;
    block_on(kusto.query("Samples", "Weather | count"))?;
    block_on(kusto.streaming().ingest(row(), &weather))?;
    block_on(kusto.managed().ingest(row(), &weather))?;
    block_on(kusto.direct().ingest(row(), &weather))?;

    assert_eq!(management.asked(), [".get ingestion resources"]);
    assert_eq!(query.asked(), ["Weather | count"]);
    assert_eq!(streaming.asked(), ["stream into Samples.Weather"; 2]);
    let commands = engine.asked();
    assert_eq!((commands.len(), commands[0].as_str()), (2, ".show tables"));
    assert!(commands[1].starts_with(".ingest inline"), "{commands:?}");
    Ok(())
}

#[test]
fn what_is_handed_out_is_the_programs_own() -> Result<()> {
    let [management, streaming] = std::array::from_fn(|_| Engine::default());
    let kusto = Kusto::builder("http://127.0.0.1:1")?
        .with_data_management(Arc::new(management.clone()))
        .with_streaming_endpoint(Arc::new(streaming.clone()))
        .connect()?;
    let (database, table) = (DatabaseName::parse("Samples")?, TableName::parse("Weather")?);
    let request = RequestProperties::new();

    block_on(
        kusto
            .data_management()
            .execute(&database, ".show version", &request),
    )?;
    let rows = StreamingRequest::of_bytes("1\n", DataFormat::Csv);
    block_on(kusto.streaming_endpoint().ingest(&database, &table, &rows))?;

    assert_eq!(management.asked(), [".show version"]);
    assert_eq!(streaming.asked(), ["stream into Samples.Weather"]);
    Ok(())
}

#[test]
fn an_endpoint_that_is_not_the_programs_own_goes_over_the_transport() -> Result<()> {
    let (tube, query) = (Tube::default(), Engine::default());
    let kusto = Kusto::builder("http://127.0.0.1:1")?
        .with_http_transport(tube.transport())
        .with_query_endpoint(Arc::new(query.clone()))
        .connect()?;

    block_on(kusto.query("Samples", "Weather | count"))?;
    assert!(tube.asked().is_empty(), "the query went to the program's own");
    block_on(kusto.command("Samples", ".show tables"))?;

    assert_eq!(query.asked(), ["Weather | count"]);
    assert_eq!(tube.asked()[0].path, "/v1/rest/mgmt");
    Ok(())
}

#[test]
fn with_one_endpoint_of_ours_somebody_has_to_sign_in() {
    let engine = Arc::new(Engine::default());
    let refused = nowhere()
        .with_engine_endpoint(engine.clone())
        .with_query_endpoint(engine.clone())
        .with_streaming_endpoint(engine)
        .connect()
        .expect_err("the Data Management endpoint is ours");
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated, "{}", refused.chain());
}
