//! Addresses as people have them: of clusters, of blobs and of what is none, of proxies, and the database within one.

use kusto_emulator::Emulator;
use serde_json::json;

use crate::setup::command::{CommandOutput, end, kusto_ingest, run, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;
use crate::setup::poll::while_it_runs;
use crate::setup::recording_server::RecordingServer;

#[test]
fn what_is_no_blob_is_refused_before_anything_is_sent() {
    let kusto = Kusto::of(Emulator::builder().with_database("D".try_into().expect("it is a name")));
    let account = "https://acct.blob.core.windows.net";
    for (address, why) in [
        #[cfg(not(feature = "object-store"))]
        ("s3://logs/2026/;AwsCredentials=I,x%3D".to_owned(), "object-store"),
        ("s3://logs/2026/?sig=x%3D".to_owned(), "opens one object"),
        (format!("{account}/logs/*.csv?sig=x%3D"), "wildcard"),
        (
            "acct.blob.core.windows.net/logs/a.csv?sig=x%3D".to_owned(),
            "https://",
        ),
    ] {
        for command in [
            &["ingest", "--no-wait"][..],
            &["managed"],
            &["direct"],
            &["stream", "--from-uri"],
        ] {
            let ran = kusto.run(&[command, &[&address, "--format", "csv"]].concat());
            ran.refused(2, why);
            assert!(!ran.err.contains("x%3D"), "{ran:?}");
        }
    }
    assert_eq!(kusto.emulator.requests().len(), 0);
}

#[test]
fn an_object_in_the_root_of_a_bucket_is_one_source() {
    for (address, shown) in [
        (
            "https://b.s3.eu-west-1.amazonaws.com/a.csv;AwsCredentials=ID,x%3D",
            "https://b.s3.eu-west-1.amazonaws.com/a.csv",
        ),
        (
            "https://b.s3.eu-west-1.amazonaws.com/a.csv?X-Amz-Signature=x%3D",
            "https://b.s3.eu-west-1.amazonaws.com/a.csv",
        ),
        (
            "https://b.s3.amazonaws.com/a.csv?X-Amz-Signature=x%3D",
            "https://b.s3.amazonaws.com/a.csv",
        ),
    ] {
        let ran = run(&["ingest", address, "--dry-run", "--output", "json"]);
        assert_eq!(
            (ran.code, &ran.json()["results"][0]["source"]),
            (0, &json!(shown)),
            "{ran:?}"
        );
        assert!(!format!("{ran:?}").contains("x%3D"), "{ran:?}");
    }
}

/// What a proxy is asked first to connect to when a command goes to a cluster.
fn host_asked(command: &[&str], cluster: &str) -> String {
    let proxy = RecordingServer::open();
    let mut asks = kusto_ingest(&[command, &["--cluster", cluster, "--auth", "none"]].concat());
    let mut child = start(asks.env("HTTPS_PROXY", &proxy.address));
    while_it_runs(&mut child, || !proxy.heard().is_empty());
    // It would try again.
    child.kill().expect("it runs, or has ended");
    child.wait().expect("it was started");
    let asked = proxy.heard().swap_remove(0);
    let host = asked
        .strip_prefix("CONNECT ")
        .and_then(|rest| rest.split(':').next());
    host.expect("a tunnel is asked for").to_owned()
}

#[test]
fn every_documented_form_of_a_host_leads_to_the_right_service() {
    let folder = Folder::new("hosts");
    let file = folder.write("a.csv", "1\n");
    let region = "westeurope.kusto.windows.net";
    for (given, ingestion, engine) in [
        ("private-ingest-c", "private-ingest-c", "private-c"),
        ("ingest-private-c", "ingest-private-c", "private-c"),
        ("private-c", "ingest-private-c", "private-c"),
        ("c", "ingest-c", "c"),
    ] {
        let cluster = format!("https://{given}.{region}");
        for (command, more, service) in [
            ("ingest", &["--no-preflight"][..], ingestion),
            ("stream", &[], engine),
        ] {
            let arguments = [&[command, &*file, "-d", "D", "-t", "T"], more].concat();
            let host = host_asked(&arguments, &cluster);
            assert_eq!(host, format!("{service}.{region}"), "{command} {given}");
        }
    }
}

#[test]
fn a_star_in_no_proxy_holds_for_addresses_too() {
    // Loopback, and no loopback address by its looks: such a one is never asked through a proxy of the environment.
    let host = RecordingServer::open();
    let port = host.address.rsplit(':').next().expect("it has a port");
    let cluster = format!("http://[::ffff:127.0.0.1]:{port}");
    for (exceptions, is_direct) in [("*", true), ("::/0", true), ("10.0.0.0/8", false)] {
        let proxy = RecordingServer::open();
        let mut query = kusto_ingest(&["query", "T", "-d", "D", "--cluster", &cluster, "--auth", "none"]);
        query
            .env("HTTP_PROXY", &proxy.address)
            .env("NO_PROXY", exceptions);
        let before = host.heard().len();
        let ran = end(start(&mut query));
        assert_ne!(ran.code, 0, "{ran:?}");
        let asked = (host.heard().len() > before, proxy.heard().is_empty());
        assert_eq!(asked, (is_direct, is_direct), "{exceptions}: {ran:?}");
    }
}

#[test]
fn the_connection_string_or_the_environment_names_the_database() {
    let kusto = Kusto::with(&["D.T(a:string)"]);
    let folder = Folder::new("database");
    let file = folder.write("a.csv", "x\n");
    let cluster = &kusto.cluster;
    let arrived = |ran: CommandOutput| {
        ran.ended(0, "Succeeded");
    };
    let ingest = ["ingest", &file, "--wait", "--output", "json"];
    for address in [
        format!("Data Source={cluster};Initial Catalog=D"),
        format!("{cluster}/D"),
    ] {
        arrived(run(&[&ingest[..], &["--cluster", &address, "-t", "T"]].concat()));
    }
    let mut by_environment = kusto_ingest(&ingest);
    by_environment
        .env("KUSTO_CLUSTER", cluster)
        .env("KUSTO_DATABASE", "D")
        .env("KUSTO_TABLE", "T");
    arrived(end(start(&mut by_environment)));
    let elsewhere = format!("{cluster}/Elsewhere");
    arrived(run(&[
        &ingest[..],
        &["--cluster", &elsewhere, "-d", "D", "-t", "T"],
    ]
    .concat()));

    let query = ["query", "T | count", "--output", "json", "--cluster"];
    let counted = run(&[&query[..], &[&format!("{cluster}/D")]].concat());
    assert_eq!(counted.json()["rows"], json!([[4]]), "{counted:?}");
    run(&[&query[..], &[cluster]].concat()).refused(2, "no database is named");
}

#[test]
fn the_address_of_the_web_ui_is_refused_with_that_of_the_cluster() {
    let folder = Folder::new("web_ui");
    let file = folder.write("a.csv", "x\n");
    let page = "https://dataexplorer.azure.com/clusters/help/databases/Samples?query=H4sIAAAA";
    let ran = run(&["ingest", &file, "--cluster", page, "-d", "D", "-t", "T"]);
    ran.refused(2, "`https://help.kusto.windows.net`");
}
