//! The socket of a service manager.

use std::io;

use listenfd::ListenFd;
use tokio::net::TcpListener;

/// The first socket that a service manager passed (`LISTEN_FDS`, sd_listen_fds(3)), if it passed one.
///
/// It stays open while this process stops and the next one starts: connections wait in its queue
/// meanwhile and are not refused.
///
/// # Errors
///
/// When what was passed is no TCP socket.
pub fn passed_socket() -> io::Result<Option<TcpListener>> {
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0)? else { return Ok(None) };
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener).map(Some)
}
