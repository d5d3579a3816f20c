//! The conformance cases E1-E14: from the address of a cluster to those of its two services.

use kusto_connection::{ConnectionString, EngineEndpoint, ErrorKind, IngestionEndpoint};

/// Both services derived from one address: ingestion, then engine.
fn check(address: &str, ingestion: &str, engine: &str) {
    let connection = ConnectionString::for_cluster(address).expect("an address");
    assert_eq!(
        connection.ingestion_endpoint().expect("an endpoint").to_string(),
        ingestion,
        "{address}"
    );
    assert_eq!(
        connection.engine_endpoint().expect("an endpoint").to_string(),
        engine,
        "{address}"
    );
}

/// An address under which both services are reached.
fn check_same(address: &str) {
    check(address, address, address);
}

#[test]
fn s01_e1_engine_gets_the_prefix() {
    check(
        "https://help.kusto.windows.net",
        "https://ingest-help.kusto.windows.net",
        "https://help.kusto.windows.net",
    );
}

#[test]
fn s01_e2_ingestion_loses_the_prefix() {
    check(
        "https://ingest-help.kusto.windows.net",
        "https://ingest-help.kusto.windows.net",
        "https://help.kusto.windows.net",
    );
}

#[test]
fn s01_e3_one_prefix_is_taken_off() {
    check(
        "https://ingest-ingest-x.kusto.windows.net",
        "https://ingest-ingest-x.kusto.windows.net",
        "https://ingest-x.kusto.windows.net",
    );
}

#[test]
fn s01_e4_prefix_inside_a_name_is_none() {
    check(
        "https://data-ingest-prod.westus.kusto.windows.net",
        "https://ingest-data-ingest-prod.westus.kusto.windows.net",
        "https://data-ingest-prod.westus.kusto.windows.net",
    );
}

#[test]
fn s01_e5_development_clusters_are_clusters() {
    check(
        "https://testendpoint.dev.kusto.windows.net",
        "https://ingest-testendpoint.dev.kusto.windows.net",
        "https://testendpoint.dev.kusto.windows.net",
    );
}

#[test]
fn s01_e6_onebox_has_one_name() {
    check_same("https://onebox.dev.kusto.windows.net");
    let onebox = "https://onebox.dev.kusto.windows.net";
    check("https://OneBox.Dev.Kusto.Windows.Net", onebox, onebox);
}

#[test]
fn s01_e7_ipv4_addresses_have_one_name() {
    check_same("https://192.168.1.1");
    check_same("https://192.168.1.1:8443");
}

#[test]
fn s01_e8_ipv6_addresses_have_one_name() {
    check_same("https://[::1]:8080");
    let canonical = "https://[2345:425:2ca1::567:5673:23b5]";
    check_same(canonical);
    check("https://[2345:0425:2CA1::0567:5673:23b5]", canonical, canonical);
}

#[test]
fn s01_e9_this_machine_has_one_name() {
    check_same("http://localhost:8080");
    check("https://LOCALHOST", "https://localhost", "https://localhost");
}

#[test]
fn s01_e10_localhost_inside_a_name_is_a_name() {
    check(
        "https://mylocalhostcluster.kusto.windows.net",
        "https://ingest-mylocalhostcluster.kusto.windows.net",
        "https://mylocalhostcluster.kusto.windows.net",
    );
}

#[test]
fn s01_e11_numeric_last_label_is_a_broken_ip_address() {
    let error = ConnectionString::for_cluster("https://192.shouldwork.1.1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidDataSource);
}

#[test]
fn s01_e12_port_and_base_path_are_kept() {
    check(
        "https://h.z0.kusto.fabric.microsoft.com:444/a/b",
        "https://ingest-h.z0.kusto.fabric.microsoft.com:444/a/b",
        "https://h.z0.kusto.fabric.microsoft.com:444/a/b",
    );
}

#[test]
fn s01_e13_given_ingestion_endpoint_ends_the_deriving() {
    let given = IngestionEndpoint::parse("https://dm.contoso.com/kusto").unwrap();
    let connection = ConnectionString::for_cluster("https://ingest-help.kusto.windows.net").unwrap();
    let connection = connection.with_ingestion_endpoint(given.clone());
    assert_eq!(connection.ingestion_endpoint().unwrap(), given);
    assert_eq!(
        connection.engine_endpoint().unwrap().to_string(),
        "https://ingest-help.kusto.windows.net"
    );
}

#[test]
fn s01_e14_deriving_leaves_the_connection_string_alone() {
    let connection = ConnectionString::for_cluster("https://help.kusto.windows.net").unwrap();
    let before = connection.clone();
    let _ = (
        connection.ingestion_endpoint().unwrap(),
        connection.engine_endpoint().unwrap(),
    );
    assert_eq!(connection, before);
    assert_eq!(
        connection.data_source().as_str(),
        "https://help.kusto.windows.net/"
    );
}

#[test]
fn every_documented_form_of_a_host_gives_the_right_pair() {
    let region = "westeurope.kusto.windows.net";
    // Through a private endpoint, the ingestion service has two names.
    check(
        &format!("https://private-ingest-c.{region}"),
        &format!("https://private-ingest-c.{region}"),
        &format!("https://private-c.{region}"),
    );
    for (ingestion, engine) in [
        ("ingest-private-c", "private-c"),
        ("ingest-private-link", "private-link"),
        ("ingest-kvc0abc", "kvc0abc"),
    ] {
        for host in [ingestion, engine] {
            check(
                &format!("https://{host}.{region}/Db"),
                &format!("https://{ingestion}.{region}"),
                &format!("https://{engine}.{region}"),
            );
        }
    }
    for domain in [
        "trd-0abc.z0.kusto.fabric.microsoft.com",
        "pool.workspace.kusto.azuresynapse.net",
        "c.eastus.kusto.data.microsoft.com",
        "c.usgovvirginia.kusto.usgovcloudapi.net",
        "c.chinaeast2.kusto.chinacloudapi.cn",
    ] {
        for prefix in ["", "ingest-"] {
            check(
                &format!("https://{prefix}{domain}"),
                &format!("https://ingest-{domain}"),
                &format!("https://{domain}"),
            );
        }
    }
    let private = ConnectionString::for_cluster("https://private-ingest-c.westeurope.kusto.windows.net");
    assert!(private.expect("an address").is_ingestion_host());
}

#[test]
fn the_address_of_a_web_page_is_refused_with_that_of_the_cluster() {
    for (page, cluster) in [
        (
            "https://dataexplorer.azure.com/clusters/help/databases/Samples?query=H4s#x",
            "`https://help.kusto.windows.net`",
        ),
        (
            "dataexplorer.azure.com/clusters/c.westeurope/databases/Db",
            "`https://c.westeurope.kusto.windows.net`",
        ),
        (
            "https://dataexplorer.azure.com/clusters/c.z9.kusto.fabric.microsoft.com",
            "`https://c.z9.kusto.fabric.microsoft.com`",
        ),
        (
            "https://dataexplorer.azure.us/clusters/c.usgovvirginia",
            "`https://c.usgovvirginia.kusto.usgovcloudapi.net`",
        ),
        (
            "https://dataexplorer.azure.com/clusters/a%3Db/x",
            "`https://CLUSTER.REGION.kusto.windows.net`",
        ),
        (
            "https://dataexplorer.azure.com/",
            "`https://CLUSTER.REGION.kusto.windows.net`",
        ),
        ("https://portal.azure.com/#@contoso/resource", "query URI"),
    ] {
        let error = ConnectionString::parse(page).expect_err("a web page");
        assert_eq!(error.kind(), ErrorKind::InvalidDataSource, "{page}");
        assert!(error.to_string().contains(cluster), "{page}: {error}");
    }
}

#[test]
fn addresses_are_used_as_given_when_asked() {
    let connection = ConnectionString::for_cluster("https://proxy.contoso.com")
        .unwrap()
        .with_endpoints_as_given();
    assert_eq!(
        connection.ingestion_endpoint().unwrap().to_string(),
        "https://proxy.contoso.com"
    );
    assert_eq!(
        connection.engine_endpoint().unwrap().to_string(),
        "https://proxy.contoso.com"
    );
}

#[test]
fn each_service_leads_to_the_other() {
    let engine = EngineEndpoint::parse("help.kusto.windows.net").unwrap();
    let ingestion = engine.to_ingestion().unwrap();
    assert!(ingestion.is_ingestion_host() && !engine.is_ingestion_host());
    assert_eq!(ingestion.to_engine().unwrap(), engine);
}

#[test]
fn resources_lie_below_the_base_path_and_metadata_does_not() {
    let engine = EngineEndpoint::parse("https://proxy.contoso.com:444/a/b").unwrap();
    assert_eq!(
        engine.join("/v1/rest/mgmt").as_str(),
        "https://proxy.contoso.com:444/a/b/v1/rest/mgmt"
    );
    assert_eq!(engine.join("v1/rest/mgmt"), engine.join("/v1/rest/mgmt"));
    assert_eq!(engine.origin().as_str(), "https://proxy.contoso.com:444/");
}

#[test]
fn a_url_that_is_no_plain_address_is_no_endpoint() {
    for text in ["https://u@h.net/", "ftp://h.net/", "https://h.net/?x", "data:x"] {
        let url = text.parse().unwrap();
        assert_eq!(
            EngineEndpoint::as_given(&url).unwrap_err().kind(),
            ErrorKind::InvalidDataSource,
            "{text}"
        );
    }
}
