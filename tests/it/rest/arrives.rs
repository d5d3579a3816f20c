//! What goes in over REST arrives, in one request for a blob and one for its name.

use kusto_emulator::Route;
use kusto_fake::{RestService, WireShape};
use kusto_ingest::IngestClientExt;
use kusto_ingest::queued::Protocol;
use kusto_ingest::status::{OperationStatus, PollSchedule, ReceiptState};
use kusto_storage::Operation;

use super::start;
use crate::setup::{drained_rows, properties, row};

#[tokio::test]
async fn a_source_arrives_and_its_receipt_tells_so_in_either_shape() {
    for shape in [WireShape::Documentation, WireShape::OpenApi] {
        let service = RestService::new().with_shape(shape);
        let (emulator, kusto) = start(Protocol::Rest, |builder| builder.with_rest_service(service)).await;
        let receipt = kusto
            .queued()
            .ingest(row(), &properties())
            .await
            .expect("it is taken");
        assert!(
            matches!(receipt.state, ReceiptState::QueuedOperation(_)),
            "{receipt:?}"
        );
        assert_eq!(drained_rows(&emulator).await, 1);
        let record = kusto
            .wait_for(&receipt, &PollSchedule::interactive())
            .await
            .expect("it ends");
        assert_eq!(record.status, OperationStatus::Succeeded, "{shape:?}");
        assert_eq!(record.source_id, Some(receipt.source_id));
        let counts = [
            Route::IngestionConfiguration,
            Route::Storage(Operation::PutBlob),
            Route::QueuedSubmission,
            Route::Storage(Operation::PutMessage),
            Route::Management,
        ]
        .map(|route| emulator.request_count(route));
        assert_eq!(counts, [1, 1, 1, 0, 0]);
    }
}
