//! Signals that ask the process to stop.

use std::io::{self, IsTerminal};

use tokio::signal;

/// Who asks the process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// SIGTERM: systemd, an orchestrator, an operator.
    ByASupervisor,
    /// Ctrl-C, or the end of the terminal.
    AtATerminal,
}

/// The signals. From the moment this exists, SIGTERM and Ctrl-C end the process in order, and SIGHUP
/// does not end it.
pub struct Stop {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    hangup: signal::unix::Signal,
    #[cfg(unix)]
    had_a_terminal: bool,
}

impl Stop {
    /// Starts to listen for the signals.
    ///
    /// # Errors
    /// When the operating system does not let us.
    pub fn on_signal() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use signal::unix::{SignalKind, signal};
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
                hangup: signal(SignalKind::hangup())?,
                had_a_terminal: io::stderr().is_terminal(),
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits until the process is asked to stop. Until then each SIGHUP calls `reload`.
    #[cfg(unix)]
    pub async fn asked(&mut self, reload: impl Fn()) -> Asked {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Asked::ByASupervisor,
                _ = self.interrupt.recv() => return Asked::AtATerminal,
                _ = self.hangup.recv() => {}
            }
            // The terminal was closed: without this the process would run on unseen.
            if self.had_a_terminal && !io::stderr().is_terminal() {
                return Asked::AtATerminal;
            }
            reload();
        }
    }

    /// Waits until the process is asked to stop, by SIGTERM or Ctrl-C. A SIGHUP that comes meanwhile is kept
    /// for [`Self::asked`].
    pub async fn asked_while_starting(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        self.asked(|| {}).await;
    }

    /// Waits until the process is asked to stop.
    #[cfg(not(unix))]
    pub async fn asked(&mut self, _: impl Fn()) -> Asked {
        if signal::ctrl_c().await.is_err() {
            // Without a handler Ctrl-C ends the process the ordinary way.
            std::future::pending::<()>().await;
        }
        Asked::AtATerminal
    }
}
