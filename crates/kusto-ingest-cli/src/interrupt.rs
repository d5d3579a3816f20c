//! What the terminal or the system says to a running command.

use std::io;

use tokio::signal;
use tokio::sync::watch;

use crate::exit::Exit;

/// Whether somebody pressed Ctrl+C.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on. The second Ctrl+C ends the program wherever it is.
    pub(crate) fn listen() -> Self {
        let (interrupted, heard) = watch::channel(false);
        tokio::spawn(async move {
            if signal::ctrl_c().await.is_ok() {
                // Nobody listens any more when the command has ended.
                let _ = interrupted.send(true);
                if signal::ctrl_c().await.is_ok() {
                    std::process::exit(Exit::Interrupted as i32);
                }
            }
            std::future::pending::<()>().await;
        });
        Self(heard)
    }

    /// Returns when it was pressed.
    pub(crate) async fn pressed(&mut self) {
        if self.0.wait_for(|pressed| *pressed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether it was pressed.
    pub(crate) fn is_pressed(&self) -> bool {
        *self.0.borrow()
    }
}

/// The end of a program that serves until it is told to stop.
#[derive(Debug)]
pub(crate) struct Termination {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
}

impl Termination {
    /// Listens from now on, so that nothing is missed that is said before somebody waits for it.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Returns when the program is to stop.
    #[cfg(unix)]
    pub(crate) async fn said(mut self) {
        let (terminate, interrupt) = (self.terminate.recv(), self.interrupt.recv());
        futures::future::select(std::pin::pin!(terminate), std::pin::pin!(interrupt)).await;
    }

    #[cfg(not(unix))]
    pub(crate) async fn said(self) {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
