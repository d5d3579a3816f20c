//! The suites hold for what this workspace ships, and catch what breaks their rules.

mod world;

mod catch;
mod hold;
