//! A primary that is killed in the middle of load, and its synchronous standby in its place: no decision
//! that was answered is missing, and none was recorded twice. And one that is killed and started again.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use consent_backend::{App, Location, Services, Store};
use consent_contract::decision::Recorded;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::net::{TcpListener, UnixStream};

use super::cluster::{Postmaster, cluster};
use crate::{
    browser::{Browser, Server, cancel, settings_on},
    client::{request, services},
};

/// Leads to the server that writes, as the address of a cluster does.
struct Way {
    port: u16,
    to: Arc<Mutex<PathBuf>>,
}

impl Way {
    async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let to = Arc::new(Mutex::new(socket));
        let leads = Arc::clone(&to);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let socket = leads.lock().unwrap().clone();
                tokio::spawn(async move {
                    if let Ok(mut server) = UnixStream::connect(socket).await {
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { port, to }
    }
}

/// Answers challenges until it is stopped, and notes the receipts that it was answered with. What was
/// not answered is sent again.
async fn decides(mut browser: Browser, stop: Arc<AtomicBool>, receipts: Arc<Mutex<Vec<String>>>) {
    while !stop.load(Ordering::Relaxed) {
        let authorize = request("shop", "https://shop.example/callback", "openid");
        let answer = browser.authorize(&authorize).await;
        if answer.status != StatusCode::SEE_OTHER {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        let challenge = answer.challenge();
        let began = Instant::now();
        loop {
            let answer = browser.decide(&challenge, &cancel()).await;
            if answer.status == StatusCode::OK {
                receipts.lock().unwrap().push(answer.json::<Recorded>().receipt_id);
                break;
            }
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
            assert!(!answer.header("retry-after").is_empty());
            assert!(began.elapsed() < Duration::from_secs(60), "it is never answered");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A server on this database, behind a proxy that names accounts.
async fn server_on(location: Location) -> Server {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, services()).unwrap();
    let mut settings = settings_on(location, folder.path(), Services::File(file));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let clock = settings.clock.clone();
    Server::of(App::open(settings).await.unwrap(), clock, folder)
}

async fn wait_for(url: &str, sql: &'static str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let began = Instant::now();
    while !sqlx::query_scalar::<_, bool>(sql).fetch_one(&mut connection).await.unwrap() {
        assert!(began.elapsed() < Duration::from_secs(30), "{sql}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn wait_for_receipts(receipts: &Mutex<Vec<String>>, many: usize) {
    let began = Instant::now();
    while receipts.lock().unwrap().len() < many {
        assert!(began.elapsed() < Duration::from_secs(60), "{many} receipts");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn no_answered_decision_is_lost_or_doubled_with_a_primary() {
    if cluster().is_none() {
        return;
    }
    let primary = Postmaster::new("").unwrap();
    let standby = primary.standby();
    // Of the primary alone: the standby that is promoted has no other to wait for.
    let both = ["CREATE DATABASE consent", "ALTER SYSTEM SET synchronous_standby_names = '*'"];
    primary.run_on("postgres", both.map(str::to_owned).to_vec()).unwrap();
    primary.run_on("postgres", vec!["SELECT pg_reload_conf()".to_owned()]).unwrap();
    let is_synchronous =
        "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')";
    wait_for(&primary.url("postgres"), is_synchronous).await;
    let way = Way::to(primary.socket()).await;
    let url = format!("postgres://app@127.0.0.1:{}/consent?sslmode=disable", way.port);

    let location: Location = url.parse().unwrap();
    let server = server_on(location.clone()).await;
    let (stop, receipts) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::default()));
    let load = ["hana", "duri", "hana", "duri"].map(|account| {
        tokio::spawn(decides(server.proxied(account), Arc::clone(&stop), Arc::clone(&receipts)))
    });
    wait_for_receipts(&receipts, 40).await;
    primary.kill();
    let before = receipts.lock().unwrap().len();
    tokio::time::sleep(Duration::from_millis(500)).await;
    standby.run_on("postgres", vec!["SELECT pg_promote()".to_owned()]).unwrap();
    wait_for(&standby.url("postgres"), "SELECT NOT pg_is_in_recovery()").await;
    *way.to.lock().unwrap() = standby.socket();
    wait_for_receipts(&receipts, before + 40).await;
    stop.store(true, Ordering::Relaxed);
    for task in load {
        task.await.unwrap();
    }

    let receipts = receipts.lock().unwrap().clone();
    let answered: BTreeSet<String> = receipts.iter().cloned().collect();
    assert_eq!(answered.len(), receipts.len(), "one receipt for each challenge");
    server.app.seal_receipts().await;
    let mut connection = PgConnection::connect(&standby.url("consent")).await.unwrap();
    let recorded: Vec<String> = sqlx::query_scalar("SELECT receipt_id FROM decisions")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let recorded: BTreeSet<String> = recorded.into_iter().collect();
    let missing: Vec<_> = answered.difference(&recorded).collect();
    assert!(missing.is_empty(), "answered, and not there: {missing:?}");
    let more: Vec<_> = recorded.difference(&answered).collect();
    assert!(more.is_empty(), "recorded a second time: {more:?}");
    let store = Store::open_existing(&location).await.unwrap();
    let report = store.check_receipts(None, &[]).await.unwrap();
    store.close().await;
    assert_eq!(report.faults, [""; 0]);
    assert_eq!(report.receipts, receipts.len() as u64);
}

/// A decision gives the lock for the number of its receipt back before it is on the disk, and is answered
/// after that. What PostgreSQL has in its memory is gone with SIGKILL, and its own process that writes the log
/// sleeps here.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_decision_that_was_answered_is_there_after_a_crash() {
    if cluster().is_none() {
        return;
    }
    let killed = Postmaster::new("wal_writer_delay = 10s\nwal_writer_flush_after = 0\n").unwrap();
    killed.run_on("postgres", vec!["CREATE DATABASE consent".to_owned()]).unwrap();
    let server = server_on(killed.url("consent").parse().unwrap()).await;
    let mut browser = server.proxied("hana");
    let mut answered = Vec::new();
    for _ in 0..10 {
        let authorize = request("shop", "https://shop.example/callback", "openid");
        let challenge = browser.authorize(&authorize).await.challenge();
        let answer = browser.decide(&challenge, &cancel()).await;
        answered.push(answer.json::<Recorded>().receipt_id);
    }
    killed.kill();
    let again = killed.again();
    let mut connection = PgConnection::connect(&again.url("consent")).await.unwrap();
    let recorded: Vec<String> =
        sqlx::query_scalar("SELECT receipt_id FROM signed_receipts ORDER BY number")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert_eq!(recorded, answered);
}
