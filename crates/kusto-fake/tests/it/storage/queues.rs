//! Queues in memory, through the port and as a server sees them.

use std::time::Duration;

use futures::executor::block_on;
use kusto_fake::{MessageWrite, ResourcePath};
use kusto_ingest_core::testing::MINUTE;
use kusto_ingest_core::{Clock, ErrorKind, Result};
use kusto_storage::{MessageHandle, QueueStore, ResourceUri};

use super::world::World;

impl World {
    fn put(&self, text: &str) {
        block_on(self.storage.put(&self.queue, text)).expect("room");
    }

    fn receive(&self, max: u8) -> Vec<(String, MessageHandle, u32)> {
        let messages = block_on(self.storage.receive(&self.queue, max, MINUTE)).expect("a queue");
        messages
            .into_iter()
            .map(|message| (message.text, message.handle, message.dequeue_count))
            .collect()
    }
}

#[test]
fn messages_come_in_order_and_peeking_leaves_them() {
    let world = World::new();
    for text in ["one", "two", "three"] {
        world.put(text);
    }
    let seen = block_on(world.storage.peek(&world.queue, 2)).expect("a queue");
    let texts: Vec<&str> = seen.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["one", "two"]);
    assert_eq!(
        (seen[0].inserted, seen[0].dequeue_count),
        (Some(world.clock.now()), 0)
    );
    let taken: Vec<String> = world.receive(32).into_iter().map(|(text, ..)| text).collect();
    assert_eq!(taken, ["one", "two", "three"]);
}

#[test]
fn s03_g77_a_received_message_hides_and_comes_back_with_a_new_receipt() {
    let world = World::new();
    world.put("one");
    let first = world.receive(1).remove(0);
    assert_eq!((world.receive(1).len(), first.2), (0, 1));
    assert!(
        block_on(world.storage.peek(&world.queue, 1))
            .expect("a queue")
            .is_empty()
    );
    assert_eq!(world.storage.message_count(&ResourcePath::from(&world.queue)), 1);

    world.clock.advance(MINUTE);
    let second = world.receive(1).remove(0);
    assert_eq!((second.2, &second.1.id), (2, &first.1.id));
    let stale = block_on(world.storage.delete(&world.queue, &first.1)).unwrap_err();
    assert_eq!(
        (stale.http_status(), stale.code()),
        (Some(400), Some("PopReceiptMismatch"))
    );
    block_on(world.storage.delete(&world.queue, &second.1)).expect("the last receipt");
    let gone = block_on(world.storage.delete(&world.queue, &second.1)).unwrap_err();
    assert_eq!(
        (gone.http_status(), gone.code()),
        (Some(404), Some("MessageNotFound"))
    );
}

#[test]
fn a_message_hidden_at_first_shows_up_and_one_past_its_life_is_gone() -> Result<()> {
    let world = World::new();
    let place = ResourcePath::from(&world.queue);
    let write = MessageWrite::new()
        .with_visibility_timeout(MINUTE)
        .with_time_to_live(2 * MINUTE);
    world.storage.put_message(&place, "later", write)?;
    world.put("now");
    assert_eq!(world.storage.peek_messages(&place, 32)?.len(), 1);
    world.clock.advance(MINUTE);
    assert_eq!(world.storage.peek_messages(&place, 32)?.len(), 2);
    world.clock.advance(MINUTE);
    assert_eq!(world.storage.peek_messages(&place, 32)?.len(), 1);
    world.clock.advance(Duration::from_secs(7 * 24 * 60 * 60));
    assert_eq!(world.storage.message_count(&place), 0);
    Ok(())
}

#[test]
fn a_message_of_64_kib_is_taken_and_a_larger_one_refused() -> Result<()> {
    let world = World::new();
    let queue = ResourceUri::parse(world.queue.expose().as_str())?;
    block_on(world.storage.put(&queue, &"x".repeat(65_536)))?;
    let error = block_on(world.storage.put(&queue, &"x".repeat(65_537))).unwrap_err();
    assert_eq!(
        (error.http_status(), error.code()),
        (Some(413), Some("RequestBodyTooLarge"))
    );
    assert_eq!(error.kind(), ErrorKind::MessageTooLarge);
    Ok(())
}

#[test]
fn the_service_refuses_more_than_32_messages_at_once_and_the_port_asks_for_no_more() -> Result<()> {
    let world = World::new();
    let place = ResourcePath::from(&world.queue);
    (0..40).for_each(|n| world.put(&n.to_string()));
    for wrong in [0, 33] {
        for error in [
            world.storage.peek_messages(&place, wrong).unwrap_err(),
            world.storage.receive_messages(&place, wrong, MINUTE).unwrap_err(),
        ] {
            assert_eq!(error.code(), Some("OutOfRangeQueryParameterValue"));
        }
    }
    assert_eq!(block_on(world.storage.peek(&world.queue, 0))?.len(), 1);
    assert_eq!(world.receive(255).len(), 32);
    world.storage.clear_messages(&place)?;
    assert_eq!(world.storage.message_count(&place), 0);
    Ok(())
}

#[test]
fn receipts_hold_what_a_url_must_encode() {
    let world = World::new();
    world.put("one");
    let receipt = world.receive(1).remove(0).1.pop_receipt;
    assert!(
        ["+", "/", "="].iter().all(|mark| receipt.contains(mark)),
        "{receipt}"
    );
}

#[test]
fn the_moment_when_the_first_hidden_message_returns_is_known() {
    let world = World::new();
    let queue = ResourcePath::from(&world.queue);
    world.put("seen");
    assert_eq!(world.storage.next_visible(&queue), None);
    for minutes in [3, 2] {
        let hidden = MessageWrite::new().with_visibility_timeout(MINUTE * minutes);
        world.storage.put_message(&queue, "hidden", hidden).expect("room");
    }
    assert_eq!(
        world.storage.next_visible(&queue),
        Some(world.clock.now() + MINUTE * 2)
    );
    world.clock.advance(MINUTE * 3);
    assert_eq!(world.storage.next_visible(&queue), None);
}
