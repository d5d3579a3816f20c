//! Whether the calling thread may be blocked: not while others wait for it to go on.

use std::task::{Context, Poll, Waker};

use kusto_ingest_core::{Error, ErrorKind, Result};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task;
use tokio::task::coop::poll_proceed;

/// Refuses a call from inside of a task, or from anywhere inside of a runtime of one thread. Nothing of that runtime
/// would go on meanwhile, and the call may wait for just that: a pipe that another task fills, a server in the same
/// program.
pub(super) fn may_be_blocked() -> Result<()> {
    let Ok(runtime) = Handle::try_current() else {
        return Ok(());
    };
    let stops_others = runtime.runtime_flavor() != RuntimeFlavor::MultiThread || task::try_id().is_some();
    if stops_others && is_polling() {
        return Err(Error::new(ErrorKind::Unsupported, "wait for the call")
            .because("it would block the tokio runtime that it is made on")
            .with("remedy", "make it by spawn_blocking, or use Kusto::asynchronous"));
    }
    Ok(())
}

/// Whether this thread is in the middle of a poll, as opposed to one of `spawn_blocking`: tokio gives each poll a budget
/// of steps, and only there does it come to an end. What is left of it is of no use to a caller who wanted to block.
fn is_polling() -> bool {
    const MORE_THAN_ANY_BUDGET: usize = 1 + u8::MAX as usize;
    let mut context = Context::from_waker(Waker::noop());
    (0..MORE_THAN_ANY_BUDGET).any(|_| match poll_proceed(&mut context) {
        Poll::Ready(step) => {
            step.made_progress();
            false
        }
        Poll::Pending => true,
    })
}
