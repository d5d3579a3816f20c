//! Uploads as their callers see them.

mod container;
mod coupled;
mod failover;
mod in_place;
mod sizes;
mod world;
