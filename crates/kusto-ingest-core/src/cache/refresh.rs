//! A refresh that is driven while the work that uses the value goes on.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, FutureExt};

use super::{Flight, REFRESH_WAIT};
use crate::Clock;

/// Refreshes that are due or under way, for [`drive_refresh`]. Often there is none.
///
/// It is a future that ends with the last of them. Dropping it drops them, unless somebody else drives them.
#[must_use = "a refresh that nobody drives stands still"]
pub struct Refresh {
    flights: Vec<BoxFuture<'static, ()>>,
    /// Whether one of them began here, rather than that somebody else's was joined.
    began: bool,
}

impl Refresh {
    /// Nothing is to be refreshed.
    pub const fn none() -> Self {
        Self {
            flights: Vec::new(),
            began: false,
        }
    }

    /// Drives those of another value as well.
    pub fn and(mut self, other: Self) -> Self {
        self.flights.extend(other.flights);
        self.began |= other.began;
        self
    }

    pub(super) fn begun<T>(flight: Flight<T>) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        Self {
            began: true,
            ..Self::joined(flight)
        }
    }

    pub(super) fn joined<T>(flight: Flight<T>) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        Self {
            flights: vec![flight.map(drop).boxed()],
            began: false,
        }
    }
}

impl Future for Refresh {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.flights
            .retain_mut(|flight| flight.as_mut().poll(context).is_pending());
        match self.flights.is_empty() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh")
            .field("flights", &self.flights.len())
            .field("began", &self.began)
            .finish()
    }
}

/// Does `work`, and drives `refresh` meanwhile. A refresh that began here is driven for 2 s more at most, one that was
/// joined no longer than the work lasts; then it is dropped.
///
/// # Cancel safety
/// Dropping the future drops both.
pub async fn drive_refresh<T>(
    clock: &dyn Clock,
    mut refresh: Refresh,
    work: impl Future<Output = T> + Send,
) -> T {
    let mut work = pin!(work);
    let done = poll_fn(|context| {
        // What ends while the work goes on is taken note of by the next poll of the work.
        let _ = Pin::new(&mut refresh).poll(context);
        work.as_mut().poll(context)
    })
    .await;
    if refresh.began && !refresh.flights.is_empty() {
        let mut wait_ends = clock.sleep(REFRESH_WAIT);
        poll_fn(|context| match Pin::new(&mut refresh).poll(context) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => wait_ends.as_mut().poll(context),
        })
        .await;
    }
    done
}
