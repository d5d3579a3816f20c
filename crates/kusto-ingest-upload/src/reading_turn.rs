//! Whose turn it is to read: a few sources of unknown length at once, and none that waits for its writer.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use futures::io::AsyncRead;
use kusto_ingest_core::{Payload, PayloadReader};
use mea::semaphore::{OwnedSemaphorePermit, Semaphore};

/// What a source has in hand while it is read and compressed, beside its blocks, in bytes.
const IN_HAND: usize = 2 * 1024 * 1024;

/// Which part of the memory budget all sources may have in hand together, beside it.
const PART: usize = 16;

/// How many sources of unknown length are read at once.
pub(crate) fn reading_turns(budget: usize) -> Semaphore {
    Semaphore::new((budget / PART / IN_HAND).max(1))
}

/// The turn of one source to be read and compressed.
///
/// A source waits for it before a byte is read, and has it until all of it is read and compressed. It gives the turn up
/// whenever it waits for its writer: who has a turn depends on no other source, so that every turn ends.
#[derive(Clone)]
pub(crate) struct ReadingTurn(Arc<Turn>);

struct Turn {
    turns: Arc<Semaphore>,
    held: Mutex<Option<OwnedSemaphorePermit>>,
}

impl ReadingTurn {
    /// A turn that is not taken yet, one of so many.
    pub(crate) fn of(turns: Arc<Semaphore>) -> Self {
        let held = Mutex::default();
        Self(Arc::new(Turn { turns, held }))
    }

    /// The same bytes, which are read only while it is their turn.
    pub(crate) fn limit(&self, payload: &Payload) -> Payload {
        let (turn, payload) = (self.clone(), payload.clone());
        Payload::replayable(payload.len(), move |offset| {
            let (turn, payload) = (turn.clone(), payload.clone());
            async move {
                let reader = payload.open(offset).await.map_err(io::Error::other)?;
                turn.clone().take().await;
                let waiting = None;
                let limited: PayloadReader = Box::pin(LimitedReader {
                    reader,
                    turn,
                    waiting,
                });
                Ok(limited)
            }
        })
    }

    /// Gives the turn to the next source.
    pub(crate) fn give_up(&self) {
        drop(self.held().take());
    }

    async fn take(self) {
        let permit = self.0.turns.clone().acquire_owned(1).await;
        *self.held() = Some(permit);
    }

    fn is_taken_at_once(&self) -> bool {
        let mut held = self.held();
        if held.is_none() {
            *held = self.0.turns.clone().try_acquire_owned(1);
        }
        held.is_some()
    }

    fn held(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ReadingTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadingTurn")
            .field(&self.held().is_some())
            .finish()
    }
}

/// Reads while it is its turn.
struct LimitedReader {
    reader: PayloadReader,
    turn: ReadingTurn,
    /// Waits for the turn that was given up.
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl LimitedReader {
    fn poll_turn(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.waiting.is_none() && self.turn.is_taken_at_once() {
            return Poll::Ready(());
        }
        let turn = &self.turn;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(turn.clone().take()));
        ready!(waiting.as_mut().poll(context));
        self.waiting = None;
        Poll::Ready(())
    }
}

impl AsyncRead for LimitedReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_turn(context));
        let read = self.reader.as_mut().poll_read(context, buffer);
        if read.is_pending() {
            self.turn.give_up();
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use futures::io::{AsyncReadExt as _, Cursor};
    use futures::{FutureExt as _, TryStreamExt as _, stream};

    use super::*;

    fn turn(turns: &Arc<Semaphore>) -> ReadingTurn {
        ReadingTurn::of(turns.clone())
    }

    #[test]
    fn a_source_is_read_once_another_has_given_its_turn_up() {
        let turns = Arc::new(reading_turns(0));
        let (first, second) = (turn(&turns), turn(&turns));
        let payload = Payload::from_bytes("a,b\n");
        let mut reader = block_on(first.limit(&payload).open(0)).expect("it opens");
        let mut text = String::new();
        block_on(reader.read_to_string(&mut text)).expect("it is read");
        let other = second.limit(&payload);
        let mut opening = Box::pin(other.open(0));
        assert!((&mut opening).now_or_never().is_none(), "the first has its turn");
        first.give_up();
        assert!(opening.now_or_never().is_some());
    }

    #[test]
    fn a_source_that_waits_for_its_writer_lets_others_read_and_takes_its_turn_again() {
        let turns = Arc::new(reading_turns(0));
        let (first, second) = (turn(&turns), turn(&turns));
        let silent = stream::pending::<io::Result<Vec<u8>>>();
        let silent = Payload::from_reader(silent.into_async_read());
        let mut waiting = block_on(first.limit(&silent).open(0)).expect("it opens");
        assert!(waiting.read(&mut [0; 8]).now_or_never().is_none());
        let reader = Payload::from_reader(Cursor::new(b"a,b\n"));
        let mut reader = block_on(second.limit(&reader).open(0)).expect("it is its turn");
        assert_eq!(block_on(reader.read(&mut [0; 8])).expect("it is read"), 4);
        assert!(waiting.read(&mut [0; 8]).now_or_never().is_none());
        assert_eq!(turns.available_permits(), 0, "the second has its turn still");
        second.give_up();
        assert!(waiting.read(&mut [0; 8]).now_or_never().is_none());
        assert_eq!(
            turns.available_permits(),
            1,
            "and the first has given it up again"
        );
    }
}
