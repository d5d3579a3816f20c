//! Work with an issued resource that may refuse its own SAS.

use std::future::Future;

use kusto_ingest_core::Result;
use kusto_ingest_resources::internal::is_refusal;
use kusto_ingest_resources::{IngestionResources, Outcome, ResourceProvider};
use kusto_storage::ResourceUri;

/// Does `work` with the resource that `find` finds. When that refuses its own SAS, Kusto is asked for another,
/// and if there is one the work is done once more.
pub(crate) async fn with_renewal<T, F>(
    provider: &dyn ResourceProvider,
    find: impl Fn(&IngestionResources) -> Result<ResourceUri> + Send,
    mut work: impl FnMut(ResourceUri) -> F + Send,
) -> Result<T>
where
    F: Future<Output = Result<T>> + Send,
{
    let resource = find(&*provider.resources().await?)?;
    let error = match work(resource.clone()).await {
        Err(error) if is_refusal(error.kind()) => error,
        done => return done,
    };
    provider.report(&resource, Outcome::Refused);
    match provider.renew().await.and_then(|renewed| find(&renewed)) {
        Ok(renewed) if renewed != resource => work(renewed).await,
        _ => Err(error),
    }
}
