//! One connection to a server on this machine, without anything that would cost time.

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// An HTTP/1.1 connection that is kept open, and opened again where the server has ended it.
pub struct Client {
    address: String,
    sender: SendRequest<Full<Bytes>>,
}

/// Where requests go: servers with one public origin, to which connections go in turn.
#[derive(Debug, Clone)]
pub struct Servers {
    pub addresses: Vec<String>,
    /// Of the public origin.
    pub host: String,
}

impl Servers {
    /// A single one.
    #[must_use]
    pub fn one(address: &str) -> Self {
        Self { addresses: vec![address.to_owned()], host: address.to_owned() }
    }

    /// The connection of this number.
    ///
    /// # Errors
    /// When no server listens there.
    pub async fn connect(&self, number: usize) -> Result<Client> {
        let at = number.checked_rem(self.addresses.len()).context("no server")?;
        let address = &self.addresses[at];
        let stream = TcpStream::connect(address).await.with_context(|| address.clone())?;
        Client::over(stream, &self.host).await
    }
}

/// A whole answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    /// Connects to `127.0.0.1:41234`.
    ///
    /// # Errors
    /// When no server listens there.
    pub async fn connect(address: &str) -> Result<Self> {
        Self::over(TcpStream::connect(address).await.context(address.to_owned())?, address).await
    }

    /// A connection over a stream that is open already, to the host at this address.
    ///
    /// # Errors
    /// When the stream is broken.
    pub async fn over(stream: TcpStream, address: &str) -> Result<Self> {
        // Otherwise the kernel waits for more to send.
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { address: address.to_owned(), sender })
    }

    /// Sends a GET with these headers.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        self.send(Request::get(path), headers, Bytes::new()).await
    }

    /// Sends a POST of JSON with these headers, as from the server's own page.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn post(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        json: Bytes,
    ) -> Result<Answer> {
        self.post_as("application/json", path, headers, json).await
    }

    /// Sends a POST of any media type, as from the server's own page.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn post_as(
        &mut self,
        media_type: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer> {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, media_type)
            .header("sec-fetch-site", "same-origin");
        self.send(request, headers, body).await
    }

    async fn send(
        &mut self,
        request: hyper::http::request::Builder,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer> {
        let request = request.header(header::HOST, &self.address);
        let request = headers.iter().fold(request, |all, (name, value)| all.header(*name, *value));
        // A server ends a connection that was quiet for long, and nothing was sent then.
        if self.sender.ready().await.is_err() {
            *self = Self::connect(&self.address).await?;
        }
        let answer = self.sender.send_request(request.body(Full::new(body))?).await?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_connection_that_the_server_ended_is_opened_again() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let server = tokio::spawn(async move {
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut request = [0; 1024];
                assert!(stream.read(&mut request).await.expect("a request") > 0);
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer.as_bytes()).await.expect("written");
            }
        });
        let mut client = Client::connect(&address).await.expect("it listens");
        for _ in 0..2 {
            let answer = client.get("/", &[]).await.expect("an answer");
            assert_eq!(answer.body, "ok");
            // The server's end of the connection arrives.
            while !client.sender.is_closed() {
                tokio::task::yield_now().await;
            }
        }
        server.await.expect("both were answered");
    }
}
