//! The managed client over two clients for tests.

mod deadline;
mod decisions;
mod flow;
mod outcomes;
mod policy;
mod windows;
mod world;
