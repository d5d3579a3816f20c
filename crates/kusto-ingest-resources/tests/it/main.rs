//! What Kusto issues, who is healthy, and rounds over accounts, through the public API.

mod issued;
mod manager;
mod ranking;
mod rounds;
