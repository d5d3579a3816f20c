#![doc = include_str!("../README.md")]

mod management;
mod properties;
mod query;

mod dataset;

pub use dataset::{Column, Dataset, Table};
pub use management::ManagementEndpoint;
pub use properties::RequestProperties;
pub use query::QueryEndpoint;

#[cfg(feature = "mock")]
pub use management::MockManagementEndpoint;
#[cfg(feature = "mock")]
pub use query::MockQueryEndpoint;
