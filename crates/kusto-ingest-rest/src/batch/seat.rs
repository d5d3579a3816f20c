//! A request that is shared, and the place of one source in it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures::channel::oneshot;
use futures::future::{BoxFuture, FutureExt, Shared, WeakShared};
use kusto_ingest_core::{
    AmbiguousSends, BlobSource, Clock, Deadline, Error, ErrorKind, RequestStage, Result,
};

use super::GroupKey;
use crate::outcome::Sent;

/// The sending of a request: driven by all whose sources it names, dropped with the last of them.
type Flight = Shared<BoxFuture<'static, ()>>;

/// A request that is shared.
pub(crate) struct Batch {
    key: Arc<GroupKey>,
    state: Mutex<State>,
    flight: OnceLock<WeakShared<BoxFuture<'static, ()>>>,
}

#[derive(Default)]
struct State {
    places: Vec<Place>,
    /// Wakes the sending before its time; gone once nobody may sit down any more.
    seal: Option<oneshot::Sender<()>>,
    is_under_way: bool,
    /// How far the send that is under way came.
    stage: RequestStage,
    ambiguous: AmbiguousSends,
}

struct Place {
    blob: BlobSource,
    /// Whether somebody waits for its end.
    is_taken: bool,
    sent: Option<Sent>,
}

/// The place of one source in a request. Dropped, it is not named by later sends.
pub(crate) struct Seat {
    batch: Arc<Batch>,
    place: usize,
    flight: Flight,
}

impl Batch {
    /// A request with its first source.
    pub(crate) fn begin(
        key: Arc<GroupKey>,
        blob: BlobSource,
        send: impl FnOnce(Arc<Self>, oneshot::Receiver<()>) -> BoxFuture<'static, ()>,
    ) -> Seat {
        let (seal, sealed) = oneshot::channel();
        let state = State {
            places: vec![Place::of(blob)],
            seal: Some(seal),
            ..State::default()
        };
        let batch = Arc::new(Self {
            key,
            state: Mutex::new(state),
            flight: OnceLock::new(),
        });
        let flight = send(batch.clone(), sealed).shared();
        if let Some(weak) = flight.downgrade() {
            // It was empty: the batch is new.
            let _ = batch.flight.set(weak);
        }
        Seat {
            batch,
            place: 0,
            flight,
        }
    }

    /// Another source sits down. `None` where the request leaves or is gone, or names the same blob already.
    pub(crate) fn sit(self: &Arc<Self>, blob: &BlobSource) -> Option<Seat> {
        let flight = self.flight.get()?.upgrade()?;
        let mut state = self.state();
        let is_named = |place: &Place| place.blob.uri().redacted() == blob.uri().redacted();
        if state.seal.is_none() || state.places.iter().any(is_named) {
            return None;
        }
        state.places.push(Place::of(blob.clone()));
        Some(Seat {
            batch: self.clone(),
            place: state.places.len() - 1,
            flight,
        })
    }

    /// Nobody may sit down any more; the request leaves.
    pub(crate) fn seal(&self) {
        let seal = self.state().seal.take();
        // Nobody hears it where the request has left by itself.
        seal.map(|seal| seal.send(()));
    }

    pub(crate) fn key(&self) -> &GroupKey {
        &self.key
    }

    pub(crate) fn len(&self) -> usize {
        self.state().places.len()
    }

    /// A send begins: the blobs of these places that somebody waits for.
    pub(crate) fn begin_send(&self, places: &[usize]) -> Vec<BlobSource> {
        let mut state = self.state();
        let taken = places.iter().filter_map(|place| state.places.get(*place));
        let blobs: Vec<BlobSource> = taken
            .filter(|place| place.is_taken)
            .map(|place| place.blob.clone())
            .collect();
        state.is_under_way = !blobs.is_empty();
        state.stage = RequestStage::new();
        blobs
    }

    /// Where it is said how far the send that is under way came.
    pub(crate) fn stage(&self) -> RequestStage {
        self.state().stage.clone()
    }

    /// A send has ended.
    pub(crate) fn end_send<T>(&self, ended: &Result<T>) {
        let mut state = self.state();
        state.is_under_way = false;
        if let Err(error) = ended {
            state.ambiguous.count_in(error);
        }
    }

    /// What became of these places.
    pub(crate) fn settle(&self, places: &[usize], sent: &Sent) {
        let mut state = self.state();
        for place in places {
            if let Some(place) = state.places.get_mut(*place) {
                place.sent = Some(sent.clone());
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether nobody else waits for the end of the request, so that it ends with this one.
    fn is_alone(&self, own: usize) -> bool {
        let mut others = self.places.iter().enumerate().filter(|(place, _)| *place != own);
        others.all(|(_, other)| !other.is_taken)
    }
}

impl Place {
    fn of(blob: BlobSource) -> Self {
        Self {
            blob,
            is_taken: true,
            sent: None,
        }
    }
}

impl Seat {
    pub(crate) fn batch(&self) -> &Arc<Batch> {
        &self.batch
    }

    /// Drives the request until it has ended, or the deadline is over. A send that is under way then is ambiguous, like one
    /// whose answer was lost, unless nothing of it was sent and nobody else drives it on.
    pub(crate) async fn outcome(self, clock: &dyn Clock, deadline: Option<Deadline>) -> Sent {
        let flight = self.flight.clone().map(Ok);
        let ended = match deadline {
            None => flight.await,
            Some(end) => end.run(clock, "queue the source", flight).await,
        };
        let mut state = self.batch.state();
        let sent = state
            .places
            .get_mut(self.place)
            .and_then(|place| place.sent.take());
        match (sent, ended) {
            (Some(sent), _) => sent,
            (None, Err(late)) => {
                let mut ambiguous = state.ambiguous;
                if state.is_under_way && !(state.stage.is_unsent() && state.is_alone(self.place)) {
                    let unknown = Error::new(ErrorKind::OutcomeUnknown, "queue the source");
                    ambiguous.count_in(&unknown);
                }
                Sent {
                    outcome: Err(late),
                    ambiguous,
                }
            }
            // A flight settles every place that is taken.
            (None, Ok(())) => Sent {
                outcome: Err(
                    Error::new(ErrorKind::Other, "queue the source").because("its request ended without it")
                ),
                ambiguous: state.ambiguous,
            },
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(place) = self.batch.state().places.get_mut(self.place) {
            place.is_taken = false;
        }
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
