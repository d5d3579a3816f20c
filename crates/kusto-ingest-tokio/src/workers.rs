//! Work on blocking threads: in turn, so many at once, and never waiting for anybody.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;

/// How many pieces a thread does in a row: less would have the threads asleep between pieces, and woken before others
/// who are due.
const IN_A_ROW: usize = 16;

/// Does pieces of work on the blocking threads of a runtime, never more than a number of them at once.
///
/// Pieces start in the order in which they were handed in. After a few in a row a thread goes back to the runtime, so
/// that the others who need it get their turn even where it is the only one. No piece waits for a task, so however
/// many are handed in, none can keep a thread from what it waits for.
#[derive(Clone)]
pub(crate) struct Workers(Arc<Shared>);

struct Shared {
    limit: NonZeroUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    working: usize,
    waiting: VecDeque<CompressionTask>,
}

struct CompressionTask {
    work: Box<dyn FnOnce() + Send>,
    runtime: Handle,
}

impl Workers {
    pub(crate) fn new(limit: NonZeroUsize) -> Self {
        let state = Mutex::default();
        Self(Arc::new(Shared { limit, state }))
    }

    pub(crate) fn limit(&self) -> usize {
        self.0.limit.get()
    }

    /// How many pieces wait for a thread.
    pub(crate) fn waiting(&self) -> usize {
        self.0.state().waiting.len()
    }

    /// Hands in a piece of work. What comes out can be awaited; when that is dropped before the work has begun, it
    /// never begins. It is an error where the work panicked, or the runtime shut down.
    pub(crate) fn start<T: Send + 'static>(
        &self,
        runtime: &Handle,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (done, result) = oneshot::channel();
        let work = Box::new(move || {
            if !done.is_closed() {
                let _nobody_waits_any_more = done.send(work());
            }
        });
        let runtime = runtime.clone();
        self.0.hand_in(CompressionTask { work, runtime });
        result
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // No work is done under the lock, so there is nothing half done behind a poisoned one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_in(self: &Arc<Self>, piece: CompressionTask) {
        let mut state = self.state();
        if state.working == self.limit.get() {
            state.waiting.push_back(piece);
            return;
        }
        state.working += 1;
        drop(state);
        self.spawn(piece);
    }

    fn next(&self) -> Option<CompressionTask> {
        self.state().waiting.pop_front()
    }

    fn spawn(self: &Arc<Self>, piece: CompressionTask) {
        let place = WorkerSlot {
            shared: Arc::clone(self),
            refused_by: Some(piece.runtime.id()),
        };
        drop(piece.runtime.spawn_blocking(move || place.fill(piece.work)));
    }
}

/// One of the places that work is done in. It goes to the next piece when it is dropped, or to nobody.
struct WorkerSlot {
    shared: Arc<Shared>,
    /// The runtime that has not taken it yet; where it is dropped so, that runtime has shut down and takes nothing any
    /// more.
    refused_by: Option<Id>,
}

impl WorkerSlot {
    fn fill(mut self, work: Box<dyn FnOnce() + Send>) {
        self.refused_by = None;
        work();
        for _ in 1..IN_A_ROW {
            let Some(next) = self.shared.next() else { return };
            (next.work)();
        }
    }
}

impl Drop for WorkerSlot {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        // Who waits for a runtime that has shut down is told by being dropped.
        let lost = self.refused_by.map(|gone| state.take_all_of(gone));
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.working -= 1;
        }
        drop(state);
        drop(lost);
        if let Some(next) = next {
            self.shared.spawn(next);
        }
    }
}

impl State {
    /// Takes out what waits for a thread of this runtime.
    fn take_all_of(&mut self, runtime: Id) -> VecDeque<CompressionTask> {
        let waiting = std::mem::take(&mut self.waiting);
        let (lost, kept) = waiting
            .into_iter()
            .partition(|piece| piece.runtime.id() == runtime);
        self.waiting = kept;
        lost
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("limit", &self.0.limit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime(blocking_threads: usize) -> Runtime {
        Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(blocking_threads)
            .build()
            .unwrap()
    }

    fn workers(limit: usize) -> Workers {
        Workers::new(NonZeroUsize::new(limit).unwrap())
    }

    #[test]
    fn pieces_are_done_in_turn_and_no_more_at_once_than_agreed() {
        let (runtime, workers) = (runtime(8), workers(2));
        let (begin, begun) = mpsc::channel();
        let gates: Vec<_> = (0..6)
            .map(|piece| {
                let (open, gate) = mpsc::channel::<()>();
                let begin = begin.clone();
                let done = workers.start(runtime.handle(), move || {
                    begin.send(piece).unwrap();
                    gate.recv().unwrap();
                    piece
                });
                (open, done)
            })
            .collect();
        let mut both = [begun.recv().unwrap(), begun.recv().unwrap()];
        both.sort_unstable();
        assert_eq!(both, [0, 1]);
        for (piece, (open, done)) in gates.into_iter().enumerate() {
            assert_eq!(workers.waiting(), 4_usize.saturating_sub(piece));
            open.send(()).unwrap();
            assert_eq!(runtime.block_on(done).unwrap(), piece);
            if piece < 4 {
                assert_eq!(begun.recv().unwrap(), piece + 2, "the next takes the place");
            }
        }
    }

    #[test]
    fn what_nobody_waits_for_never_begins_and_a_panic_leaves_the_place_to_the_next() {
        let (runtime, workers) = (runtime(1), workers(1));
        let (open, gate) = mpsc::channel::<()>();
        let first = workers.start(runtime.handle(), move || gate.recv().unwrap());
        let (begin, begun) = mpsc::channel::<()>();
        drop(workers.start(runtime.handle(), move || begin.send(()).unwrap()));
        let panics = workers.start(runtime.handle(), || std::panic::resume_unwind(Box::new(())));
        let last = workers.start(runtime.handle(), || 7);
        open.send(()).unwrap();
        runtime.block_on(first).unwrap();
        runtime.block_on(panics).unwrap_err();
        assert_eq!(runtime.block_on(last).unwrap(), 7);
        assert!(begun.recv().is_err(), "it was dropped, and not begun");
    }

    #[test]
    fn a_runtime_that_shuts_down_gives_its_places_back() {
        let (gone, workers) = (runtime(1), workers(1));
        let handle = gone.handle().clone();
        drop(gone);
        let lost = workers.start(&handle, || ());
        let another = runtime(1);
        another.block_on(lost).unwrap_err();
        another.block_on(workers.start(another.handle(), || ())).unwrap();
    }

    #[test]
    fn a_runtime_that_shuts_down_takes_its_own_pieces_with_it_and_no_others() {
        let (gone, lasting, workers) = (runtime(1), runtime(1), workers(1));
        let (open, gate) = mpsc::channel::<()>();
        let first = workers.start(lasting.handle(), move || gate.recv().unwrap());
        // So many that the thread goes back to its runtime when it is the turn of the other one.
        let more: Vec<_> = (1..IN_A_ROW)
            .map(|_| workers.start(lasting.handle(), || ()))
            .collect();
        let lost = workers.start(gone.handle(), || ());
        let behind = workers.start(lasting.handle(), || 7);
        let lost_too = workers.start(gone.handle(), || ());
        drop(gone);
        open.send(()).unwrap();
        assert_eq!(lasting.block_on(behind).unwrap(), 7);
        for done in [vec![first], more].into_iter().flatten() {
            lasting.block_on(done).unwrap();
        }
        lasting.block_on(lost).unwrap_err();
        lasting.block_on(lost_too).unwrap_err();
        assert_eq!(
            lasting.block_on(workers.start(lasting.handle(), || 8)).unwrap(),
            8
        );
    }
}
