//! Uploads as their callers see them.

mod world;

mod container;
mod coupled;
mod failover;
mod in_place;
mod memory;
mod naming;
mod own_containers;
mod sas_tokens;
mod sizes;
