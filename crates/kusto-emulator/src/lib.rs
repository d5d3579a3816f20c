#![doc = include_str!("../README.md")]

// What a test holds.
mod builder;
mod emulator;
mod faults;
mod log;
mod route;
mod server_limits;
mod storage_addresses;

// From a socket to a route.
mod certificates;
mod content;
mod disconnect;
mod handshake;
mod origin;
mod request;
mod request_head;
mod server;
mod state;
mod target;

// From a route to an answer.
mod answer;
mod failure;
mod filter;
mod routes;
mod xml;

// What works beside the server.
mod worker;

pub use builder::EmulatorBuilder;
pub use emulator::Emulator;
pub use faults::{HttpFault, HttpFaultPlan};
pub use kusto_fake::{IngestionNote, Limits};
pub use log::RequestRecord;
pub use route::Route;
pub use server_limits::ServerLimits;
pub use storage_addresses::StorageAddresses;
