//! `consent-backend health`: asks a server whether it is ready, where there is no other program to ask.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use url::Url;

/// How long the server has for each step: to accept, to take the request, to answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(200);

/// The most that is read of an answer, in bytes.
const LONGEST: u64 = 16 * 1024;

#[derive(Args)]
pub struct Health {
    /// What to ask, over plain http.
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8080/readyz", value_parser = plain)]
    url: Url,
    /// How long to go on asking until it is ready.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    wait: Duration,
}

/// Returns what the server answers at last. The exit status is 0 when it is ready, else 1.
#[must_use]
pub fn run(Health { url, wait }: &Health) -> (String, u8) {
    let begun = Instant::now();
    loop {
        let (text, status) = once(url);
        if status == 0 || begun.elapsed() >= *wait {
            return (text, status);
        }
        thread::sleep(PAUSE);
    }
}

fn once(url: &Url) -> (String, u8) {
    match ask(url) {
        Ok((200..=299, body)) => (body, 0),
        Ok((status, body)) => (format!("{url}: {status}: {body}"), 1),
        Err(error) => (format!("{url}: {error}\n"), 1),
    }
}

/// Status and body.
fn ask(url: &Url) -> io::Result<(u16, String)> {
    let no_answer = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let host = url.host_str().ok_or_else(|| no_answer("no host"))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let addresses = url.socket_addrs(|| None)?;
    let mut failure = no_answer("the host has no address");
    let stream = addresses.iter().find_map(|address| {
        let connected = TcpStream::connect_timeout(address, REQUEST_TIMEOUT);
        connected.map_err(|error| failure = error).ok()
    });
    let Some(mut stream) = stream else { return Err(failure) };
    stream.set_read_timeout(Some(REQUEST_TIMEOUT))?;
    stream.set_write_timeout(Some(REQUEST_TIMEOUT))?;
    let path = url.path();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| no_answer("no HTTP answer"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.ok_or_else(|| no_answer("no HTTP answer"))?, body.to_owned()))
}

fn plain(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if url.scheme() == "http" && url.has_host() {
        Ok(url)
    } else {
        Err("expected an http URL of this machine, such as http://127.0.0.1:8080/readyz".to_owned())
    }
}
