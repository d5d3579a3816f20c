//! The state as server-sent events: one at once, and one whenever anything has changed since.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{StreamExt, unfold};

use super::look;
use crate::answer::{Answer, status, with};
use crate::content::Content;
use crate::request_head::RequestHead;
use crate::state::ServerState;

/// How long nothing is said where nothing happens: who has gone away is seen by what is said then.
const SILENCE: Duration = Duration::from_secs(15);

/// How long after one event the next one comes, however much happens.
const BETWEEN: Duration = Duration::from_millis(200);

/// Events to the end of the connection. Whoever comes again says what was the last one, and is told the next.
pub(super) fn answer(state: &Arc<ServerState>, asked: &RequestHead) -> Answer {
    let known = asked
        .header("last-event-id")
        .and_then(|id| state.changes.number_of(id));
    let told = unfold((Arc::clone(state), known, Duration::ZERO), next);
    let begin = futures::stream::iter([Bytes::from_static(b"retry: 1000\n\n")]);
    let answer = status(200)
        .header("content-type", "text/event-stream")
        .header("cache-control", "no-store");
    with(answer, Content::streamed(begin.chain(told)))
}

type Listener = (Arc<ServerState>, Option<u64>, Duration);

async fn next((state, known, pause): Listener) -> Option<(Bytes, Listener)> {
    state.network.sleep(pause).await;
    let number = state.changes.after(known, &*state.network, SILENCE).await;
    if known == Some(number) {
        return Some((
            Bytes::from_static(b": nothing new\n\n"),
            (state, known, Duration::ZERO),
        ));
    }
    let event = format!(
        "id: {}\ndata: {}\n\n",
        state.changes.id(number),
        look::state(&state)
    );
    // All that the event shows must be there after the emulator was killed; who is answered next is told why it is not.
    state.save().await.ok()?;
    Some((Bytes::from(event), (state, Some(number), BETWEEN)))
}
