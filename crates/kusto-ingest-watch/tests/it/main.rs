//! A folder that is watched, on a clock that the test moves.

mod world;

mod failures;
mod files;
mod folders;
mod hints;
mod thousands;
