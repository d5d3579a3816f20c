//! What holds for every text, whoever makes it up: `proptest` beside this file, `cargo fuzz` in `fuzz/`.

use kusto_connection::{ConnectionString, Keyword, TrustedEndpoints};

/// Reading never panics; what was read can be rendered and read again; what is shown holds no secret.
pub(crate) fn holds_for(text: &str) {
    let Ok(connection) = ConnectionString::parse(text).inspect_err(|error| drop(error.to_string())) else {
        return;
    };

    let rendered = connection.expose();
    let again = ConnectionString::parse(&rendered).expect("what is rendered can be read");
    assert_eq!(again, connection);
    assert!(again.expose() == rendered, "rendered in two ways: {connection}");
    assert_eq!(again.duplicates(), []);

    let masked = ConnectionString::parse(&connection.to_string()).expect("what is shown can be read");
    for keyword in Keyword::all() {
        let mask = connection.secret(keyword).map(|_| "****");
        assert_eq!(
            masked.secret(keyword).map(|secret| secret.expose()),
            mask,
            "{keyword}"
        );
        assert_eq!(masked.text(keyword), connection.text(keyword), "{keyword}");
    }

    if let Ok(engine) = connection.engine_endpoint() {
        assert_eq!(engine.url().port(), connection.data_source().port());
        assert_eq!(engine.url().path(), connection.data_source().path());
    }
    if let Ok(ingestion) = connection.ingestion_endpoint() {
        assert_eq!(
            ingestion.to_engine().is_ok(),
            connection.engine_endpoint().is_ok()
        );
    }
    drop(TrustedEndpoints::new().check(connection.data_source()));
    drop(connection.auth_method());
}
