//! Which of a cluster's two addresses each part of the facade talks to, whichever of them the caller gave.

use kusto_ingest::Kusto;

/// What the facade shows of itself: the address of the engine, and of the Data Management service.
fn shown(address: &str) -> String {
    let kusto = Kusto::connect(&format!("Data Source={address};Fed=false")).expect("nothing is sent yet");
    format!("{kusto:?}")
}

#[test]
fn s03_g18_s02_c99_either_address_of_a_cluster_leads_to_both() {
    for (given, engine, ingestion) in [
        (
            "https://c.kusto.windows.net",
            "https://c.kusto.windows.net/",
            "https://ingest-c.kusto.windows.net/",
        ),
        (
            "https://ingest-c.kusto.windows.net",
            "https://c.kusto.windows.net/",
            "https://ingest-c.kusto.windows.net/",
        ),
        (
            "https://private-ingest-c.westeurope.kusto.windows.net",
            "https://private-c.westeurope.kusto.windows.net/",
            "https://private-ingest-c.westeurope.kusto.windows.net/",
        ),
        (
            "https://ingest-private-c.westeurope.kusto.windows.net",
            "https://private-c.westeurope.kusto.windows.net/",
            "https://ingest-private-c.westeurope.kusto.windows.net/",
        ),
        (
            "https://localhost:8080",
            "https://localhost:8080/",
            "https://localhost:8080/",
        ),
        (
            "https://192.168.14.4",
            "https://192.168.14.4/",
            "https://192.168.14.4/",
        ),
        (
            "https://onebox.dev.kusto.windows.net",
            "https://onebox.dev.kusto.windows.net/",
            "https://onebox.dev.kusto.windows.net/",
        ),
    ] {
        let shown = shown(given);
        assert!(
            shown.contains(&format!("engine: \"{engine}\"")),
            "{given}: {shown}"
        );
        assert!(
            shown.contains(&format!("ingestion: \"{ingestion}\"")),
            "{given}: {shown}"
        );
    }
}
