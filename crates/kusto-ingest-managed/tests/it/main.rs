//! The managed client over two clients for tests.

mod decisions;
mod outcomes;
mod policy;
mod walk;
mod windows;
mod world;
