use std::{
    net::Ipv4Addr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use axum::http::{HeaderMap, Method};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A receiver that gives every request the same answer, and counts the requests.
struct Receiver {
    port: u16,
    requests: Arc<AtomicUsize>,
}

impl Receiver {
    async fn new(address: Ipv4Addr, answer: impl Into<String>) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let (counted, answer) = (Arc::clone(&requests), answer.into());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let answer = answer.clone();
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                    if !answer.contains("Connection: close") {
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                });
            }
        });
        Self { port, requests }
    }

    async fn local(answer: impl Into<String>) -> Self {
        Self::new(Ipv4Addr::LOCALHOST, answer).await
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn request(url: &str, accepts: Accepts) -> Request {
    let (method, headers, body) = (Method::POST, HeaderMap::new(), "a body".to_owned());
    Request { method, url: url.parse().unwrap(), headers, body, accepts }
}

/// A client for which every name has the addresses that `lookup` gives at each call.
fn client(networks: &[&str], lookup: impl Fn() -> Vec<IpAddr> + Send + Sync + 'static) -> Client {
    let networks: Vec<Network> = networks.iter().map(|it| it.parse().unwrap()).collect();
    let lookup: Lookup = Arc::new(move |_| {
        let found = lookup().into_iter().map(|address| SocketAddr::new(address, 0)).collect();
        Box::pin(async move { Ok(found) })
    });
    Client::with(&networks, &lookup).unwrap()
}

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn error(outcome: Outcome) -> String {
    match outcome {
        Outcome::Failed { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

async fn send(client: &Client, url: &str) -> Outcome {
    client.send(request(url, Accepts::SecurityEvent)).await
}

#[tokio::test]
async fn an_allowed_private_target_is_reached_and_no_other() {
    let receiver = Receiver::local(answer("202 Accepted", "")).await;
    let port = receiver.port;
    let by_name = client(&["127.0.0.1"], || addresses(&["127.0.0.1"]));
    for host in ["127.0.0.1", "shop.internal"] {
        let url = format!("http://{host}:{port}/");
        assert_eq!(send(&by_name, &url).await, Outcome::Delivered, "{host}");
    }
    assert_eq!(receiver.requests(), 2);
    // None of these is in a network that was named.
    for (networks, found, host) in [
        (&[][..], &["127.0.0.1"][..], "127.0.0.1"),
        (&[], &["127.0.0.1"], "shop.example"),
        (&["10.0.0.0/8"], &["127.0.0.1"], "127.0.0.1"),
        (&["10.0.0.0/8"], &["127.0.0.1"], "shop.example"),
        (&["10.0.0.0/8"], &["::ffff:127.0.0.1"], "shop.example"),
        (&["10.0.0.0/8"], &["::1"], "[::ffff:127.0.0.1]"),
        (&["10.0.0.0/8"], &["::1"], "[::1]"),
        (&["10.0.0.0/8"], &["10.0.0.1", "127.0.0.1"], "shop.example"),
    ] {
        let found = addresses(found);
        let refusing = client(networks, move || found.clone());
        for scheme in ["http", "https"] {
            let outcome = send(&refusing, &format!("{scheme}://{host}:{port}/")).await;
            assert_eq!(error(outcome), Forbidden.to_string(), "{scheme} {host} {networks:?}");
        }
    }
    assert_eq!(receiver.requests(), 2);
}

/// Nothing is sent unencrypted over the internet.
#[tokio::test]
async fn http_is_for_named_networks() {
    let public = client(&["127.0.0.1"], || addresses(&["1.1.1.1"]));
    for url in ["http://shop.example/", "http://1.1.1.1/"] {
        assert_eq!(error(send(&public, url).await), Forbidden.to_string(), "{url}");
    }
}

/// Between the check of a configuration and a delivery, and between two deliveries, a name can get
/// another address.
#[tokio::test]
async fn a_name_is_checked_at_every_delivery() {
    let receiver = Receiver::local(answer("202 Accepted", "")).await;
    let other = Receiver::new(Ipv4Addr::new(127, 0, 0, 2), answer("202 Accepted", "")).await;
    let lookups = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&lookups);
    let rebound = client(&["127.0.0.1"], move || {
        let mut lookups = counted.lock().unwrap();
        *lookups += 1;
        addresses(if *lookups == 1 { &["127.0.0.1"] } else { &["127.0.0.2"] })
    });
    let url = format!("http://shop.internal:{}/", receiver.port);
    assert_eq!(send(&rebound, &url).await, Outcome::Delivered);
    let url = format!("http://shop.internal:{}/", other.port);
    assert_eq!(error(send(&rebound, &url).await), Forbidden.to_string());
    assert_eq!((*lookups.lock().unwrap(), other.requests()), (2, 0));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let secret = Receiver::local(answer("200 OK", "")).await;
    let location = format!("http://127.0.0.1:{}/", secret.port);
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 For Good"] {
        let redirecting = Receiver::local(format!(
            "HTTP/1.1 {status}\r\nLocation: {location}\r\nConnection: close\r\n\
             Content-Length: 0\r\n\r\n"
        ))
        .await;
        let client = client(&["127.0.0.1"], Vec::new);
        let url = format!("http://127.0.0.1:{}/", redirecting.port);
        let error = error(send(&client, &url).await);
        assert!(error.contains("redirects are not followed"), "{status}: {error}");
        assert_eq!((redirecting.requests(), secret.requests()), (1, 0), "{status}");
    }
}

#[tokio::test]
async fn a_slow_receiver_is_cut_off_after_three_seconds() {
    let silent = Receiver::local("").await;
    let unfinished = "HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{";
    let trickling = Receiver::local(unfinished.to_owned() + "\"err\":").await;
    let by_address = client(&["127.0.0.1"], Vec::new);
    let lookup: Lookup = Arc::new(|_| {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(Vec::new())
        })
    });
    let slow_name = Client::with(&["127.0.0.1".parse().unwrap()], &lookup).unwrap();
    let urls = [
        (&by_address, format!("http://127.0.0.1:{}/", silent.port)),
        (&by_address, format!("http://127.0.0.1:{}/", trickling.port)),
        (&slow_name, "http://shop.internal/".to_owned()),
    ];
    for (client, url) in urls {
        let start = Instant::now();
        let error = error(send(client, &url).await);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(4), "{url}: {took:?} {error}");
        assert!(error.contains("3 seconds") || error.contains("400"), "{url}: {error}");
    }
}

#[tokio::test]
async fn an_answer_is_judged_by_its_form() {
    for (status, body, accepts, expected) in [
        ("202 Accepted", "", Accepts::SecurityEvent, Ok(())),
        ("200 OK", "thanks", Accepts::SecurityEvent, Ok(())),
        ("204 No Content", "", Accepts::Success, Ok(())),
        ("200 OK", "", Accepts::Ok, Ok(())),
        ("204 No Content", "", Accepts::Ok, Err(("204", false))),
        ("500 Oops", "", Accepts::SecurityEvent, Err(("500", false))),
        ("401 Who", "", Accepts::Ok, Err(("401", false))),
        ("410 Gone", "", Accepts::SecurityEvent, Err(("410", true))),
        ("410 Gone", "", Accepts::Success, Err(("410", true))),
        ("400 Bad", "nonsense", Accepts::SecurityEvent, Err(("400", false))),
        ("400 Bad", r#"{"err":"made_up"}"#, Accepts::SecurityEvent, Err(("400", false))),
        (
            "400 Bad",
            r#"{"err":"invalid_request","description":"no"}"#,
            Accepts::SecurityEvent,
            Err(("invalid_request", true)),
        ),
        (
            "400 Bad",
            r#"{"err":"authentication_failed"}"#,
            Accepts::SecurityEvent,
            Err(("authentication_failed", false)),
        ),
        ("400 Bad", r#"{"err":"invalid_request"}"#, Accepts::Ok, Err(("400", false))),
    ] {
        let receiver = Receiver::local(answer(status, body)).await;
        let client = client(&["127.0.0.1"], Vec::new);
        let url = format!("http://127.0.0.1:{}/", receiver.port);
        let outcome = client.send(request(&url, accepts)).await;
        let seen = match &outcome {
            Outcome::Delivered => Ok(()),
            Outcome::Failed { error, .. } => Err((&**error, false)),
            Outcome::Rejected(error) => Err((&**error, true)),
        };
        match (seen, expected) {
            (Ok(()), Ok(())) => {}
            (Err((error, for_good)), Err((part, expected))) => {
                assert_eq!(for_good, expected, "{status} {body}: {error}");
                assert!(error.contains(part), "{status} {body}: {error}");
            }
            other => panic!("{status} {body}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_service_can_ask_for_time_and_a_long_error_is_not_read() {
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n";
    let receiver = Receiver::local(busy).await;
    let client = client(&["127.0.0.1"], Vec::new);
    let outcome = send(&client, &format!("http://127.0.0.1:{}/", receiver.port)).await;
    let error = "the answer has status 503".to_owned();
    assert_eq!(outcome, Outcome::Failed { error, retry_after: Some(120) });

    let long = format!(r#"{{"err":"invalid_request","x":"{}"}}"#, "x".repeat(64 * 1024));
    let receiver = Receiver::local(answer("400 Bad", &long)).await;
    let outcome = send(&client, &format!("http://127.0.0.1:{}/", receiver.port)).await;
    let error = "the answer has status 400".to_owned();
    assert_eq!(outcome, Outcome::Failed { error, retry_after: None });
}

#[tokio::test]
async fn a_closed_port_is_no_connection() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let client = client(&["127.0.0.1"], Vec::new);
    assert_eq!(error(send(&client, &format!("http://127.0.0.1:{port}/")).await), "no connection");
}
