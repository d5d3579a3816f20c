//! The streaming client over an endpoint for tests.

mod world;

mod prepare;

mod send;

mod deadline;
mod outcome;
