//! A collector that is slow, fails or is gone delays and fails no request.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use consent_backend::Traces;

use super::{
    collector::{Collector, Does},
    server,
};
use crate::client;

/// More than wait in the queue, which has 2048.
const REQUESTS: usize = 2_300;

/// The longest that one request may take here. A batch is given up after 10 seconds.
const LONGEST: Duration = Duration::from_secs(5);

async fn answers_all_the_same(traces: &Traces) {
    let server = server(&client::services(), traces).await;
    let mut browser = server.browser();
    for _ in 0..REQUESTS {
        let start = Instant::now();
        assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
        assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    }
    let mut hana = server.proxied("hana");
    let code = client::code(&mut hana, "shop", "openid", &[]).await;
    assert_eq!(client::redeem(&server, "shop", &code).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_delays_nothing() {
    let collector = Collector::new(Does::Hang).await;
    let traces = collector.traces();
    answers_all_the_same(&traces).await;
    let start = Instant::now();
    assert!(!traces.close(Duration::from_millis(500)).await, "nothing was sent");
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    assert!(!collector.spans().0.is_empty(), "it was tried");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_fails_fails_nothing() {
    let collector = Collector::new(Does::Fail).await;
    let traces = collector.traces();
    answers_all_the_same(&traces).await;
    traces.close(Duration::from_secs(10)).await;
    assert!(!collector.spans().0.is_empty(), "it was tried");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_fails_nothing() {
    let collector = Collector::new(Does::Take).await;
    let traces = collector.traces();
    drop(collector);
    answers_all_the_same(&traces).await;
    traces.close(Duration::from_secs(10)).await;
}
