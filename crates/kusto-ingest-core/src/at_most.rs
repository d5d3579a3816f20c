//! Many futures at once, but not too many. The crate of words stands on few others, and `futures` is none of them.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Runs futures, at most `limit` of them at once, and gives what they gave, in their order. The next one begins
/// when any ends. Dropping the future drops all of them.
pub(crate) async fn at_most<F: Future>(limit: usize, futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting = futures.enumerate();
    let mut flying: Vec<Flying<F>> = Vec::new();
    let mut landed = Vec::new();
    let outer = Arc::new(Mutex::new(Waker::noop().clone()));
    poll_fn(|context| {
        outer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(context.waker());
        // Each is polled once at most: one that wakes itself must not keep others of the executor waiting.
        let mut at = 0;
        loop {
            if at == flying.len() {
                let has_room = flying.len() < limit.max(1);
                match has_room.then(|| waiting.next()).flatten() {
                    Some((place, future)) => flying.push(Flying::new(place, future, &outer)),
                    None => break,
                }
            }
            match flying[at].poll() {
                Poll::Pending => at += 1,
                Poll::Ready(output) => landed.push((flying.swap_remove(at).place, output)),
            }
        }
        if flying.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    landed.sort_by_key(|(place, _)| *place);
    landed.into_iter().map(|(_, output)| output).collect()
}

/// One future, polled when it was woken and not when its neighbours were.
struct Flying<F> {
    place: usize,
    future: Pin<Box<F>>,
    bell: Arc<Bell>,
}

impl<F: Future> Flying<F> {
    fn new(place: usize, future: F, outer: &Arc<Mutex<Waker>>) -> Self {
        Self {
            place,
            future: Box::pin(future),
            bell: Arc::new(Bell {
                rung: AtomicBool::new(true),
                outer: outer.clone(),
            }),
        }
    }

    fn poll(&mut self) -> Poll<F::Output> {
        if !self.bell.rung.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(self.bell.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

/// Remembers that it was rung, and passes it on.
struct Bell {
    rung: AtomicBool,
    outer: Arc<Mutex<Waker>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        let outer = self.outer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        outer.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::channel::oneshot;
    use futures::executor::block_on;
    use futures::{FutureExt as _, future};

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_futures_whichever_ends_first() {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel()).unzip();
        let sending = async {
            for (number, sender) in senders.into_iter().enumerate().rev() {
                sender.send(number).expect("somebody waits");
                future::ready(()).await;
            }
        };
        let (received, ()) = block_on(future::join(at_most(3, receivers.into_iter()), sending));
        assert_eq!(received, [Ok(0), Ok(1), Ok(2)]);
    }

    #[test]
    fn no_more_than_the_limit_are_begun_and_one_slow_one_holds_up_nobody() {
        let begun = Cell::new(0);
        let (last, wait) = oneshot::channel();
        let mut wait = Some(wait);
        let futures = (0..10).map(|number| {
            begun.set(begun.get() + 1);
            let slow = (number == 0).then(|| wait.take()).flatten();
            async move {
                if let Some(slow) = slow {
                    slow.await.expect("it is sent");
                }
                number
            }
        });
        let mut all = Box::pin(at_most(2, futures));
        assert!(all.as_mut().now_or_never().is_none(), "the first one waits");
        assert_eq!(begun.get(), 10, "the others passed it");
        last.send(()).expect("somebody waits");
        assert_eq!(block_on(all), (0..10).collect::<Vec<_>>());

        let begun = Cell::new(0);
        let never = (0..10).map(|_| {
            begun.set(begun.get() + 1);
            future::pending::<()>()
        });
        assert!(at_most(3, never).now_or_never().is_none());
        assert_eq!(begun.get(), 3);
    }

    #[test]
    fn a_future_is_polled_only_when_it_was_woken() {
        let polls = Cell::new(0);
        let idle = poll_fn(|_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        });
        let mut wakes = 0;
        let busy = poll_fn(|context| {
            wakes += 1;
            context.waker().wake_by_ref();
            if wakes < 50 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
        let both: [Pin<Box<dyn Future<Output = ()>>>; 2] = [Box::pin(idle), Box::pin(busy)];
        let mut all = Box::pin(at_most(2, both.into_iter()));
        let mut context = Context::from_waker(Waker::noop());
        (0..60).for_each(|_| assert!(all.as_mut().poll(&mut context).is_pending()));
        drop(all);
        assert_eq!((wakes, polls.get()), (50, 1));
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        assert!(block_on(at_most(8, std::iter::empty::<future::Ready<()>>())).is_empty());
    }
}
