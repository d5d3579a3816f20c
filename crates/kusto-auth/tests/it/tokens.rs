//! The one cache in front of every way to get a token.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use futures::executor::block_on;
use futures::future::join_all;
use kusto_auth::{BearerToken, CloudSettings, Credentials, FixedCloud, SignIn};
use kusto_connection::ConnectionString;
use kusto_ingest_core::{Clock, Error, ErrorKind, ManualClock, Result};

use crate::script::{HELP, LOGIN, Reply, SCOPE, Script, credential, sign_in, sign_in_at, start, url};

const MINUTE: Duration = Duration::from_secs(60);

/// A callback whose tokens are numbered, live for an hour, and cannot be had while `fails`.
struct Office {
    clock: ManualClock,
    asked: Arc<AtomicUsize>,
    fails: Arc<AtomicUsize>,
    is_open: Arc<AtomicBool>,
    credentials: Credentials,
}

impl Office {
    fn open() -> Self {
        let clock = ManualClock::new(start());
        let (asked, fails) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let is_open = Arc::new(AtomicBool::new(true));
        let connection = ConnectionString::for_cluster(HELP).expect("a cluster");
        let transport = Script::nobody().transport();
        let (time, count, failing) = (clock.clone(), asked.clone(), fails.clone());
        let door = is_open.clone();
        let credentials = SignIn::new(&connection, transport, Arc::new(clock.clone()))
            .expect("a sign-in")
            .with_cloud(Arc::new(FixedCloud::new(CloudSettings::public())))
            .with_token_callback(move |_| {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                let fails = failing.load(Ordering::SeqCst) > 0;
                let expiry = time.now() + 60 * MINUTE;
                let door = door.clone();
                async move {
                    while !door.load(Ordering::SeqCst) {
                        futures::pending!();
                    }
                    if fails {
                        return Err(Error::new(ErrorKind::Unavailable, "get a token"));
                    }
                    Ok(BearerToken::new(number.to_string()).with_expiry(expiry))
                }
            })
            .finish()
            .expect("credentials");
        Self {
            clock,
            asked,
            fails,
            is_open,
            credentials,
        }
    }

    fn fail(&self, fails: bool) {
        self.fails.store(usize::from(fails), Ordering::SeqCst);
    }

    /// While it is closed, who asks must wait.
    fn open_door(&self, is_open: bool) {
        self.is_open.store(is_open, Ordering::SeqCst);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn token(&self) -> Result<String> {
        let credential = credential(&self.credentials, HELP);
        block_on(credential.token()).map(|token| token.expose().to_owned())
    }
}

#[test]
fn a_hundred_at_once_make_one_request_and_a_hundred_later_none() {
    let office = Office::open();
    let engine = credential(&office.credentials, HELP);
    let ingestion = credential(&office.credentials, "https://ingest-help.kusto.windows.net");
    office.open_door(false);
    block_on(async {
        let asking = (0..100).map(|number| {
            let credential = if number % 2 == 0 { &engine } else { &ingestion };
            Box::pin(credential.token())
        });
        let mut asking: Vec<_> = asking.collect();
        for one in &mut asking {
            assert!(futures::poll!(one).is_pending());
        }
        office.open_door(true);
        for token in join_all(asking).await {
            assert_eq!(token.expect("a token").expose(), "1");
        }
    });
    for _ in 0..100 {
        assert_eq!(office.token().expect("a token"), "1");
    }
    assert_eq!(office.asked(), 1);
}

#[test]
fn a_token_is_replaced_in_its_last_ten_minutes() {
    let office = Office::open();
    office.token().expect("a token");
    office.clock.advance(49 * MINUTE);
    assert_eq!(office.token().expect("a token"), "1");
    office.clock.advance(MINUTE);
    assert_eq!(office.token().expect("a token"), "2");
    assert_eq!(office.asked(), 2);
}

#[test]
fn while_one_replaces_it_the_others_go_on_until_the_last_two_minutes() {
    let office = Office::open();
    let credential = credential(&office.credentials, HELP);
    office.token().expect("a token");
    office.clock.advance(52 * MINUTE);
    office.open_door(false);
    block_on(async {
        let mut replacing = Box::pin(credential.token());
        assert!(futures::poll!(&mut replacing).is_pending());
        assert_eq!(credential.token().await.expect("the old token").expose(), "1");

        office.clock.advance(6 * MINUTE);
        let mut urgent = Box::pin(credential.token());
        assert!(
            futures::poll!(&mut urgent).is_pending(),
            "it is too late for the old one"
        );
        office.open_door(true);
        assert_eq!(replacing.await.expect("a token").expose(), "2");
        assert_eq!(urgent.await.expect("a token").expose(), "2");
    });
    assert_eq!(office.asked(), 2);
}

#[test]
fn a_valid_token_serves_on_while_it_cannot_be_replaced_and_no_longer() {
    let office = Office::open();
    office.token().expect("a token");
    office.clock.advance(50 * MINUTE);
    office.fail(true);
    assert_eq!(office.token().expect("the old token"), "1");
    assert_eq!(office.asked(), 2);

    // A failure is not repeated at once.
    assert_eq!(office.token().expect("the old token"), "1");
    assert_eq!(office.asked(), 2);
    office.clock.advance(MINUTE);
    assert_eq!(office.token().expect("the old token"), "1");
    assert_eq!(office.asked(), 3);

    office.clock.advance(9 * MINUTE);
    assert_eq!(
        office.token().expect_err("it has expired").kind(),
        ErrorKind::Unavailable
    );
    office.fail(false);
    assert_eq!(office.token().expect("a token"), "5");
}

#[test]
fn a_request_that_nobody_waits_for_any_longer_ends_and_the_next_one_starts_anew() {
    let office = Office::open();
    let credential = credential(&office.credentials, HELP);
    office.open_door(false);
    block_on(async {
        let mut given_up = Box::pin(credential.token());
        assert!(futures::poll!(&mut given_up).is_pending());
    });
    office.open_door(true);
    assert_eq!(office.token().expect("a token"), "2");
}

#[test]
fn a_request_goes_on_for_the_others_when_the_first_who_asked_gives_up() {
    let office = Office::open();
    let credential = credential(&office.credentials, HELP);
    office.open_door(false);
    block_on(async {
        let (mut first, mut second) = (Box::pin(credential.token()), Box::pin(credential.token()));
        assert!(futures::poll!(&mut first).is_pending());
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        office.open_door(true);
        assert_eq!(second.await.expect("a token").expose(), "1");
    });
    assert_eq!(office.asked(), 1);
}

#[test]
fn a_token_that_was_refused_is_forgotten_once_a_minute_however_many_say_so() {
    let office = Office::open();
    office.token().expect("a token");
    for _ in 0..100 {
        office.credentials.invalidate_tokens();
        assert_eq!(office.token().expect("a token"), "2");
    }
    office.clock.advance(MINUTE);
    office.credentials.invalidate_tokens();
    assert_eq!(office.token().expect("a token"), "3");
}

#[test]
fn who_begins_to_replace_a_token_waits_two_seconds_at_most_and_one_a_minute_longer() {
    let clock = ManualClock::advancing(start());
    let script = Script::new(|_, number| match number {
        0 => Reply::token("first"),
        _ => Reply::Silence,
    });
    let connection = ConnectionString::for_cluster(HELP)
        .expect("a cluster")
        .with_client_secret("contoso.com", "app", "secret");
    let credentials = sign_in_at(&connection, &script, &clock)
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, HELP);
    let ask = || {
        let begun = clock.now();
        let token = block_on(credential.token()).expect("a token that is valid");
        assert_eq!(token.expose(), "first");
        clock.now().since(begun)
    };
    ask();
    clock.advance(51 * MINUTE);
    let mut waits = Vec::new();
    for _ in 0..3 {
        waits.push(ask());
        // Within a minute, nobody begins again.
        assert_eq!(ask(), Duration::ZERO);
        clock.advance(MINUTE);
    }
    assert_eq!(waits, [2, 2, 30].map(Duration::from_secs));
}

#[test]
fn a_token_that_ends_while_it_could_not_be_replaced_is_not_handed_out() {
    let office = Office::open();
    let credential = credential(&office.credentials, HELP);
    for (asked_at, then) in [(57 * MINUTE, 4 * MINUTE), (59 * MINUTE, 2 * MINUTE)] {
        office.fail(false);
        office.open_door(true);
        office.token().expect("a token");
        office.clock.advance(asked_at);
        office.fail(true);
        office.open_door(false);
        block_on(async {
            let mut replacing = Box::pin(credential.token());
            assert!(futures::poll!(&mut replacing).is_pending());
            office.clock.advance(then);
            office.open_door(true);
            let error = replacing.await.expect_err("the old one has ended");
            assert_eq!(error.kind(), ErrorKind::Unavailable);
        });
        office.clock.advance(MINUTE);
    }
}

#[test]
fn in_its_last_two_minutes_a_token_serves_where_no_other_can_be_had() {
    let office = Office::open();
    office.token().expect("a token");
    office.clock.advance(59 * MINUTE);
    office.fail(true);
    assert_eq!(office.token().expect("it is valid for a minute"), "1");
    assert_eq!(office.asked(), 2);
}

#[test]
fn a_token_that_our_clock_calls_over_when_it_comes_is_used_and_asked_for_once_a_minute() {
    let clock = ManualClock::new(start());
    let asked = Arc::<AtomicUsize>::default();
    let count = asked.clone();
    let connection = ConnectionString::for_cluster(HELP).expect("a cluster");
    let credentials = sign_in_at(&connection, &Script::nobody(), &clock)
        .with_token_callback(move |_| {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            let expiry = start() - 60 * MINUTE;
            async move { Ok(BearerToken::new(number.to_string()).with_expiry(expiry)) }
        })
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, HELP);
    for _ in 0..100 {
        block_on(credential.token()).expect("a token");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    clock.advance(MINUTE);
    block_on(credential.token()).expect("a token");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_callback_is_told_everything_and_its_token_without_an_end_serves_once() {
    let connection = ConnectionString::for_cluster(HELP).expect("a cluster");
    let asked = Arc::<AtomicUsize>::default();
    let count = asked.clone();
    let credentials = sign_in(&connection, &Script::nobody())
        .with_token_callback(move |request| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                assert_eq!(request.endpoint, url("https://ingest-help.kusto.windows.net"));
                assert_eq!(
                    (request.scope.as_str(), request.login_endpoint.as_str()),
                    (SCOPE, LOGIN)
                );
                Ok(BearerToken::new("token"))
            }
        })
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, "https://ingest-help.kusto.windows.net");
    for number in 1..=3 {
        // The scopes of the call do not matter.
        let token = block_on(credential.get_token(&["whatever"], None)).expect("a token");
        assert_eq!(token.token.secret(), "token");
        assert_eq!(asked.load(Ordering::SeqCst), number);
    }
    assert_eq!(block_on(credential.scope()).expect("a scope"), SCOPE);
}

#[test]
fn a_token_without_an_end_serves_one_request_of_those_that_wait_at_once() {
    let connection = ConnectionString::for_cluster(HELP).expect("a cluster");
    let (count, is_open) = (AtomicUsize::default(), Arc::<AtomicBool>::default());
    let door = is_open.clone();
    let credentials = sign_in(&connection, &Script::nobody())
        .with_token_callback(move |_| {
            let (number, door) = (count.fetch_add(1, Ordering::SeqCst), door.clone());
            async move {
                while !door.load(Ordering::SeqCst) {
                    futures::pending!();
                }
                Ok(BearerToken::new(number.to_string()))
            }
        })
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, HELP);
    let mut all = Box::pin(join_all((0..8).map(|_| credential.token())));
    assert!(
        futures::FutureExt::now_or_never(&mut all).is_none(),
        "all of them wait"
    );
    is_open.store(true, Ordering::SeqCst);
    let tokens = block_on(all).into_iter();
    let mut tokens: Vec<String> = tokens
        .map(|token| token.expect("a token").expose().to_owned())
        .collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 8, "each has its own: {tokens:?}");
}
