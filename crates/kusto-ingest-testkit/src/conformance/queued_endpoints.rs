//! What an endpoint of queued ingestion promises.

use kusto_endpoint::{
    IngestionConfiguration, OperationDetail, OperationId, QueuedEndpoint, QueuedRequest, Tracking,
};
use kusto_ingest_core::{
    BlobSource, DataFormat, DatabaseName, ErrorKind, IngestionProperties, Result, TableName, Timestamp,
};

use super::rules::Rules;

const RULES: Rules = Rules("an endpoint of queued ingestion");

/// The secret of the blobs that a suite names.
const SECRET: &str = "CONFORMANCE";

/// Checks a [`QueuedEndpoint`] that offers the routes. What it is given to ingest fails: nobody has such blobs.
///
/// # Panics
/// When a rule does not hold.
pub async fn queued_endpoint(endpoint: &dyn QueuedEndpoint) {
    let suite = Suite { endpoint };
    let offered = suite.the_configuration_says_where_to_upload().await;
    suite.a_request_becomes_an_operation(&offered).await;
    suite.what_is_not_tracked_has_no_operation().await;
    suite.what_is_not_there_is_not_found().await;
    suite.a_request_without_blobs_is_refused().await;
}

/// Checks a [`QueuedEndpoint`] of a service that does not offer the routes.
///
/// # Panics
/// When a rule does not hold.
pub async fn absent_queued_endpoint(endpoint: &dyn QueuedEndpoint) {
    let suite = Suite { endpoint };
    let rule = "a service without the routes is told by its code";
    let asked = endpoint.configuration().await.map(drop);
    let named = suite.submit(&request(1)).await.map(drop);
    for outcome in [asked, named] {
        let error = RULES.refused(rule, outcome, &[ErrorKind::Unsupported]);
        let code = error.code() == Some(IngestionConfiguration::NOT_SUPPORTED);
        RULES.holds(rule, code, &error);
    }
}

struct Suite<'a> {
    endpoint: &'a dyn QueuedEndpoint,
}

impl Suite<'_> {
    async fn the_configuration_says_where_to_upload(&self) -> IngestionConfiguration {
        let rule = "the configuration names storage, and its Debug no secret of it";
        let offered = RULES.done(rule, self.endpoint.configuration().await);
        let count = offered.expose_containers().count() + offered.expose_lake_folders().count();
        RULES.holds(rule, count > 0, &offered);
        let shown = format!("{offered:?}");
        let is_shown = offered.expose_containers().any(|address| shown.contains(address));
        RULES.holds(rule, !is_shown, &shown);
        offered
    }

    async fn a_request_becomes_an_operation(&self, offered: &IngestionConfiguration) {
        let most = offered.blobs_per_request();
        let count = most.min(3);
        let rule = "a tracked request becomes an operation that tells of each of its blobs";
        let request = request(count);
        let id = RULES.done(rule, self.submit(&request).await);
        let Some(id) = id else {
            panic!("an endpoint of queued ingestion: {rule}; but it has no id");
        };
        let summary = RULES.done(rule, self.operation(&id, OperationDetail::Summary).await);
        let counts = summary.counts;
        let counted = counts.succeeded + counts.failed + counts.in_progress + counts.canceled;
        RULES.same("a summary counts every blob", &counted, &(count as u64));
        let detailed = RULES.done(rule, self.operation(&id, OperationDetail::Blobs).await);
        for blob in &request.blobs {
            let told = detailed.blob(blob.id(), Some(blob.uri().redacted()));
            RULES.holds(rule, told.is_some(), &detailed);
        }
        let shown = format!("{detailed:?}");
        RULES.holds("what is told holds no SAS", !shown.contains(SECRET), &shown);
        let again = RULES.done(
            "a request made again is another operation",
            self.submit(&request).await,
        );
        RULES.holds(
            "a request made again is another operation",
            again != Some(id),
            &again,
        );
    }

    async fn what_is_not_tracked_has_no_operation(&self) {
        let rule = "what is not tracked has no operation";
        let untracked = request(1).with_tracking(Tracking::Off);
        let id = RULES.done(rule, self.submit(&untracked).await);
        RULES.same(rule, &id, &None);
    }

    async fn what_is_not_there_is_not_found(&self) {
        let rule = "an operation that is not there is not found";
        if let Some(id) = OperationId::parse("11111111;2222;no such operation/?#") {
            let asked = self.operation(&id, OperationDetail::Summary).await;
            RULES.refused(rule, asked, &[ErrorKind::NotFound]);
        }
    }

    async fn a_request_without_blobs_is_refused(&self) {
        let rule = "a request that the service refuses is no unknown outcome, and shows no SAS";
        let kinds = [ErrorKind::Rejected, ErrorKind::InvalidInput];
        let error = RULES.refused(rule, self.submit(&request(0)).await, &kinds);
        RULES.holds(rule, error.is_permanent(), &error);
    }

    async fn submit(&self, request: &QueuedRequest) -> Result<Option<OperationId>> {
        let (database, table) = names();
        self.endpoint.submit(&database, &table, request).await
    }

    async fn operation(
        &self,
        id: &OperationId,
        detail: OperationDetail,
    ) -> Result<kusto_endpoint::QueuedOperation> {
        let (database, table) = names();
        self.endpoint.operation(&database, &table, id, detail).await
    }
}

fn names() -> (DatabaseName, TableName) {
    let name = TableName::parse("Queued/1 x");
    (DatabaseName::net_default(), RULES.done("a suite has names", name))
}

fn request(blobs: usize) -> QueuedRequest {
    let (database, table) = names();
    let blob = |number| {
        let address = format!("https://conformance.blob.core.windows.net/c/{number}.csv?sig={SECRET}");
        RULES.done("a suite has addresses", BlobSource::parse(address))
    };
    let properties = IngestionProperties::new(database, table);
    let blobs = (0..blobs).map(blob).collect();
    QueuedRequest::new(blobs, &properties, DataFormat::Csv, Timestamp::UNIX_EPOCH)
}
