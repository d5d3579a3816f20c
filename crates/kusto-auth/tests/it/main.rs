//! The crate as its users see it, over a transport that answers as it is told.

mod script;

mod certificates;
mod device_code;
#[cfg(unix)]
mod files;
mod managed_identity;
mod metadata;
mod methods;
mod secrets;
mod tokens;
#[cfg(unix)]
mod tools;
mod trust;
