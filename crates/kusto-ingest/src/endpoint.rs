//! Commands and queries: the ports, their answers, and the endpoints over HTTP.
//!
//! More is in the guide: `docs/guide/wire.md#commands-and-queries`.

#[doc(inline)]
pub use kusto_endpoint::{
    Column, Dataset, ManagementEndpoint, QueryEndpoint, RequestProperties, ServiceError, Table, header,
};
#[doc(inline)]
pub use kusto_endpoint_azure::AzureEndpoint;
#[doc(inline)]
pub use kusto_ingest_core::{ClientDetails, Timespan};
