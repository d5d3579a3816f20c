//! A whole Kusto in memory, as clients and tests see it.

mod world;

mod archives;
mod cases;
mod commands;
mod direct;
mod issued_resources;
mod limits;
mod manage;
mod notes;
mod panics;
mod queries;
mod reports;
mod saving;
mod stored_rows;
mod streaming;
mod wire;
mod wire_answers;
mod worker;
