//! A refresh that is driven beside the work that uses the value.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use super::PATIENCE;
use crate::Clock;

/// Does `work`, and drives `refresh` as long as it lasts and for 2 s more at most; then the refresh is dropped.
///
/// The work is polled first, but the refresh has begun by then, so that the work finds it under way.
///
/// # Cancel safety
/// Dropping the future drops both.
pub async fn beside<T>(
    clock: &dyn Clock,
    refresh: impl Future<Output = ()> + Send,
    work: impl Future<Output = T> + Send,
) -> T {
    let (mut refresh, mut work) = (pin!(refresh), pin!(work));
    let mut refreshing = poll_fn(|context| Poll::Ready(refresh.as_mut().poll(context).is_pending())).await;
    let done = poll_fn(|context| {
        let done = work.as_mut().poll(context);
        if done.is_pending() && refreshing {
            refreshing = refresh.as_mut().poll(context).is_pending();
        }
        done
    })
    .await;
    if refreshing {
        let mut patience_ends = clock.sleep(PATIENCE);
        poll_fn(|context| match refresh.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => patience_ends.as_mut().poll(context),
        })
        .await;
    }
    done
}
