#![doc = include_str!("../README.md")]

// What goes where.
mod target;

// Which file is next.
mod backlog;
mod pressure;
mod reason;
mod scan;

// What becomes of a file.
mod aside;
mod process;

// The whole.
mod event;
mod hint;
mod metrics;
mod options;
mod watcher;

// How the system tells.
#[cfg(feature = "notify")]
mod system;

pub use event::WatchEvent;
pub use hint::Hint;
pub use metrics::WatchMetrics;
pub use options::{OnDone, WatchOptions};
pub use reason::is_reason;
#[cfg(feature = "notify")]
pub use system::system_hints;
pub use target::{WatchTarget, WatchTargets};
pub use watcher::Watcher;
