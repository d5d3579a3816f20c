//! Nothing that is shown shows a SAS, a token or a key.

use std::fmt::Debug;

use kusto_ingest_core::{BlobSource, DataFormat, IngestionProperties, ReportLevel, ReportMethod, Timestamp};
use kusto_ingest_message::{
    FailureNotification, IdentityToken, IngestionMessage, StatusLocation, StatusRecord, SuccessNotification,
};

fn check(shown: &impl Debug) {
    let text = format!("{shown:?} {shown:#?}");
    for secret in ["sig=", "IDENTITY-TOKEN", "ACCOUNTKEY"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn s02_c98_debug_shows_no_secret() {
    let properties = IngestionProperties::into_table("d", "t")
        .unwrap()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::QueueAndTable);
    let token = IdentityToken::parse("IDENTITY-TOKEN").unwrap();
    let row = StatusLocation::new("https://h/table?sv=1&sig=S", "p", "r");
    check(&token);
    check(&row);
    for address in ["https://h/c/b.csv?sv=1&sig=S", "https://h/c/b.csv;ACCOUNTKEY=="] {
        let blob = BlobSource::parse(address).unwrap();
        let message = IngestionMessage::new(&blob, &properties, DataFormat::Csv, token.clone())
            .with_status(row.clone());
        check(&message);
        let text = message.encode(Timestamp::UNIX_EPOCH).unwrap();
        check(&IngestionMessage::decode(&text).unwrap());
        check(&StatusRecord::pending(
            blob.id(),
            &properties.database,
            &properties.table,
            address,
            Timestamp::UNIX_EPOCH,
        ));
    }
    let report = r#"{"IngestionSourcePath":"https://h/c/b?sig=S","Unknown":"sig=S"}"#;
    check(&SuccessNotification::decode(report));
    check(&FailureNotification::decode(report));
    check(&FailureNotification::decode("no JSON: sig=S"));
}
