//! What Kusto issues, who is healthy, and rounds over accounts, through the public API.

mod configuration;
mod issued;
mod manager;
mod ranking;
mod rounds;
