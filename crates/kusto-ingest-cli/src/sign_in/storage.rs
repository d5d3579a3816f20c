//! How containers of the user's own are opened, for listing here and for reading by Kusto.

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest::auth::{CloudSettings, FixedCloud, SignIn};
use kusto_ingest::auth::{MatchRule, TrustedEndpoints};
use kusto_ingest::azure_core::credentials::TokenCredential;
use kusto_ingest::azure_core::http::Transport;
use kusto_ingest::clock::{Clock, TokioClock};
use kusto_ingest::connection::ConnectionString;
use kusto_ingest::retry::ExponentialRetry;
use kusto_ingest::storage::{
    AzureBlobLister, AzureStorage, BlobLister, BlobListing, ContainerAccess, ContainerAddress, ListRequest,
};
use kusto_ingest::transport::HyperTransport;
use kusto_ingest::{Error, ErrorKind};

#[cfg(feature = "object-store")]
use super::bucket::BucketListing;
use super::listed::ListedObject;
use super::listing::Listing;
use super::{method, network, show};
use crate::args::{
    BucketAddress, NetworkArgs, RateLimit, SelectArgs, SignInArgs, StorageArgs, Variables, variable,
};
use crate::report::{self, CommandError};

/// What tokens for storage are asked for.
const SCOPE: &str = "https://storage.azure.com/.default";

/// What stands for the storage where a way to sign in wants the address of a service.
const SERVICE: &str = "https://storage.azure.com";

/// How containers are opened. Nothing is made of it before the first one is.
#[derive(Debug)]
pub(crate) struct Containers {
    storage: StorageArgs,
    network: NetworkArgs,
    clock: Arc<dyn Clock>,
    transport: Option<HyperTransport>,
    lister: Option<Arc<dyn BlobLister>>,
    list_rate: Option<u32>,
    retry_for: Option<Duration>,
    pace: Option<RateLimit>,
    is_warned: bool,
}

impl Containers {
    /// What the arguments say.
    pub(crate) fn of(select: &SelectArgs, network: &NetworkArgs) -> Self {
        Self {
            storage: select.storage.clone(),
            network: network.clone(),
            clock: Arc::new(TokioClock::new()),
            transport: None,
            lister: None,
            list_rate: select.list_rate,
            retry_for: select.list_retry_for,
            pace: RateLimit::of(select.list_rate),
            is_warned: false,
        }
    }

    /// The listing of a container, bucket or folder, of which nothing is asked for yet.
    ///
    /// # Errors
    /// An address that cannot be used, and what the sign-in lacks.
    pub(crate) fn listing(&mut self, address: &str, prefix: Option<&str>) -> Result<Listing, CommandError> {
        let prefix = prefix.unwrap_or_default();
        let page = self.list_rate.and_then(|rate| u16::try_from(rate).ok());
        if BucketAddress::matches(address) {
            return self.bucket(&BucketAddress::parse(address)?, prefix, page);
        }
        let container = ContainerAddress::parse(address).map_err(|error| CommandError::unusable(&error))?;
        let container = match &self.storage.service_identity {
            Some(identity) => container.with_service_access(&format!("managed_identity={identity}")),
            None => container,
        };
        self.warn(&container);
        let lister = self.lister()?;
        let listing = BlobListing::new(lister, container, self.clock.clone()).with_prefix(prefix);
        let listing = listing.with_page_size(page.unwrap_or(ListRequest::MAX));
        Ok(Listing::Container(Box::new(match self.retry_for {
            Some(limit) => listing.with_retry(Arc::new(ExponentialRetry::for_up_to(limit))),
            None => listing,
        })))
    }

    #[cfg(feature = "object-store")]
    fn bucket(
        &mut self,
        address: &BucketAddress,
        prefix: &str,
        page: Option<u16>,
    ) -> Result<Listing, CommandError> {
        if self.storage.service_identity.is_some() {
            return Err(CommandError::usage(format!(
                "{address}: --service-identity is for Azure Storage"
            )));
        }
        let listing = BucketListing::open(address.clone(), prefix, self.transport()?, self.clock.clone())?;
        let listing = listing.with_page_size(page.unwrap_or(ListRequest::MAX));
        Ok(Listing::Bucket(Box::new(match self.retry_for {
            Some(limit) => listing.with_retry_for(limit),
            None => listing,
        })))
    }

    #[cfg(not(feature = "object-store"))]
    #[expect(clippy::unused_self, reason = "with the feature, it opens the bucket")]
    fn bucket(
        &mut self,
        address: &BucketAddress,
        _prefix: &str,
        _page: Option<u16>,
    ) -> Result<Listing, CommandError> {
        Err(CommandError::usage(format!(
            "{address} cannot be listed: this program is built without the feature object-store; name each object, or build \
             it from its sources by `cargo install --path crates/kusto-ingest-cli --features object-store`"
        )))
    }

    /// The next page, at the pace that was asked for.
    ///
    /// # Errors
    /// The page cannot be listed, after retries.
    pub(crate) async fn next_page(
        &mut self,
        listing: &mut Listing,
    ) -> kusto_ingest::Result<Option<Vec<ListedObject>>> {
        let page = listing.next_page().await?;
        if let (Some(pace), Some(page)) = (&mut self.pace, &page) {
            pace.wait(&*self.clock, page.len()).await;
        }
        Ok(page)
    }

    /// Who lists by a sign-in has opened nothing for Kusto.
    fn warn(&mut self, container: &ContainerAddress) {
        let is_closed =
            self.storage.storage_auth.is_some() && container.access() == ContainerAccess::Unstated;
        if is_closed && !self.is_warned {
            report::warning(
                "--storage-auth lists the container for this command alone: Kusto reads its blobs only if they are public, \
                 or by --service-identity, or by an address that ends in ;impersonate",
            );
            self.is_warned = true;
        }
    }

    fn lister(&mut self) -> Result<Arc<dyn BlobLister>, CommandError> {
        if let Some(lister) = &self.lister {
            return Ok(lister.clone());
        }
        let transport = self.transport()?.as_transport();
        let lister = AzureBlobLister::new(AzureStorage::new(transport.clone()), self.clock.clone());
        let lister = match self.credential(transport, &variable)? {
            Some(credential) => lister.with_credential(credential),
            None => lister,
        };
        let lister: Arc<dyn BlobLister> = Arc::new(lister);
        self.lister = Some(lister.clone());
        Ok(lister)
    }

    /// The HTTP client of all listings.
    fn transport(&mut self) -> Result<HyperTransport, CommandError> {
        if let Some(transport) = &self.transport {
            return Ok(transport.clone());
        }
        let options = network::options(&self.network)?.unwrap_or_default();
        let transport = HyperTransport::new(options).map_err(|error| CommandError::unusable(&error))?;
        self.transport = Some(transport.clone());
        Ok(transport)
    }

    /// Who signs in to list, where somebody does.
    fn credential(
        &self,
        transport: Transport,
        variables: Variables<'_>,
    ) -> Result<Option<Arc<dyn TokenCredential>>, CommandError> {
        let Some(way) = self.storage.storage_auth else {
            return Ok(None);
        };
        let args = SignInArgs {
            client_id: self.storage.storage_client_id.clone(),
            tenant_id: self.storage.storage_tenant_id.clone(),
            ..SignInArgs::default()
        };
        let unusable = |error: Error| CommandError::unusable(&error);
        let unread = |error| {
            let error = Error::new(ErrorKind::InvalidInput, "sign in to the storage").caused_by(error);
            CommandError::unusable(&error)
        };
        let connection = ConnectionString::parse(SERVICE).map_err(unread)?;
        let connection = match method::find(way, &connection, &args, variables)? {
            method if !method.sends_token() => return Ok(None),
            method => connection.with_auth(method),
        };
        let rule = MatchRule::exact("storage.azure.com").map_err(unread)?;
        let sign_in = SignIn::new(&connection, transport, self.clock.clone())
            .map_err(unusable)?
            .with_trusted_endpoints(TrustedEndpoints::new().with_rule(rule))
            .with_cloud(Arc::new(FixedCloud::new(CloudSettings::public())))
            .with_scope(SCOPE)
            .with_device_code(show);
        let sign_in = match &self.storage.storage_tenant_id {
            Some(tenant) => sign_in.with_tenant(tenant),
            None => sign_in,
        };
        let sign_in = match &self.storage.storage_authority {
            Some(authority) => sign_in.with_authority_host(authority).map_err(unusable)?,
            None => sign_in,
        };
        let service = SERVICE
            .parse()
            .map_err(|_| CommandError::usage("the storage has no address"))?;
        let credential = sign_in.finish().and_then(|known| known.for_endpoint(&service));
        let credential = credential.map_err(unusable)?;
        Ok(credential.map(|credential| credential as Arc<dyn TokenCredential>))
    }
}
