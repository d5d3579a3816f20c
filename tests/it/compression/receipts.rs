//! The receipt tells the ratio, and what was stored because it does not compress; a level by intent changes the size.

use kusto_ingest::compression::GzipLevel;
use kusto_ingest::{DataFormat, IngestClient as _, IngestionProperties, LocalSource, Receipt};
use kusto_ingest_core::testing::noise;

use crate::setup::{client, start, with_table};

const MIB: usize = 1024 * 1024;

/// The receipt for bytes that are queued.
async fn receipt(bytes: Vec<u8>, level: Option<GzipLevel>) -> Receipt {
    let (emulator, _) = start(with_table("a:string")).await;
    let kusto = client(&emulator, |builder| match level {
        Some(level) => builder.with_compression_level(level),
        None => builder,
    });
    let properties = IngestionProperties::into_table("D", "T").expect("these are names");
    let properties = properties.with_format(DataFormat::Txt);
    let (queued, source) = (kusto.queued(), LocalSource::from_bytes(bytes));
    let receipt = queued.ingest_source(source.into(), &properties).await;
    let receipt = receipt.expect("it is queued");
    emulator.shutdown().await;
    receipt
}

fn text(len: usize) -> Vec<u8> {
    let row = |number: usize| {
        let (host, status) = (number * number % 41, [200, 200, 404][number % 3]);
        format!(
            "2026-11-30T11:{:02},host-{host},request {} completed,{status}\n",
            number % 60,
            number * 7_919 % 99_991
        )
    };
    (0..len / 40)
        .flat_map(|number| row(number).into_bytes())
        .take(len)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_compresses_has_its_ratio_in_the_receipt() {
    let receipt = receipt(text(2 * MIB), None).await;
    assert_eq!(
        (receipt.raw_bytes, receipt.stored_bytes),
        (Some(2 * MIB as u64), 0)
    );
    let ratio = receipt.compression_ratio().expect("both sizes are known");
    assert!((2.0..20.0).contains(&ratio), "{ratio}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_compress_is_stored_and_the_receipt_says_so() {
    let all = receipt(noise(2 * MIB), None).await;
    assert_eq!(all.stored_bytes, 2 * MIB as u64);
    let ratio = all.compression_ratio().expect("both sizes are known");
    assert!((0.999..1.0).contains(&ratio), "{ratio}");
    let written = serde_json::to_value(&all).expect("a receipt is data");
    assert_eq!(written["stored_bytes"], 2 * MIB);

    let half = receipt([text(MIB), noise(MIB)].concat(), None).await;
    assert_eq!(half.stored_bytes, MIB as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_level_by_intent_is_faster_or_smaller() {
    let sent = async |level| {
        let receipt = receipt(text(MIB), level).await;
        receipt.sent_bytes.expect("it was sent")
    };
    let fastest = sent(Some(GzipLevel::fastest())).await;
    let balanced = sent(Some(GzipLevel::balanced())).await;
    let smallest = sent(Some(GzipLevel::smallest())).await;
    assert!(
        fastest > balanced && balanced > smallest,
        "{fastest}, {balanced}, {smallest}"
    );
    assert_eq!(sent(None).await, balanced);
}
