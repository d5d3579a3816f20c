//! Gzip, sizes and streaming bodies, through the public API.

mod blocks;
mod compression;
mod estimates;
mod streaming;
mod verify;
