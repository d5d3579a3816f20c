//! Layers of a program's own below the clients of a cluster, put there by its builder.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kusto_ingest::clock::{Clock as _, Timestamp};
use kusto_ingest::managed::FallbackReason;
use kusto_ingest::resources::drive_refresh;
use kusto_ingest::status::{OperationStatus, PollSchedule, ReceiptState};
use kusto_ingest::testing::ManualClock;
use kusto_ingest::{
    BlobSource, ErrorKind, IngestClientExt, IngestionProperties, Kusto, KustoBuilder, LocalSource,
    ReportLevel, ReportMethod, Result,
};

use crate::block_on;
use crate::http::{Asked, Tube};
use crate::pieces::{Courier, Diary, Fixed, NeverStream, Press, Sundial, Times};
use crate::sign_in::{Elsewhere, Porter};
use crate::store::Shelf;

const ROW: &str = "2012-01-01,4.7\n";

fn into_weather() -> IngestionProperties {
    IngestionProperties::into_table("Samples", "Weather").expect("two names")
}

fn row() -> LocalSource {
    LocalSource::from_bytes(ROW).with_name("weather.csv")
}

/// A cluster with storage, time and resources of the program's own.
fn offline(shelf: &Shelf) -> KustoBuilder {
    Kusto::builder("http://127.0.0.1:1")
        .expect("an address")
        .with_clock(Arc::new(Sundial::default()))
        .with_compressor(Arc::new(Press::default()))
        .with_resource_provider(Arc::new(Fixed::default()))
        .with_blob_store(Arc::new(shelf.clone()))
        .with_queue_store(Arc::new(shelf.clone()))
        .with_table_store(Arc::new(shelf.clone()))
        .with_blob_probe(Arc::new(shelf.clone()))
}

#[test]
fn queued_ingestion_walks_through_storage_of_the_programs_own() -> Result<()> {
    let (shelf, press, resources) = (Shelf::default(), Press::default(), Fixed::default());
    let kusto = offline(&shelf)
        .with_compressor(Arc::new(press.clone()))
        .with_resource_provider(Arc::new(resources.clone()))
        .connect()?;
    let properties = into_weather().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);

    let receipt = block_on(kusto.queued().ingest(row(), &properties))?;

    assert!(receipt.status_locator().is_some(), "{:?}", receipt.state);
    assert_eq!(press.0.load(Ordering::SeqCst), 1, "our compressor");
    shelf.with(|it| {
        assert_eq!((it.blobs.len(), it.messages.len(), it.entities.len()), (1, 1, 1));
        assert!(it.blobs[0].1.starts_with(&[0x1f, 0x8b]), "what was put is gzip");
    });
    let reports = resources.0.lock().expect("nobody panicked");
    assert!(!reports.is_empty(), "our provider is told how storage did");
    Ok(())
}

#[test]
fn an_uploader_and_a_tracker_of_the_programs_own_are_used() -> Result<()> {
    let (shelf, courier, diary) = (Shelf::default(), Courier::default(), Diary::default());
    let kusto = offline(&shelf)
        .with_uploader(Arc::new(courier.clone()))
        .with_status_tracker(Arc::new(diary.clone()))
        .connect()?;
    let properties = into_weather().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);

    let receipt = block_on(kusto.queued().ingest(row(), &properties))?;

    assert_eq!(courier.0.load(Ordering::SeqCst), 1);
    assert_eq!(
        shelf.with(|it| it.blobs.len()),
        0,
        "the blob is where the uploader put it"
    );
    assert_eq!(*diary.0.lock().expect("nobody panicked"), [receipt.source_id]);
    let locator = receipt.status_locator().expect("it reports to the table");
    let record = block_on(kusto.wait_until_final(locator, &PollSchedule::interactive()))?;
    assert_eq!(record.status, OperationStatus::Succeeded);
    Ok(())
}

#[test]
fn a_source_that_stays_pending_is_not_waited_for_beyond_an_hour() -> Result<()> {
    let hour = Duration::from_secs(60 * 60);
    for schedule in [PollSchedule::interactive(), PollSchedule::standard()] {
        assert_eq!(schedule.limit, Some(hour), "it would be waited for, for ever");
        let clock = ManualClock::advancing(Timestamp::UNIX_EPOCH);
        let kusto = offline(&Shelf::default())
            .with_clock(Arc::new(clock.clone()))
            .connect()?;
        let properties =
            into_weather().with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
        let receipt = block_on(kusto.queued().ingest(row(), &properties))?;
        let begun = clock.monotonic();

        let error = block_on(kusto.wait_for(&receipt, &schedule)).expect_err("nobody ingests it");

        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
        assert_eq!(clock.monotonic().saturating_sub(begun), hour);
        assert_eq!(schedule.without_limit().limit, None);
    }
    Ok(())
}

#[test]
fn a_managed_policy_of_the_programs_own_chooses_the_queue() -> Result<()> {
    let shelf = Shelf::default();
    let kusto = offline(&shelf)
        .with_managed_policy(Arc::new(NeverStream))
        .connect()?;

    let receipt = block_on(kusto.managed().ingest(row(), &into_weather()))?;

    let sunday = FallbackReason::Other {
        reason: "it is Sunday".to_owned(),
    };
    assert_eq!(receipt.fallback, Some(sunday));
    assert_eq!(shelf.with(|it| it.messages.len()), 1);
    Ok(())
}

#[test]
fn a_probe_of_the_programs_own_tells_the_size_of_a_blob() -> Result<()> {
    let shelf = Shelf::default();
    let kusto = offline(&shelf).connect()?;
    let blob = BlobSource::parse("https://mine.blob.core.windows.net/c/data.csv?sv=1&sig=a")?;

    block_on(kusto.queued().ingest(blob, &into_weather()))?;

    let measured = shelf.with(|it| it.measured.clone());
    assert_eq!(measured, ["https://mine.blob.core.windows.net/c/data.csv"]);
    Ok(())
}

#[test]
fn a_retry_policy_and_a_clock_of_the_programs_own_pace_the_posts() -> Result<()> {
    let post = |failures| -> Result<_> {
        let (shelf, clock) = (Shelf::failing(failures), Sundial::default());
        let kusto = offline(&shelf)
            .with_clock(Arc::new(clock.clone()))
            .with_post_retry(Arc::new(Times(3)))
            .with_upload_retry(Arc::new(Times(1)))
            .with_command_retry(Arc::new(Times(1)))
            .connect()?;
        let given = block_on(kusto.queued().ingest(row(), &into_weather()));
        let waited = clock.monotonic();
        Ok((given.map(drop), shelf.with(|it| it.posts), waited))
    };
    let (given, posts, waited) = post(2)?;
    assert!(given.is_ok(), "{given:?}");
    assert_eq!((posts, waited), (3, Duration::from_secs(2)));

    let (given, posts, _) = post(9)?;
    assert_eq!(given.map_err(|error| error.kind()), Err(ErrorKind::Unavailable));
    assert_eq!(posts, 3, "the policy has the last word");
    Ok(())
}

#[test]
fn every_request_goes_over_a_transport_of_the_programs_own() -> Result<()> {
    let tube = Tube::default();
    let kusto = Kusto::builder("http://127.0.0.1:1")?
        .with_http_transport(tube.transport())
        .connect()?;

    let answer = block_on(kusto.command("Samples", ".show tables"))?;

    assert_eq!(answer.tables[0].rows[0][0], "yes");
    assert_eq!(tube.asked()[0].path, "/v1/rest/mgmt");
    Ok(())
}

#[test]
fn resources_are_asked_for_again_after_the_interval_and_not_before() -> Result<()> {
    let (tube, clock) = (Tube::default(), Sundial::default());
    let kusto = Kusto::builder("http://127.0.0.1:1")?
        .with_http_transport(tube.transport())
        .with_clock(Arc::new(clock.clone()))
        .with_refresh_interval(Duration::from_secs(90))
        .connect()?;
    let resources = kusto.resources();
    let used = || async { resources.resources().await.map(drop) };

    block_on(used())?;
    clock.advance(Duration::from_secs(89));
    block_on(drive_refresh(&clock, resources.refresh(), used()))?;
    assert_eq!(tube.times(".get ingestion resources"), 1);
    clock.advance(Duration::from_secs(2));
    // Who uses what is due fetches it beside that work.
    block_on(drive_refresh(&clock, resources.refresh(), used()))?;
    assert_eq!(tube.times(".get ingestion resources"), 2);
    Ok(())
}

#[test]
fn tokens_are_for_what_the_cloud_of_the_programs_own_says() -> Result<()> {
    let (tube, porter) = (Tube::default(), Porter::default());
    let builder = Kusto::builder("https://c.kusto.windows.net")?
        .with_http_transport(tube.transport())
        .with_credential(Arc::new(porter.clone()))
        .with_sign_in(|sign_in| Ok(sign_in.with_cloud(Arc::new(Elsewhere))));
    let kusto = kusto_ingest::blocking::Kusto::build(builder)?;

    kusto.wait(|kusto| async move { kusto.command("Samples", ".show tables").await })?;

    let asked = porter.0.lock().expect("nobody panicked").clone();
    assert_eq!(asked, ["https://kusto.elsewhere.example/.default"]);
    assert_eq!(tube.asked()[0].authorization.as_deref(), Some("Bearer a-token"));
    Ok(())
}

#[test]
fn managed_clients_of_one_cluster_remember_together_that_the_engine_is_busy() -> Result<()> {
    let (tube, shelf) = (Tube::default(), Shelf::default());
    let kusto = offline(&shelf).with_http_transport(tube.transport()).connect()?;
    let ingest = || -> Result<_> {
        let receipt = block_on(kusto.managed().ingest(row(), &into_weather()))?;
        assert_eq!(receipt.state, ReceiptState::Queued);
        let streamed = |it: &&Asked| it.path.starts_with("/v1/rest/ingest/");
        Ok(tube.asked().iter().filter(streamed).count())
    };

    let streamed = ingest()?;
    assert!(streamed > 0, "the first client tries");
    assert_eq!(ingest()?, streamed, "the second knows what the first was told");
    Ok(())
}

#[test]
fn a_reader_that_blocks_is_a_source_of_the_blocking_face() -> Result<()> {
    let shelf = Shelf::default();
    let kusto = kusto_ingest::blocking::Kusto::build(offline(&shelf))?;
    let source = kusto.reader(ROW.as_bytes()).with_name("weather.csv");

    let receipt = kusto.queued().ingest(source, &into_weather())?;

    assert_eq!(receipt.raw_bytes, Some(ROW.len() as u64));
    assert_eq!(shelf.with(|it| it.messages.len()), 1);
    Ok(())
}
