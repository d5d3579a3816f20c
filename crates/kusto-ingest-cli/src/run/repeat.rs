//! A run that is done again and again, with pauses between.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use kusto_ingest::clock::TokioClock;

use super::interrupt::Interrupt;
use crate::args::{self, Repeat};
use crate::report::{Cause, CommandError, Exit};

/// Does something once, and again as often as somebody says: until it is interrupted, or cannot be used at all.
///
/// # Errors
/// Those of the last run.
pub(crate) async fn repeated<F: Future<Output = Result<Exit, CommandError>>>(
    repeat: Option<Repeat>,
    between: Duration,
    run: impl Fn() -> F,
) -> Result<Exit, CommandError> {
    let mut again = 0;
    loop {
        let ended = Box::pin(run()).await;
        if !repeat.is_some_and(|repeat| repeat.goes_on(again)) || is_final(&ended) {
            return ended;
        }
        // What kept this run from its end is told here: the next one may do it.
        if let Err(error) = &ended {
            error.tell();
        }
        again += 1;
        if pause(between).await?.is_some() {
            return Ok(Exit::Interrupted);
        }
    }
}

/// Whether another run would end the same way.
fn is_final(ended: &Result<Exit, CommandError>) -> bool {
    let exit = ended.as_ref().map_or_else(|error| error.exit, |exit| *exit);
    matches!(
        exit,
        Exit::Bug | Exit::Usage | Exit::SignIn | Exit::Interrupted | Exit::ClosedPipe
    )
}

/// Pauses, unless something tells the command to end: then that is returned.
///
/// # Errors
/// The system does not let it listen.
pub(crate) async fn pause(time: Duration) -> Result<Option<Cause>, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let clock = TokioClock::new();
    let pausing = pin!(args::pause(&clock, time));
    let was_told = matches!(
        select(pausing, Box::pin(interrupt.pressed())).await,
        Either::Right(_)
    );
    Ok(if was_told { interrupt.cause() } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_another_run_may_do_better_is_done_again() {
        for (ended, is_last) in [
            (Ok(Exit::Done), false),
            (Ok(Exit::SomeFailed), false),
            (Ok(Exit::Unavailable), false),
            (Err(Exit::Unavailable), false),
            (Err(Exit::NothingMatched), false),
            (Err(Exit::Usage), true),
            (Ok(Exit::SignIn), true),
            (Ok(Exit::Interrupted), true),
            (Err(Exit::Bug), true),
        ] {
            let words = format!("{ended:?}");
            let ended = ended.map_err(|exit| CommandError::new(exit, "test"));
            assert_eq!(is_final(&ended), is_last, "{words}");
        }
    }
}
