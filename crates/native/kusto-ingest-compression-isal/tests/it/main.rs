//! The engine by itself. Beside a compressor it is tested in `tests/it`.

#[cfg(any(feature = "bundled", feature = "system"))]
mod engine;
