//! The managed client over two clients for tests.

mod deadline;
mod decisions;
mod outcomes;
mod policy;
mod walk;
mod windows;
mod world;
