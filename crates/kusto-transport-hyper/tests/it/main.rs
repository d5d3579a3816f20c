//! The transport against hosts on loopback that behave, and that do not.

mod host;

mod answers;
mod early;
mod limits;
mod outcomes;
mod pool;
mod proxies;
mod runtimes;
mod tls;
mod uplinks;
