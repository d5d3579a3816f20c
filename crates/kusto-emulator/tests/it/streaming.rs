//! Streaming over HTTP: as any client sends it, and as ours does.

use std::sync::Arc;

use kusto_emulator::{HttpFault, HttpFaultPlan, Route};
use kusto_endpoint_azure::AzureEndpoint;
use kusto_ingest_compression::InlineCompressor;
use kusto_ingest_compression::testing::gzip;
use kusto_ingest_core::{
    DataFormat, ErrorKind, IngestClient, IngestionMapping, IngestionProperties, LocalSource, MappingKind,
    ReceiptState, TableName,
};
use kusto_ingest_streaming::StreamingIngestClient;
use kusto_transport_hyper::{HyperTransport, TransportOptions};
use serde_json::json;

use crate::client::{Answered, World, database, table};

impl World {
    pub(crate) async fn stream(
        &self,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<bytes::Bytes>,
    ) -> Answered {
        let url = format!("{}/v1/rest/ingest/{target}", self.emulator.cluster());
        self.send("POST", &url, headers, body).await
    }

    /// Our own client, over sockets.
    fn streaming(&self) -> StreamingIngestClient {
        let base = self.emulator.cluster().parse().expect("a URL");
        let transport = HyperTransport::new(TransportOptions::new()).expect("no files");
        let endpoint = AzureEndpoint::new(base, transport.as_transport()).expect("an address");
        let clock = Arc::new(self.clock.clone());
        StreamingIngestClient::new(Arc::new(endpoint), Arc::new(InlineCompressor::new()), clock)
    }

    fn rows(&self) -> usize {
        self.emulator.fake().rows(&database(), &table()).len()
    }
}

fn properties() -> IngestionProperties {
    IngestionProperties::new(database(), table()).with_format(DataFormat::Csv)
}

#[tokio::test]
async fn s03_g71_gzip_needs_no_header_and_a_header_is_believed_of_binary_formats_alone() {
    let world = World::start().await;
    const GZIP: &[(&str, &str)] = &[("content-encoding", "gzip")];
    for (headers, body) in [(&[][..], gzip("y,2\n")), (GZIP, gzip("z,3\n"))] {
        let answer = world.stream("Samples/T?streamFormat=CSV", headers, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let table = &answer.json()["Tables"][0];
        assert_eq!(table["Columns"][0]["ColumnName"], "ConsumedRecordsCount");
        assert_eq!(table["Rows"][0][0], 1);
    }
    let archive = &b"PK\x03\x04 and so on"[..];
    for (format, headers, body, code) in [
        ("csv", GZIP, &b"x,1\n"[..], "BadRequest_InvalidBlob"),
        ("json", GZIP, archive, "BadRequest_InvalidArchive"),
        ("csv", &[], archive, "BadRequest_InvalidArchive"),
    ] {
        let answer = world
            .stream(&format!("Samples/T?streamFormat={format}"), headers, body)
            .await;
        let error = answer.json()["error"].clone();
        assert_eq!(
            (answer.status, &error["code"], &error["@permanent"]),
            (400, &json!(code), &json!(true))
        );
    }
    // A binary format is read as it is: this is no Parquet file, and none of its compression.
    let answer = world
        .stream("Samples/T?streamFormat=parquet", GZIP, "x,1\n")
        .await;
    assert_eq!(
        answer.json()["error"]["code"],
        "BadRequest_NoRecordsOrWrongFormat"
    );
    assert_eq!(world.rows(), 2);
}

#[tokio::test]
async fn case_25_a_streaming_request_of_more_than_four_mebibytes_of_data_is_refused() {
    let world = World::start().await;
    let row = format!("{},1\n", "abcdefghij".repeat(10));
    for (mebibytes, fits) in [(3, true), (5, false), (9, false), (20, false)] {
        let data = row.repeat(mebibytes * 1024 * 1024 / row.len());
        for (headers, body) in [
            (&[("content-encoding", "gzip")][..], gzip(&data)),
            (&[], data.into_bytes()),
        ] {
            let answer = world.stream("Samples/T?streamFormat=csv", headers, body).await;
            assert_eq!(answer.status, if fits { 200 } else { 413 }, "{mebibytes} MiB");
            if !fits {
                let error = answer.json()["error"].clone();
                assert_eq!(
                    (&error["code"], &error["@permanent"]),
                    (&json!("Stream_InputStreamTooLarge"), &json!(true))
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_in_kustos_own_shape() {
    let world = World::start().await;
    let altered = world
        .ask(
            "/v1/rest/mgmt",
            ".alter table T policy streamingingestion disable",
        )
        .await;
    assert_eq!(altered.status, 200, "{}", altered.text());
    for (target, code, permanent) in [
        ("Samples/Other?streamFormat=csv", "BadRequest_TableNotExist", true),
        (
            "Samples/T?streamFormat=csv",
            "BadRequest_StreamingIngestionPolicyNotEnabled",
            true,
        ),
    ] {
        let answer = world.stream(target, &[], "x,1\n").await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["code"]), (400, &json!(code)));
        assert_eq!(error["@permanent"], permanent);
    }
    assert_eq!(
        world.stream("Samples?streamFormat=csv", &[], "x").await.status,
        400
    );
    assert_eq!(world.rows(), 0);
}

#[tokio::test]
async fn s03_g22_our_client_streams_into_tables_of_any_name() {
    let world = World::start().await;
    let name = "T/1 x%2F雪'\"";
    let create = format!(
        ".create table ['{}'] (a:string, b:long)",
        name.replace('\'', "\\'")
    );
    assert_eq!(world.ask("/v1/rest/mgmt", &create).await.status, 200);
    let mapping = format!(
        ".create table ['{}'] ingestion csv mapping 'm 1&2' '[{{\"Column\":\"b\",\"Ordinal\":0}}]'",
        name.replace('\'', "\\'")
    );
    let created = world.ask("/v1/rest/mgmt", &mapping).await;
    assert_eq!(created.status, 200, "{}", created.text());

    let table = TableName::parse(name).expect("a name");
    let mapping = IngestionMapping::reference(MappingKind::Csv, "m 1&2").expect("a name");
    let properties = IngestionProperties::new(database(), table.clone()).with_mapping(mapping);
    let source = LocalSource::from_bytes("7\n8\n");
    let id = source.id();
    let receipt = world
        .streaming()
        .ingest_source(source.into(), &properties)
        .await
        .expect("it is taken");
    assert_eq!(receipt.state, ReceiptState::Streamed);
    assert_eq!(world.emulator.fake().rows(&database(), &table).len(), 2);
    let requests = world.emulator.requests();
    let last = requests.last().expect("there was one");
    let named = format!("KRC.executeStreamingIngest;{id}");
    assert_eq!(
        (last.route, last.client_request_id.as_deref()),
        (Route::Streaming, Some(named.as_str()))
    );
}

#[tokio::test]
async fn our_client_knows_what_became_of_its_request() {
    let world = World::start().await;
    let client = world.streaming();
    let ingest = |data: &'static str| {
        let client = client.clone();
        async move {
            client
                .ingest_source(LocalSource::from_bytes(data).into(), &properties())
                .await
        }
    };
    world.emulator.plan(
        HttpFaultPlan::new(HttpFault::ResponseLost)
            .on(Route::Streaming)
            .times(1),
    );
    let error = ingest("x,1\n").await.expect_err("nobody knows");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    let receipt = error.receipt().expect("it carries one");
    assert_eq!(receipt.ambiguous_sends, 1, "{receipt:?}");
    assert_eq!(world.rows(), 1, "and it is");

    let busy = HttpFault::Status(503, "ServiceUnavailable".to_owned());
    world
        .emulator
        .plan(HttpFaultPlan::new(busy).on(Route::Streaming).times(1));
    let error = ingest("x,1\n").await.expect_err("it was planned");
    assert_eq!(error.http_status(), Some(503));

    for status in [408, 500, 502, 504] {
        let broken = HttpFault::Status(status, "InternalError".to_owned());
        world
            .emulator
            .plan(HttpFaultPlan::new(broken).on(Route::Streaming).times(1));
        let error = ingest("x,1\n").await.expect_err("it was planned");
        assert_eq!(
            (
                error.kind(),
                error.receipt().map(|receipt| receipt.ambiguous_sends)
            ),
            (ErrorKind::OutcomeUnknown, Some(1)),
            "{status}"
        );
    }

    let off = world
        .ask(
            "/v1/rest/mgmt",
            ".alter table T policy streamingingestion disable",
        )
        .await;
    assert_eq!(off.status, 200);
    let error = ingest("x,1\n").await.expect_err("it is off");
    assert_eq!(
        (error.kind(), error.is_permanent()),
        (ErrorKind::Unsupported, true)
    );
    assert_eq!(world.rows(), 1);
}
