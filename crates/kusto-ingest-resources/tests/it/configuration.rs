//! What the REST routes offer: kept while it is good, and chosen among.

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::join_all;
use kusto_endpoint::{IngestionConfiguration, ScriptedQueued, UploadMethod};
use kusto_ingest_core::testing::clock;
use kusto_ingest_core::{Error, ErrorKind, ManualClock, NoRetry, drive_refresh};
use kusto_ingest_resources::{ConfigurationManager, ResourceProvider as _};

const CONTAINER: &str = "https://acct.blob.core.windows.net/c?sig=S";
const FOLDER: &str = "https://onelake.dfs.fabric.microsoft.com/WS/ITEM/Files";

fn offered() -> IngestionConfiguration {
    IngestionConfiguration::new().with_containers([CONTAINER])
}

fn manager(offered: IngestionConfiguration) -> (ConfigurationManager, ScriptedQueued, ManualClock) {
    let (endpoint, clock) = (ScriptedQueued::new(offered), clock());
    let manager = ConfigurationManager::new(Arc::new(endpoint.clone()), Arc::new(clock.clone()));
    (manager.with_retry(Arc::new(NoRetry)), endpoint, clock)
}

fn host_of(manager: &ConfigurationManager) -> String {
    let issued = block_on(manager.resources()).expect("it is offered");
    let containers = issued.containers().expect("there is one");
    containers[0].expose().host_str().unwrap_or_default().to_owned()
}

#[test]
fn it_is_asked_once_for_all_and_again_after_the_interval_of_the_service() {
    let interval = |interval| {
        let mut offered = offered();
        offered.refresh_interval = interval;
        offered
    };
    let hours = Duration::from_secs(3_600);
    for (said, kept) in [
        (Some(Duration::from_secs(300)), Duration::from_secs(300)),
        (Some(5 * hours), hours),
        (None, hours),
    ] {
        let (manager, endpoint, clock) = manager(interval(said));
        let all = (0..9).map(|_| manager.configuration());
        assert!(block_on(join_all(all)).iter().all(Result::is_ok));
        clock.advance(kept - Duration::from_secs(1));
        block_on(manager.configuration()).expect("it is kept");
        assert_eq!(endpoint.configurations_asked(), 1, "{said:?}");
        clock.advance(Duration::from_secs(1));
        block_on(drive_refresh(&clock, manager.refresh(), async {}));
        assert_eq!(endpoint.configurations_asked(), 2, "{said:?}");
    }
}

#[test]
fn a_configuration_is_replaced_before_its_first_sas_expires() {
    let expiring = format!("{CONTAINER}&se=1970-01-01T00:30:00Z");
    let (manager, endpoint, clock) = manager(IngestionConfiguration::new().with_containers([expiring]));
    block_on(manager.configuration()).expect("it is offered");
    clock.advance(Duration::from_secs(25 * 60));
    block_on(drive_refresh(&clock, manager.refresh(), async {}));
    assert_eq!(endpoint.configurations_asked(), 2);
}

#[test]
fn s03_g55_an_old_configuration_serves_while_a_new_one_cannot_be_had() {
    let (manager, endpoint, clock) = manager(offered());
    block_on(manager.configuration()).expect("it is offered");
    clock.advance(Duration::from_secs(3_600));
    let away = Error::new(ErrorKind::Unavailable, "ask").with_http_status(500);
    endpoint.configure_once(Err(away));
    block_on(drive_refresh(&clock, manager.refresh(), async {}));
    assert_eq!(endpoint.configurations_asked(), 2);
    block_on(manager.configuration()).expect("the old one serves");
    assert_eq!(host_of(&manager), "acct.blob.core.windows.net");
}

#[test]
fn a_first_configuration_that_cannot_be_had_is_an_error() {
    let (manager, endpoint, _) = manager(offered());
    endpoint.configure_once(Err(
        Error::new(ErrorKind::Unavailable, "ask").with_http_status(503)
    ));
    let error = block_on(manager.configuration()).expect_err("it is away");
    assert_eq!(
        (error.kind(), error.http_status()),
        (ErrorKind::Unavailable, Some(503))
    );
    block_on(manager.configuration()).expect("it is back");
}

#[test]
fn that_the_routes_are_not_offered_is_remembered_for_ten_minutes() {
    let (manager, endpoint, clock) = manager(offered());
    let absent = Error::new(ErrorKind::Unsupported, "ask").with_code(IngestionConfiguration::NOT_SUPPORTED);
    endpoint.configure_once(Err(absent));
    for _ in 0..5 {
        let error = block_on(manager.configuration()).expect_err("they are not offered");
        assert_eq!(error.code(), Some(IngestionConfiguration::NOT_SUPPORTED));
    }
    assert_eq!(endpoint.configurations_asked(), 1);
    assert!(block_on(manager.resources()).is_err());
    clock.advance(Duration::from_secs(10 * 60));
    block_on(drive_refresh(&clock, manager.refresh(), async {}));
    block_on(manager.configuration()).expect("now they are");
}

#[test]
fn s03_g58_the_callers_choice_goes_before_that_of_the_service_and_one_kind_is_no_choice() {
    let (storage, lake) = ("acct.blob.core.windows.net", "onelake.dfs.fabric.microsoft.com");
    let both = |preferred: Option<UploadMethod>| {
        let mut offered = offered().with_lake_folders([FOLDER]);
        offered.preferred_upload = preferred;
        offered
    };
    for (preferred, chosen, host) in [
        (Some(UploadMethod::Lake), None, lake),
        (Some(UploadMethod::Lake), Some(UploadMethod::Storage), storage),
        (Some(UploadMethod::Storage), Some(UploadMethod::Lake), lake),
        (Some(UploadMethod::Storage), None, storage),
        (None, None, storage),
    ] {
        let (manager, ..) = manager(both(preferred));
        let manager = match chosen {
            Some(method) => manager.with_upload_method(method),
            None => manager,
        };
        assert_eq!(host_of(&manager), host, "{preferred:?} {chosen:?}");
    }
    let (only_lake, ..) = manager(IngestionConfiguration::new().with_lake_folders([FOLDER]));
    assert_eq!(
        host_of(&only_lake.with_upload_method(UploadMethod::Storage)),
        lake
    );
}

#[test]
fn plain_http_and_folders_of_this_machine_are_left_out() {
    let (http, file) = ("http://127.0.0.1:1/acct/c?sig=S", "/tmp/staging");
    let (manager, ..) = manager(IngestionConfiguration::new().with_containers([http, file, "nonsense"]));
    let issued = block_on(manager.resources()).expect("it is offered");
    assert!(issued.containers().is_err());
    let issued = block_on(manager.with_plain_http().resources()).expect("it is offered");
    assert_eq!(issued.containers().expect("the one of http").len(), 1);
}
