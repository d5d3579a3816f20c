#![doc = include_str!("../README.md")]

mod endpoint;
mod sign_in;

mod failure;

pub use endpoint::AzureEndpoint;
