use super::*;
use hyper::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Counts what it is asked, and answers ten digits.
async fn backend() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                counter.fetch_add(1, Ordering::SeqCst);
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789";
                stream.write_all(answer.as_bytes()).await.expect("the client reads");
            }
        }
    });
    (address, asked)
}

/// Everything that comes back until the connection ends.
async fn get(proxy: &Proxy, path: &str) -> String {
    let address = proxy.origin().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("the proxy listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    // A connection that is cut may end in an error; what came before counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("text")
}

async fn with(fault: Fault) -> (Proxy, Arc<AtomicUsize>) {
    let (address, asked) = backend().await;
    let proxy = Proxy::start().await.expect("a proxy");
    proxy.lead_to(&address);
    proxy.fault(Method::GET, "/broken", Some(1), fault);
    (proxy, asked)
}

#[tokio::test]
async fn what_is_not_broken_passes_and_is_remembered() {
    let (proxy, asked) = with(Fault::Drop).await;
    let answer = get(&proxy, "/whole?a=b").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("0123456789"), "{answer}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let seen = proxy.seen();
    assert_eq!((seen[0].path.as_str(), seen[0].status), ("/whole?a=b", Some(200)));
    assert_eq!(proxy.count(&Method::GET, "/whole"), 1);
}

#[tokio::test]
async fn a_dropped_request_reaches_no_server_and_a_lost_answer_was_given() {
    let (proxy, asked) = with(Fault::Drop).await;
    assert_eq!(get(&proxy, "/broken").await, "");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    assert!(get(&proxy, "/broken").await.ends_with("0123456789"), "broken once only");

    let (proxy, asked) = with(Fault::Lose).await;
    assert_eq!(get(&proxy, "/broken").await, "");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(proxy.seen()[0].status, None);
}

#[tokio::test]
async fn a_truncated_answer_announces_more_than_it_holds() {
    let (proxy, _) = with(Fault::Truncate(4)).await;
    let answer = get(&proxy, "/broken").await;
    assert!(answer.contains("content-length: 10") && answer.ends_with("\r\n\r\n0123"), "{answer}");
}

#[tokio::test]
async fn answers_are_replaced_rewritten_and_delayed() {
    let busy = Fault::answer(503, "text/html", "<h1>no</h1>").with(RETRY_AFTER, "7");
    let (proxy, asked) = with(busy).await;
    let answer = get(&proxy, "/broken").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.ends_with("<h1>no</h1>"), "{answer}");
    assert!(answer.contains("retry-after: 7"), "{answer}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);

    let change = |answer: &mut Response<Bytes>| *answer.body_mut() = Bytes::from_static(b"other");
    let (proxy, _) = with(Fault::Rewrite(Arc::new(change))).await;
    let answer = get(&proxy, "/broken").await;
    assert!(answer.contains("content-length: 5") && answer.ends_with("other"), "{answer}");

    let (proxy, _) = with(Fault::Delay(Duration::from_millis(300))).await;
    let began = tokio::time::Instant::now();
    assert!(get(&proxy, "/broken").await.ends_with("0123456789"));
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_reset_is_no_end_and_a_trickle_is_slow() {
    let (proxy, asked) = with(Fault::Reset(4)).await;
    let mut stream = TcpStream::connect(proxy.address).await.expect("the proxy listens");
    let request = "GET /broken HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("written");
    let error = stream.read_to_end(&mut Vec::new()).await.expect_err("a reset");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "the backend acted");

    let (proxy, _) = with(Fault::Trickle(Duration::from_millis(30))).await;
    let began = tokio::time::Instant::now();
    assert!(get(&proxy, "/broken").await.ends_with("0123456789"));
    assert!(began.elapsed() >= Duration::from_millis(300), "ten bytes");
}

#[tokio::test]
async fn connections_are_refused_and_accepted_again() {
    let (proxy, _) = with(Fault::Drop).await;
    let mut open = TcpStream::connect(proxy.address).await.expect("the proxy listens");
    proxy.refuse().await;
    let refused = TcpStream::connect(proxy.address).await.expect_err("no server listens");
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(open.read(&mut [0; 9]).await.unwrap_or_default(), 0, "what was open has ended");
    proxy.accept().expect("the port is free still");
    assert!(get(&proxy, "/whole").await.ends_with("0123456789"));
}

#[test]
fn injected_scripts_are_allowed_where_scripts_are() {
    let scripts = [Script::new("one()".into())];
    let page = |policy: &str| {
        let mut answer = Response::builder()
            .header(CONTENT_TYPE, "text/html; charset=utf-8")
            .header(CONTENT_SECURITY_POLICY, policy)
            .body(Bytes::from("<html><head><title>"))
            .expect("good headers");
        inject::into_page(&mut answer, &scripts, "http://127.0.0.1:1/-/reports");
        let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().expect("ASCII");
        (policy.to_owned(), String::from_utf8_lossy(answer.body()).into_owned())
    };
    let (policy, body) = page("default-src 'none'; script-src 'self' 'sha256-x'; img-src *");
    // printf 'one()' | openssl dgst -sha256 -binary | base64
    let digest = "'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='";
    assert_eq!(
        policy,
        format!("default-src 'none'; script-src {digest} 'self' 'sha256-x'; img-src *")
    );
    assert_eq!(body, "<html><head><script>one()</script><title>");
    let (policy, _) = page("script-src 'sha256-y'; img-src *");
    assert_eq!(policy, format!("script-src {digest} 'sha256-y'; img-src *"));
    let (policy, _) = page("script-src 'self'; connect-src http://127.0.0.1:1/studio/; img-src *");
    let reports = "connect-src http://127.0.0.1:1/-/reports http://127.0.0.1:1/studio/;";
    assert_eq!(policy, format!("script-src {digest} 'self'; {reports} img-src *"));
    let (policy, body) = page("script-src 'none'");
    assert_eq!((policy.as_str(), body.as_str()), ("script-src 'none'", "<html><head><title>"));
}

#[test]
fn faults_are_used_up_and_the_latest_wins() {
    let mut state = State::default();
    for (path, left) in [("/api/", None), ("*/decision", Some(1))] {
        let fault = Arc::new(Fault::Drop);
        state.rules.push(Rule { method: Method::POST, path, fault, left });
    }
    let decision = "/api/v1/consents/x/decision?locale=ko";
    let mut fault = |method| fault_for(&mut state, &method, decision);
    let first = fault(Method::POST).expect("the latest");
    let second = fault(Method::POST).expect("the first, for good");
    assert!(!Arc::ptr_eq(&first, &second));
    assert!(fault(Method::POST).is_some());
    assert!(fault(Method::GET).is_none());
}
