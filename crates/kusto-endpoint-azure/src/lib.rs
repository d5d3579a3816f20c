#![doc = include_str!("../README.md")]

mod answer;
mod endpoint;
mod post;
mod sign_in;

mod failure;

pub use endpoint::AzureEndpoint;
