//! Every kind of secret, typed where something else was wanted.

use kusto_connection::{EngineEndpoint, MatchRule};
use kusto_emulator::Emulator;
use kusto_ingest::connection::ConnectionString;
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::mapping::{IngestionMapping, MappingKind};
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest::transport::ProxyUrl;
use kusto_ingest::{BlobSource, IngestClientExt as _, Kusto, LocalSource};

use super::{CANARY, Log, Shown, patient, tracked};

/// Every kind of secret, as it is typed or pasted.
fn secrets() -> Vec<String> {
    [
        "https://acct.blob.core.windows.net/c/a.csv?sv=1&sp=r&sig=@%3D",
        "acct.blob.core.windows.net/c/a.csv?sv=1&sig=@",
        "https://acct.blob.core.windows.net/c/my a.csv;@==",
        "acct.blob.core.windows.net/c/a.csv;@==",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=@==",
        "Data Source=https://h.kusto.windows.net;AppClientId=a;AppKey=x y'@;Nonsense=1",
        "h.kusto.windows.net;Application Key=\"@;x\";tid=t.com;No equals",
        "Fed=True;User ID=me;Password=p @",
        "Bearer @",
        "Authorization: Bearer @",
        "eyJ0eXAiOiJKV1QiLCJh.@.x",
        "client_secret=@",
        "{\"client_secret\": \"@\"}",
        "https://me:@@127.0.0.1:1/Db",
        "me:@@127.0.0.1:1",
    ]
    .map(|secret| secret.replacen('@', CANARY, 1))
    .into()
}

#[tokio::test]
async fn a_secret_in_the_wrong_place_is_shown_nowhere() {
    Log::of_process();
    let mut shown = Shown::default();
    let emulator = Emulator::start().await.expect("a free port");
    let builder = Kusto::builder(&emulator.cluster()).expect("a good address");
    let kusto = builder
        .with_clock(patient())
        .connect()
        .expect("nothing is sent yet");
    let (database, ask) = (DatabaseName::net_default(), RequestProperties::new());
    for secret in secrets() {
        shown.result(&Kusto::connect(&secret));
        shown.result(&BlobSource::parse(&*secret));
        shown.result(&DatabaseName::parse(&*secret));
        shown.result(&TableName::parse(&*secret));
        shown.result(&ProxyUrl::parse(&*secret));
        shown.result(&IngestionMapping::from_json(MappingKind::Json, &secret));
        shown.result(&kusto_ingest::file(&secret).await);
        let words = [
            ConnectionString::for_cluster(&secret).map(|_| ()),
            EngineEndpoint::parse(&secret).map(|_| ()),
            MatchRule::suffix(&secret).map(|_| ()),
            ConnectionString::for_cluster("https://h.kusto.windows.net")
                .and_then(|connection| connection.with_client_secret(&*secret, "a", "s").auth_method())
                .map(|_| ()),
        ];
        shown.value(&words);
        shown.result(&kusto.engine_endpoint().execute(&database, &secret, &ask).await);
        let command = format!(".show tables | where a == '{}'", secret.replace('\'', "\\'"));
        shown.result(&kusto.engine_endpoint().execute(&database, &command, &ask).await);
        shown.result(&kusto.query_endpoint().query(&database, &secret, &ask).await);
        let named = LocalSource::from_bytes("").with_name(&*secret);
        shown.result(&kusto.queued().ingest(named, &tracked("t")).await);
    }
    shown.holds_none_of(&[CANARY.to_owned()]);
}
