#![doc = include_str!("../README.md")]

// What a test holds.
mod builder;
mod clock;
mod emulator;
mod faults;
mod log;
mod preset;
mod route;
mod seed;
mod server_limits;
mod storage_addresses;

// From a socket to a route.
mod authority;
mod certificates;
mod changes;
mod content;
mod disconnect;
mod handshake;
mod host;
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
mod other_stores;
mod persistence;
mod worker;

pub use builder::EmulatorBuilder;
pub use clock::EmulatorClock;
pub use emulator::Emulator;
pub use faults::{HttpFault, HttpFaultPlan};
pub use kusto_fake::{IngestionNote, Limits, TableSummary};
pub use log::RequestRecord;
pub use preset::FaultPreset;
pub use route::Route;
pub use server_limits::ServerLimits;
pub use storage_addresses::StorageAddresses;
