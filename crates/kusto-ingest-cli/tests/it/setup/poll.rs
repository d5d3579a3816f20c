//! The moment when something is so, which comes soon or never.

use std::io::Read as _;
use std::process::Child;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Between two looks.
const MOMENT: Duration = Duration::from_millis(1);

/// How many looks there are, in a minute or so. A test that waits for more would wait for ever.
const LOOKS: usize = 60_000;

/// Returns when something is so.
pub(crate) fn until(is_so: impl Fn() -> bool) {
    assert!(comes(is_so, || false), "it is not so after {LOOKS} looks");
}

/// Returns when something is so that a command brings about. One that ends before, or is late, fails the test with what
/// it said.
pub(crate) fn while_it_runs(child: &mut Child, is_so: impl Fn() -> bool) {
    if comes(is_so, || matches!(child.try_wait(), Ok(Some(_)))) {
        return;
    }
    // It leaves nothing running, and its streams come to an end.
    drop(child.kill());
    let ended = child.wait();
    let mut said = String::new();
    if let Some(mut stream) = child.stderr.take() {
        drop(stream.read_to_string(&mut said));
    }
    panic!("it was not so when the command ended ({ended:?}): {said}");
}

/// What a command says on standard error up to some words, which it must say. What it says after them stays in its output.
pub(crate) fn says(child: &mut Child, words: &'static str) -> String {
    let mut stream = child.stderr.take().expect("it is piped");
    let (sender, told) = mpsc::channel();
    thread::spawn(move || {
        let (mut said, mut byte) = (Vec::new(), [0]);
        while !said.ends_with(words.as_bytes()) && stream.read(&mut byte).is_ok_and(|read| read == 1) {
            said.push(byte[0]);
        }
        // Who waits no more has failed.
        let _ = sender.send((String::from_utf8_lossy(&said).into_owned(), stream));
    });
    let patience = MOMENT * u32::try_from(LOOKS).expect("a number of looks");
    let Ok((said, stream)) = told.recv_timeout(patience) else {
        drop(child.kill());
        panic!("it did not say {words:?} within {patience:?}");
    };
    assert!(said.ends_with(words), "it ended without {words:?}: {said}");
    child.stderr = Some(stream);
    said
}

/// Whether something becomes so before it is over with it, and in time.
fn comes(is_so: impl Fn() -> bool, mut is_over: impl FnMut() -> bool) -> bool {
    for _ in 0..LOOKS {
        // What is over has done all it will: the last look comes after that.
        let is_last = is_over();
        if is_so() {
            return true;
        }
        if is_last {
            break;
        }
        thread::sleep(MOMENT);
    }
    false
}

#[test]
#[should_panic(expected = "--nonsense")]
fn a_command_that_ends_early_is_not_waited_for() {
    let mut child = crate::setup::command::start(&mut crate::setup::command::kusto_ingest(&["--nonsense"]));
    while_it_runs(&mut child, || false);
}

#[test]
#[should_panic(expected = "it ended without \"a word\": error: ")]
fn a_command_that_ends_without_a_word_is_not_listened_to() {
    let mut child = crate::setup::command::start(&mut crate::setup::command::kusto_ingest(&["--nonsense"]));
    says(&mut child, "a word");
}

#[test]
fn the_last_look_comes_after_the_end() {
    let looks = std::cell::Cell::new(0);
    let so_at_the_end = || looks.replace(looks.get() + 1) == 1;
    let ends = [false, true];
    let mut ends = ends.iter();
    assert!(comes(so_at_the_end, || ends.next().is_none_or(|ended| *ended)));
}
