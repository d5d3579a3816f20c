//! The suites on adapters that are right and wrong, and every client over a Kusto in memory.

mod flow;
mod suites;
mod testing;
