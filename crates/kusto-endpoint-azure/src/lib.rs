#![doc = include_str!("../README.md")]

mod endpoint;
mod post;
mod queued;
mod reading;
mod sign_in;

mod failure;

pub use endpoint::AzureEndpoint;
