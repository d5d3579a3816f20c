//! Work that takes long, in pieces.

use std::future::poll_fn;
use std::mem;
use std::task::Poll;

/// Lets the other tasks of the executor run once, between two pieces of work that takes long. It needs no runtime.
///
/// # Cancel safety
/// Dropping the future changes nothing.
pub async fn give_way() {
    let mut gave = false;
    poll_fn(|context| {
        if mem::replace(&mut gave, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn it_waits_for_one_turn() {
        let mut turn = pin!(give_way());
        assert_eq!(turn.as_mut().now_or_never(), None);
        assert_eq!(turn.now_or_never(), Some(()));
        // Whoever polls it is woken, or this would not end.
        futures::executor::block_on(give_way());
    }
}
