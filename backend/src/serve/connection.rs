//! One connection: HTTP/1.1 by hyper, with the deadlines of [`super::progress`].

use std::{
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::ConnectInfo,
    http::{Request, Response},
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{sleep, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    admission::Admitted,
    progress::{Deadlines, Progress},
};
use crate::test_hooks::failures::CloseConnection;

/// The largest head of a request, in bytes: address and header fields. Larger ones get 431 (RFC 6585,
/// 5). At most 100 header fields, hyper's own limit, likewise.
const LARGEST_HEAD: usize = 32 * 1024;

/// How much of a request, or of an answer, is kept in memory before it is passed on, in bytes.
const LARGEST_BUFFER: usize = 64 * 1024;

/// Answers on a connection that there is no room for, as far as it takes an answer at once.
pub fn refuse(stream: &TcpStream) {
    let answer = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nConnection: close\r\n\
                   Content-Length: 0\r\n\r\n";
    // The connection is closed either way.
    let _ = stream.try_write(answer);
}

/// Serves a connection until it ends, has to make room, or misses a deadline. Once `closing` is
/// cancelled, it takes no further request, except one that a new connection was made for.
pub async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    admitted: Admitted,
    closing: CancellationToken,
    deadlines: Deadlines,
) {
    // Small answers must not wait for an acknowledgement; without it they are only later.
    let _ = stream.set_nodelay(true);
    serve_stream(stream, peer, router, admitted, closing, deadlines).await;
}

/// The same over TLS. The handshake counts for the head of the first request.
pub async fn serve_tls(
    tls: TlsAcceptor,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    admitted: Admitted,
    closing: CancellationToken,
    deadlines: Deadlines,
) {
    // As above.
    let _ = stream.set_nodelay(true);
    let handshake = timeout(deadlines.head, tls.accept(stream));
    let late = async {
        closing.cancelled().await;
        sleep(deadlines.last_head).await;
    };
    let accepted = tokio::select! {
        () = admitted.given_up.cancelled() => return,
        () = late => return,
        accepted = handshake => accepted,
    };
    match accepted {
        Ok(Ok(stream)) => serve_stream(stream, peer, router, admitted, closing, deadlines).await,
        Ok(Err(error)) => tracing::debug!(%error, "no TLS connection"),
        Err(_) => tracing::debug!("the TLS handshake took too long"),
    }
}

async fn serve_stream<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    admitted: Admitted,
    closing: CancellationToken,
    deadlines: Deadlines,
) {
    let progress = admitted.progress.clone();
    let stream = TrackedStream { stream, progress: progress.clone(), is_shut: false };
    let service = service_fn(|request: Request<Incoming>| {
        answer(router.clone(), request, peer, progress.clone())
    });
    let mut http = http1::Builder::new();
    // No deadlines of hyper's own: its one for heads would also end idle connections.
    http.header_read_timeout(None).max_header_size(LARGEST_HEAD).max_buf_size(LARGEST_BUFFER);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let mut closing = pin!(closing.cancelled());
    let mut given_up = pin!(admitted.given_up.cancelled());
    let mut timer = pin!(sleep_until(tokio::time::Instant::now() + deadlines.head));
    let mut is_closing = false;
    let mut takes_no_more = false;
    let ended = poll_fn(|context| {
        if !is_closing && closing.as_mut().poll(context).is_ready() {
            is_closing = true;
            progress.stops();
        }
        if given_up.as_mut().poll(context).is_ready() {
            return Poll::Ready("it made room for another");
        }
        loop {
            // hyper would close a new connection whose request is still on its way, unanswered.
            if is_closing && !takes_no_more && !progress.is_reading_head() {
                takes_no_more = true;
                connection.as_mut().graceful_shutdown();
            }
            if let Poll::Ready(result) = connection.as_mut().poll(context) {
                return Poll::Ready(if result.is_ok() { "complete" } else { "broken" });
            }
            if !is_closing || takes_no_more || progress.is_reading_head() {
                break;
            }
        }
        // What the connection is doing changes only while it is polled.
        let Some(due) = progress.due(&deadlines) else { return Poll::Pending };
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(context).map(|()| "it took too long")
    });
    let ended = ended.await;
    tracing::debug!(ended, "connection ended");
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    progress: Progress,
) -> Result<Response<AnswerBody>, CloseConnection> {
    progress.request_begins();
    let mut request =
        request.map(|body| Body::new(RequestBody { body, progress: progress.clone() }));
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
    if let Some(close) = response.extensions().get::<CloseConnection>() {
        return Err(close.clone());
    }
    Ok(response.map(|body| AnswerBody { body, progress }))
}

/// The body of a request, which reports when it waits for the client.
struct RequestBody {
    body: Incoming,
    progress: Progress,
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        self.progress.waits_for_body(polled.is_pending());
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.progress.waits_for_body(false);
    }
}

/// The body of an answer, which reports its end.
struct AnswerBody {
    body: Body,
    progress: Progress,
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.progress.answer_ends();
    }
}

/// A stream that reports what is read and written, and that reads on after it was closed: a client
/// that is still sending when the socket is gone sees a reset in place of the answer.
struct TrackedStream<S> {
    stream: S,
    progress: Progress,
    is_shut: bool,
}

impl<S> TrackedStream<S> {
    fn report(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Pending => self.progress.waits_to_write(),
            Poll::Ready(Ok(bytes)) => self.progress.wrote(*bytes),
            Poll::Ready(Err(_)) => {}
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TrackedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.progress.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TrackedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.report(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.report(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.progress.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_shut {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.is_shut = true;
            self.progress.lingers();
        }
        let mut bytes = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream as Client,
        num::NonZeroUsize,
        sync::Arc,
        time::{Duration, Instant},
    };

    use axum::{
        body::to_bytes,
        http::StatusCode,
        routing::{get, post},
    };
    use tokio::{net::TcpListener, task::JoinHandle};

    use tokio_rustls::rustls::{
        self, ClientConfig, ClientConnection, RootCertStore, StreamOwned,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    };

    use super::*;
    use crate::{LocalCa, serve::admission::Admission};

    /// More than the buffers of both ends hold.
    const LARGE: usize = 32 * 1024 * 1024;

    const SHORT: Duration = Duration::from_millis(300);

    /// Every deadline is long, unless a test shortens it.
    fn deadlines() -> Deadlines {
        let long = Duration::from_secs(60);
        Deadlines { head: long, idle: long, write: long, linger: long, last_head: long }
    }

    struct Served {
        client: Client,
        closing: CancellationToken,
        serving: JoinHandle<()>,
    }

    /// A client whose connection is served with these deadlines.
    async fn connect(deadlines: Deadlines) -> Served {
        connect_over(None, deadlines).await
    }

    async fn connect_over(tls: Option<TlsAcceptor>, deadlines: Deadlines) -> Served {
        let router = Router::new()
            .route("/", get(|| async { "ok" }))
            .route("/large", get(|| async { vec![b'x'; LARGE] }))
            .route(
                "/slow",
                get(|| async {
                    sleep(2 * SHORT).await;
                    "late"
                }),
            )
            .route(
                "/echo",
                post(|body: Body| async {
                    to_bytes(body, 1024).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)
                }),
            );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = Client::connect(address).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let admission = Admission::new(NonZeroUsize::new(8).unwrap());
        let admitted = admission.admit(peer.ip(), false).unwrap();
        let closing = CancellationToken::new();
        let end = closing.clone();
        let serving = match tls {
            None => tokio::spawn(serve(stream, peer, router, admitted, end, deadlines)),
            Some(tls) => {
                tokio::spawn(serve_tls(tls, stream, peer, router, admitted, end, deadlines))
            }
        };
        Served { client, closing, serving }
    }

    impl Served {
        fn send(&mut self, text: &str) {
            self.client.write_all(text.as_bytes()).unwrap();
        }

        /// What arrives until the connection is closed.
        async fn read_all(&mut self) -> String {
            let mut client = self.client.try_clone().unwrap();
            let read = move || {
                let mut text = Vec::new();
                // A reset ends it, too; what came before it counts.
                let _ = client.read_to_end(&mut text);
                String::from_utf8(text).unwrap()
            };
            tokio::task::spawn_blocking(read).await.unwrap()
        }

        /// What arrives until it ends with this.
        async fn read_until(&mut self, end: &'static str) -> String {
            let mut client = self.client.try_clone().unwrap();
            let read = move || {
                let mut text = String::new();
                while !text.ends_with(end) {
                    let mut byte = [0];
                    client.read_exact(&mut byte).unwrap();
                    text.push(char::from(byte[0]));
                }
                text
            };
            tokio::task::spawn_blocking(read).await.unwrap()
        }
    }

    /// A server side of TLS, and a client side that trusts it.
    fn tls() -> (TlsAcceptor, ClientConnection) {
        let folder = tempfile::TempDir::new().unwrap();
        let ca = LocalCa::open(folder.path()).unwrap();
        let acceptor = ca.acceptor(&[]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(ca.ca_file()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        (acceptor, ClientConnection::new(Arc::new(config), name).unwrap())
    }

    #[tokio::test]
    async fn a_tls_handshake_that_does_not_come_is_not_waited_for() {
        let (acceptor, _) = tls();
        let start = Instant::now();
        let mut silent =
            connect_over(Some(acceptor), Deadlines { head: SHORT, ..deadlines() }).await;
        assert_eq!(silent.read_all().await, "");
        assert!(start.elapsed() >= SHORT && start.elapsed() < 20 * SHORT, "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn a_tls_handshake_does_not_keep_the_process() {
        let (acceptor, _) = tls();
        let mut silent = connect_over(Some(acceptor), deadlines()).await;
        silent.closing.cancel();
        assert_eq!(silent.read_all().await, "");
    }

    #[tokio::test]
    async fn the_deadlines_hold_over_tls() {
        let (acceptor, connection) = tls();
        let limits = Deadlines { idle: SHORT, ..deadlines() };
        let served = connect_over(Some(acceptor), limits).await;
        let asked = move || {
            let mut stream = StreamOwned::new(connection, served.client);
            let start = Instant::now();
            stream.write_all(GET.as_bytes()).unwrap();
            let mut answer = Vec::new();
            // An idle connection is cut off.
            let _ = stream.read_to_end(&mut answer);
            (answer, start.elapsed())
        };
        let (answer, time) = tokio::task::spawn_blocking(asked).await.unwrap();
        assert!(answer.ends_with(b"ok"), "{answer:?}");
        assert!(time >= SHORT && time < Duration::from_secs(20), "{time:?}");
    }

    const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[tokio::test(flavor = "multi_thread")]
    async fn half_a_head_is_waited_for_no_longer_than_its_deadline() {
        for sent in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            let mut served = connect(Deadlines { head: SHORT, ..deadlines() }).await;
            let start = Instant::now();
            served.send(sent);
            assert_eq!(served.read_all().await, "");
            assert!((SHORT..10 * SHORT).contains(&start.elapsed()), "{:?}", start.elapsed());
        }
        // A byte now and then gains no time.
        let mut served = connect(Deadlines { head: SHORT, ..deadlines() }).await;
        let start = Instant::now();
        let mut dripping = served.client.try_clone().unwrap();
        tokio::task::spawn_blocking(move || {
            for byte in std::iter::once(b'G').chain(std::iter::repeat_n(b'E', 100)) {
                if dripping.write_all(&[byte]).is_err() {
                    break;
                }
                std::thread::sleep(SHORT / 10);
            }
        });
        served.read_all().await;
        assert!(start.elapsed() < 10 * SHORT, "{:?}", start.elapsed());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_idle_connection_is_kept_for_longer_than_a_head_may_take() {
        let mut served = connect(Deadlines { head: SHORT, idle: 4 * SHORT, ..deadlines() }).await;
        served.send(GET);
        served.read_until("ok").await;
        sleep(2 * SHORT).await;
        // Before the server can have been idle.
        let start = Instant::now();
        served.send(GET);
        served.read_until("ok").await;
        assert_eq!(served.read_all().await, "");
        assert!((4 * SHORT..20 * SHORT).contains(&start.elapsed()), "{:?}", start.elapsed());
        // The deadline of a head begins with its first byte.
        let mut served = connect(Deadlines { head: SHORT, ..deadlines() }).await;
        served.send(GET);
        served.read_until("ok").await;
        let start = Instant::now();
        served.send("GET / ");
        assert_eq!(served.read_all().await, "");
        assert!(start.elapsed() < 10 * SHORT, "{:?}", start.elapsed());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_request_being_handled_has_no_deadline_here() {
        let short = Deadlines { head: SHORT, idle: SHORT, write: SHORT, ..deadlines() };
        let mut served = connect(short).await;
        served.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        served.read_until("late").await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_client_that_reads_nothing_is_left() {
        let mut served = connect(Deadlines { write: SHORT, ..deadlines() }).await;
        let start = Instant::now();
        served.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        served.serving.await.unwrap();
        assert!((SHORT..20 * SHORT).contains(&start.elapsed()), "{:?}", start.elapsed());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_client_that_reads_slowly_gets_everything() {
        let mut served =
            connect(Deadlines { write: 4 * SHORT, linger: SHORT, ..deadlines() }).await;
        let start = Instant::now();
        served.send("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let mut client = served.client.try_clone().unwrap();
        let read = move || {
            let (mut total, mut buffer) = (0, vec![0; LARGE / 16]);
            loop {
                std::thread::sleep(SHORT);
                // Only the last part is smaller.
                let mut filled = 0;
                while filled < buffer.len() {
                    match client.read(&mut buffer[filled..]).unwrap() {
                        0 => return total + filled,
                        bytes => filled += bytes,
                    }
                }
                total += filled;
            }
        };
        let total = tokio::task::spawn_blocking(read).await.unwrap();
        assert!(total > LARGE && start.elapsed() > 8 * SHORT, "{total} {:?}", start.elapsed());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_head_that_is_too_large_gets_431() {
        let long = "x".repeat(40_000);
        let many: String = (0..150).map(|number| format!("X-{number}: x\r\n")).collect();
        for head in [
            format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {long}"),
            format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"),
            format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        ] {
            let mut served = connect(Deadlines { linger: SHORT, ..deadlines() }).await;
            served.send(&head);
            let answer = served.read_all().await;
            assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
            assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
        }
        // As much as a large authorize request with its cookies is still read.
        let mut served = connect(deadlines()).await;
        let long = "x".repeat(16_000);
        served.send(&format!("GET /?{long} HTTP/1.1\r\nHost: x\r\nCookie: {long}\r\n\r\n"));
        let answer = served.read_until("ok").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_arrives_although_the_client_is_still_sending() {
        let mut served = connect(Deadlines { linger: 4 * SHORT, ..deadlines() }).await;
        served.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
        let mut sending = served.client.try_clone().unwrap();
        let sent = tokio::task::spawn_blocking(move || {
            for _ in 0..100 {
                let _ = sending.write_all(&[b'x'; 10_000]);
            }
        });
        let answer = served.read_all().await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        sent.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn closing_ends_what_waits_and_finishes_what_was_asked() {
        let last = Deadlines { last_head: SHORT, linger: SHORT, ..deadlines() };
        // Idle after an answer: at once.
        let mut idle = connect(last).await;
        idle.send(GET);
        idle.read_until("ok").await;
        idle.closing.cancel();
        assert_eq!(idle.read_all().await, "");
        // Half a head, or nothing yet: after a moment.
        for sent in ["", "GET / HTTP/1.1\r\nX-Slow: "] {
            let mut half = connect(last).await;
            half.send(sent);
            sleep(SHORT / 3).await;
            let start = Instant::now();
            half.closing.cancel();
            half.serving.await.unwrap();
            assert!(start.elapsed() < 10 * SHORT, "{:?}", start.elapsed());
        }
        // A request that is being handled: after its answer.
        let mut asked = connect(last).await;
        asked.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        sleep(SHORT / 3).await;
        asked.closing.cancel();
        let answer = asked.read_all().await;
        assert!(answer.ends_with("late"), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    }
}
