//! Connection strings, endpoints and trust, through the public API.

mod property;

mod builder;
mod connection_strings;
mod endpoints;
mod masking;
mod round_trip;
mod sign_in;
mod trusted_endpoints;
