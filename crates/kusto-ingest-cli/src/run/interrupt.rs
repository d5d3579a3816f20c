//! What the system says to a running command: that it is to end.

use std::future::Future;
use std::sync::OnceLock;
#[cfg(unix)]
use std::task::Poll;

use futures::future::{Either, select};
use tokio::signal;
use tokio::sync::watch;

use crate::report::{self, Cause, CommandError, Exit, interrupted};

/// Who listens: signals are those of the process, and a run that is repeated is to hear those of the pauses, too.
static LISTENING: OnceLock<Interrupt> = OnceLock::new();

/// Whether something told the command to end: Ctrl+C, and on Unix SIGTERM and SIGHUP.
#[derive(Clone, Debug)]
pub(super) struct Interrupt(watch::Receiver<Option<Cause>>);

impl Interrupt {
    /// Listens from now on, and once for all that this process does. The second Ctrl+C or SIGTERM ends the program wherever it is.
    ///
    /// # Errors
    /// The system does not let it listen.
    pub(super) fn listen() -> Result<Self, CommandError> {
        Self::listen_to(Signals::listen)
    }

    /// The same where SIGHUP ends nothing, as somebody else listens to it.
    ///
    /// # Errors
    /// The system does not let it listen.
    pub(super) fn listen_beside(_: &HangUps) -> Result<Self, CommandError> {
        Self::listen_to(Signals::listen_without_hang_up)
    }

    fn listen_to(listen: impl FnOnce() -> std::io::Result<Signals>) -> Result<Self, CommandError> {
        if let Some(known) = LISTENING.get() {
            return Ok(known.clone());
        }
        let mut signals = listen()
            .map_err(|error| CommandError::new(Exit::Bug, format!("failed to listen to signals: {error}")))?;
        let (told, heard) = watch::channel(None);
        tokio::spawn(async move {
            let mut insisted = false;
            loop {
                let cause = signals.next().await;
                told.send_if_modified(|known| {
                    let is_first = known.is_none();
                    known.get_or_insert(cause);
                    is_first
                });
                if cause.insists() && insisted {
                    report::error(&format!("ended at once by a second {cause}: nothing is reported"));
                    std::process::exit(Exit::Interrupted as i32);
                }
                insisted |= cause.insists();
            }
        });
        // Nobody else listens meanwhile: a command does one thing after the other.
        Ok(LISTENING.get_or_init(|| Self(heard)).clone())
    }

    /// Returns when the command is to end.
    pub(super) async fn pressed(&mut self) {
        if self.0.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Does something before anything was sent, unless the command is to end.
    pub(super) async fn unless_pressed<T, E: From<Interrupted>>(
        &self,
        work: impl Future<Output = Result<T, E>> + Unpin,
    ) -> Result<T, E> {
        let mut interrupt = self.clone();
        match select(work, std::pin::pin!(interrupt.pressed())).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(Interrupted(self.cause()).into()),
        }
    }

    /// What told it to end, if anything did.
    pub(super) fn cause(&self) -> Option<Cause> {
        *self.0.borrow()
    }

    /// Whether the command is to end.
    pub(super) fn is_pressed(&self) -> bool {
        self.cause().is_some()
    }
}

/// The command was told to end before anything was sent.
#[derive(Debug)]
pub(super) struct Interrupted(Option<Cause>);

impl From<Interrupted> for CommandError {
    fn from(Interrupted(cause): Interrupted) -> Self {
        let interrupted = interrupted(cause);
        Self::new(
            Exit::Interrupted,
            format!("{interrupted} before anything was sent"),
        )
    }
}

impl Cause {
    /// Whether the next one of its kind ends the program at once. A terminal that closes hangs up more than once, and
    /// some supervisors hang up right after they terminate.
    fn insists(self) -> bool {
        match self {
            Self::Interrupt => true,
            #[cfg(unix)]
            Self::Termination => true,
            #[cfg(unix)]
            Self::HangUp => false,
        }
    }
}

/// The signals that end a command.
#[cfg(unix)]
struct Signals(Vec<(Cause, signal::unix::Signal)>);

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        let mut all = Self::listen_without_hang_up()?;
        if !ignores_hang_up() {
            all.0.insert(0, (Cause::HangUp, signal(SignalKind::hangup())?));
        }
        Ok(all)
    }

    fn listen_without_hang_up() -> std::io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        Ok(Self(vec![
            (Cause::Termination, signal(SignalKind::terminate())?),
            (Cause::Interrupt, signal(SignalKind::interrupt())?),
        ]))
    }

    async fn next(&mut self) -> Cause {
        std::future::poll_fn(|context| {
            for (cause, signal) in &mut self.0 {
                if signal.poll_recv(context) == Poll::Ready(Some(())) {
                    return Poll::Ready(*cause);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// SIGHUP, where it asks a process that goes on to read its files anew.
#[derive(Debug)]
pub(super) struct HangUps(#[cfg(unix)] signal::unix::Signal);

impl HangUps {
    /// Listens from now on. Where there is no such signal, none comes.
    ///
    /// # Errors
    /// The system does not let it listen.
    pub(super) fn listen() -> Result<Self, CommandError> {
        #[cfg(unix)]
        return signal::unix::signal(signal::unix::SignalKind::hangup())
            .map(Self)
            .map_err(|error| CommandError::new(Exit::Bug, format!("failed to listen to signals: {error}")));
        #[cfg(not(unix))]
        Ok(Self())
    }

    /// Returns when the next one comes.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        if self.0.recv().await.is_some() {
            return;
        }
        std::future::pending().await
    }
}

/// Whether the command was started to outlive its terminal, as by `nohup`.
#[cfg(unix)]
fn ignores_hang_up() -> bool {
    // Linux only: elsewhere no safe call tells it.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is the first signal.
    ignored.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
    fn listen_without_hang_up() -> std::io::Result<Self> {
        Ok(Self)
    }

    #[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Cause {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Cause::Interrupt
    }
}
