//! Clock, files, folders and gzip over tokio, and ingestion from a disk.

mod folder;

mod blocking_reader;
mod clock;
mod compressor;
mod files;
mod folders;
mod ingesting;
mod members;
