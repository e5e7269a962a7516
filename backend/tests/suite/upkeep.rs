//! What is kept, for how long, and what keeping order costs the others: limits, retention, cleaning
//! up, readiness.

use std::{
    fs,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use consent_contract::problem::Code;
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};

use crate::browser::{Browser, Server, authorize, cancel, service};

const DAY: i64 = 24 * 60 * 60;

/// Another process's connection to the server's database.
async fn database(server: &Server) -> SqlitePool {
    let file = server.folder.path().join("data/consent.sqlite");
    let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_secs(30));
    SqlitePool::connect_with(options).await.unwrap()
}

async fn run(pool: &SqlitePool, sql: &'static str) {
    sqlx::query(sql).execute(pool).await.unwrap();
}

/// The request of a service, with a state of its own.
fn request<'a>(client_id: &'a str, state: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut parameters = service(client_id);
    for (name, value) in &mut parameters {
        if *name == "state" {
            *value = state;
        }
    }
    parameters
}

async fn ask(browser: &mut Browser, state: &str) -> String {
    browser.authorize(&request("demo-shop", state)).await.challenge()
}

// Rows are bounded (M4).

#[tokio::test]
async fn a_session_has_ten_open_challenges_and_the_oldest_go() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let mut challenges = Vec::new();
    for number in 0..40 {
        challenges.push(ask(&mut browser, &number.to_string()).await);
    }
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 10);
    for (number, challenge) in challenges.iter().enumerate() {
        let status = browser.read(challenge).await.status;
        let expected = if number < 30 { StatusCode::NOT_FOUND } else { StatusCode::OK };
        assert_eq!(status, expected, "{number}");
    }
    // Another browser of the same account has its own.
    let mut other = server.browser_of("new").await;
    ask(&mut other, "other").await;
    assert_eq!(browser.read(&challenges[39]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn decided_challenges_of_an_account_are_bounded_too() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    for number in 0..230 {
        let challenge = ask(&mut browser, &number.to_string()).await;
        assert_eq!(browser.decide(&challenge, &cancel()).await.status, StatusCode::OK);
    }
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 200);
    // What was decided is kept all the same.
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 230);
}

#[tokio::test]
async fn the_newest_challenge_stays_when_the_others_live_longer() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    for number in 0..10 {
        ask(&mut browser, &number.to_string()).await;
    }
    // The time to answer was longer when those were made; or the clock was set back.
    run(&database(&server).await, "UPDATE challenges SET expires_at = expires_at + 86400").await;
    let newest = ask(&mut browser, "newest").await;
    assert_eq!(browser.read(&newest).await.status, StatusCode::OK);
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 10);
}

#[tokio::test]
async fn the_same_request_again_gets_its_open_challenge_with_more_time() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let first = ask(&mut browser, "a").await;
    server.clock.advance(10 * 60);
    assert_eq!(ask(&mut browser, "a").await, first);
    // It would have expired by now.
    server.clock.advance(10 * 60);
    assert_eq!(browser.read(&first).await.status, StatusCode::OK);
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 1);

    // Another request, another browser, another account: another challenge.
    assert_ne!(ask(&mut browser, "b").await, first);
    let mut twin = server.browser_of("new").await;
    assert_ne!(ask(&mut twin, "a").await, first);
    // After a cancel the person can be asked again.
    assert_eq!(browser.decide(&first, &cancel()).await.status, StatusCode::OK);
    let second = ask(&mut browser, "a").await;
    assert_ne!(second, first);
    // What has expired stays so.
    server.clock.advance(15 * 60);
    let third = ask(&mut browser, "a").await;
    assert_ne!(third, second);
    assert_eq!(browser.read(&second).await.problem().code, Code::ChallengeExpired);
    // Signing in again keeps the session, and the challenge is as new as one made now.
    browser.get("/demo/login?account=new").await;
    assert_eq!(ask(&mut browser, "a").await, third);
    browser.agrees(&third).await;
}

#[tokio::test]
async fn many_identical_requests_at_once_make_one_challenge() {
    let server = Server::demo().await;
    let browser = server.browser_of("new").await;
    let asking: Vec<_> = (0..16)
        .map(|_| {
            let mut browser = browser.clone();
            tokio::spawn(async move { ask(&mut browser, "a").await })
        })
        .collect();
    let mut names = Vec::new();
    for one in asking {
        names.push(one.await.unwrap());
    }
    names.dedup();
    assert_eq!(names.len(), 1);
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 1);
}

#[tokio::test]
async fn a_client_without_cookies_makes_a_bounded_number_of_rows() {
    let toml = crate::shop::proxied(&["hana"]) + "email = \"hana@example.com\"\n";
    let server = Server::configured(&toml).await.unwrap();
    for number in 0..230 {
        let state = number.to_string();
        let path = authorize(&[
            ("response_type", "code"),
            ("client_id", "shop"),
            ("redirect_uri", "https://shop.example/callback"),
            ("code_challenge", crate::browser::CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", &state),
        ]);
        let request = axum::http::Request::get(path).header("x-account", "hana");
        let answer = server.browser().send(request.body(axum::body::Body::empty()).unwrap()).await;
        answer.challenge();
    }
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 50);
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 200);
}

#[tokio::test]
async fn signing_in_works_when_the_other_sessions_live_longer() {
    let server = Server::demo().await;
    for _ in 0..60 {
        server.browser_of("new").await;
    }
    // The clock was wrong when those signed in.
    run(&database(&server).await, "UPDATE sessions SET expires_at = expires_at + 864000").await;
    let mut browser = server.browser_of("new").await;
    ask(&mut browser, "a").await;
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 50);
}

#[tokio::test]
async fn codes_that_are_never_redeemed_are_bounded() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let mut last = String::new();
    for _ in 0..80 {
        last = browser.authorize(&service("demo-shop")).await.location_parameter("code").unwrap();
    }
    assert_eq!(server.count("SELECT count(*) FROM codes").await, 50);
    assert_eq!(crate::tokens::redeem(&server, &last).await.status, StatusCode::OK);
}

// Retention (M4).

#[tokio::test]
async fn cancels_are_kept_for_90_days_and_agreements_for_good() {
    let server = Server::demo().await;
    server.clock.advance(-91 * DAY);
    let mut browser = server.browser_of("new").await;
    let agreed = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&agreed).await;
    let cancelled = browser.challenged("demo-bookclub", &[]).await;
    browser.decide(&cancelled, &cancel()).await;
    server.clock.advance(2 * DAY);
    let mut browser = server.browser_of("new").await;
    let later = browser.challenged("demo-travel", &[]).await;
    browser.decide(&later, &cancel()).await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 3);
    let of_the_later = "SELECT count(*) FROM receipt_items JOIN decisions USING (receipt_id)
                        WHERE service = 'demo-travel'";
    assert!(server.count(of_the_later).await > 0);

    server.clock.advance(89 * DAY);
    server.app.run_maintenance().await;
    let left = "SELECT count(*) FROM decisions WHERE service = 'demo-bookclub'";
    assert_eq!(server.count(left).await, 0);
    assert_eq!(server.count("SELECT count(*) FROM decisions WHERE decision = 'agree'").await, 1);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 2);
    assert!(server.count(of_the_later).await > 0);
    let orphans = "SELECT count(*) FROM receipt_items WHERE receipt_id NOT IN
                       (SELECT receipt_id FROM decisions)";
    assert_eq!(server.count(orphans).await, 0);
}

#[tokio::test]
async fn young_cancels_and_agreements_of_any_age_cannot_be_deleted() {
    let server = Server::demo().await;
    server.clock.advance(-400 * DAY);
    let mut browser = server.browser_of("new").await;
    let agreed = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&agreed).await;
    server.clock.advance(311 * DAY);
    let mut browser = server.browser_of("new").await;
    let cancelled = browser.challenged("demo-bookclub", &[]).await;
    browser.decide(&cancelled, &cancel()).await;
    let pool = database(&server).await;
    for sql in [
        "DELETE FROM receipt_items WHERE receipt_id IN
             (SELECT receipt_id FROM decisions WHERE decision = 'agree')",
        "DELETE FROM decisions WHERE decision = 'agree'",
        "DELETE FROM receipt_items WHERE receipt_id IN
             (SELECT receipt_id FROM decisions WHERE decision = 'cancel')",
        "DELETE FROM decisions WHERE decision = 'cancel'",
    ] {
        let refused = sqlx::query(sql).execute(&pool).await.unwrap_err().to_string();
        assert!(refused.contains("never deleted"), "{sql}: {refused}");
    }
}

/// A cancel at which nothing was shown is kept as long as it can be sent again.
#[tokio::test]
async fn a_cancel_with_nothing_shown_goes_with_its_challenge() {
    let server = Server::demo().await;
    let mut child = server.browser_of("under-14").await;
    let challenge = child.challenged("demo-shop", &[]).await;
    let first = child.decide(&challenge, &cancel()).await;
    let mut other = server.browser_of("new").await;
    let shown = other.challenged("demo-shop", &[]).await;
    other.decide(&shown, &cancel()).await;
    assert_eq!(child.decide(&challenge, &cancel()).await.text(), first.text());
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 2);
    server.clock.advance(2 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    let items = "SELECT count(*) FROM decisions JOIN receipt_items USING (receipt_id)";
    assert!(server.count(items).await > 0);
}

// Receipts cannot be overwritten (M2).

#[tokio::test]
async fn no_receipt_can_be_replaced() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    let pool = database(&server).await;
    // In other connections' ways, too: neither is on by default, and both weaken triggers.
    run(&pool, "PRAGMA recursive_triggers = OFF").await;
    let content = async || {
        let mut all = Vec::new();
        for sql in [
            "SELECT group_concat(rowid || receipt_id || decision || decided_at) FROM decisions",
            "SELECT group_concat(rowid || receipt_id || position || key || agreed) FROM receipt_items",
            "SELECT group_concat(rowid || service || tag || version || locale || title) FROM documents",
            "SELECT group_concat(rowid || digest || locale || text) FROM statements",
        ] {
            all.push(sqlx::query_scalar::<_, String>(sql).fetch_one(&pool).await.unwrap());
        }
        all
    };
    let before = content().await;
    for sql in [
        // By the primary key, by each other unique column, and by the row itself.
        "INSERT OR REPLACE INTO decisions SELECT receipt_id, schema_version, x'00', session, account,
             service, 'cancel', purpose, locale, body, 1 FROM decisions",
        "INSERT OR REPLACE INTO decisions SELECT 'other', schema_version, challenge, session, account,
             service, 'cancel', purpose, locale, body, 1 FROM decisions",
        "INSERT OR REPLACE INTO decisions (rowid, receipt_id, schema_version, challenge, session,
             account, service, decision, purpose, locale, body, decided_at)
             SELECT rowid, 'other', schema_version, x'00', session, account, service, 'cancel',
             purpose, locale, body, 1 FROM decisions",
        "REPLACE INTO decisions SELECT receipt_id, schema_version, challenge, session, account,
             service, 'cancel', purpose, locale, body, 1 FROM decisions",
        "INSERT INTO decisions SELECT receipt_id, schema_version, challenge, session, account,
             service, 'cancel', purpose, locale, body, 1 FROM decisions WHERE true
             ON CONFLICT (receipt_id) DO UPDATE SET decision = 'cancel'",
        "UPDATE OR REPLACE decisions SET decision = 'cancel'",
        "INSERT OR REPLACE INTO receipt_items SELECT receipt_id, position, key, kind, title, required,
             version, digest, locale, 1 - agreed, decided_at FROM receipt_items",
        "INSERT OR REPLACE INTO receipt_items (rowid, receipt_id, position, key, kind, title, required,
             version, digest, locale, agreed, decided_at)
             SELECT rowid, receipt_id, position + 1000, key, kind, title, required, version, digest,
             locale, 1 - agreed, decided_at FROM receipt_items",
        "INSERT OR REPLACE INTO documents SELECT service, tag, version, locale, digest, 'other',
             effective_from, '[]' FROM documents",
        "INSERT OR REPLACE INTO documents (rowid, service, tag, version, locale, digest, title,
             effective_from, blocks)
             SELECT rowid, service, tag, 'other', locale, digest, title, effective_from, '[]'
             FROM documents",
        "INSERT OR REPLACE INTO statements SELECT digest, locale, 'other' FROM statements",
        "INSERT OR REPLACE INTO statements (rowid, digest, locale, text)
             SELECT rowid, 'other', locale, 'other' FROM statements",
    ] {
        let refused = sqlx::query(sql).execute(&pool).await.unwrap_err().to_string();
        assert!(refused.contains("never"), "{sql}: {refused}");
        assert_eq!(content().await, before, "{sql}");
    }
}

#[tokio::test]
async fn the_same_statements_are_written_with_every_receipt() {
    let server = Server::demo().await;
    for _ in 0..2 {
        let mut browser = server.browser_of("new").await;
        let challenge = browser.challenged("demo-shop", &[]).await;
        browser.agrees(&challenge).await;
        let form = "application/x-www-form-urlencoded";
        let answer = browser.post("/demo/reset", form, "account=new&service=demo-shop").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 2);
    assert_eq!(server.count("SELECT count(*) FROM statements").await, 1);
}

// Cleaning up (M5, L9, L11).

#[tokio::test(flavor = "multi_thread")]
async fn cleaning_up_60_000_rows_delays_no_request_and_shrinks_the_log() {
    let server = Server::demo().await;
    let pool = database(&server).await;
    run(&pool, "PRAGMA synchronous = OFF").await;
    run(
        &pool,
        "INSERT INTO challenges (id, session, account, service, query, locale, signed_in, expires_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
         SELECT randomblob(32), -1, 'gone', 'demo-shop', hex(zeroblob(60)), 'ko', 0, 1 FROM n",
    )
    .await;
    // What is measured is the cleanup, and not the log of this one insertion.
    run(&pool, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    pool.close().await;
    let log = server.folder.path().join("data/consent.sqlite-wal");
    let app = server.app.clone();
    let mut browser = server.browser_of("new").await;
    let cleaning = tokio::spawn(async move { app.run_maintenance().await });
    let mut slowest = Duration::ZERO;
    let mut number = 0;
    while !cleaning.is_finished() {
        let start = Instant::now();
        ask(&mut browser, &number.to_string()).await;
        slowest = slowest.max(start.elapsed());
        number += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    cleaning.await.unwrap();
    println!("{number} requests, the slowest took {slowest:?}");
    assert_eq!(server.count("SELECT count(*) FROM challenges WHERE account = 'gone'").await, 0);
    // Deleting everything in one transaction answers only the requests around it.
    assert!(number > 30, "the cleanup left too little time for requests: {number}");
    // A transaction takes a few milliseconds; a busy machine, and a build without optimisation,
    // make it ten times that.
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    let bytes = fs::metadata(&log).unwrap().len();
    assert!(bytes <= 16 * 1024 * 1024, "the log has {bytes} bytes");
}

#[tokio::test]
async fn what_was_deleted_is_not_in_the_files_any_more() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let mark = "a-state-that-no-other-test-uses";
    // Long enough to fill pages of its own, short enough to fit some others.
    for length in [10, 500, 2500] {
        ask(&mut browser, &format!("{mark}{}", "x".repeat(length))).await;
    }
    let found = || {
        let files = ["consent.sqlite", "consent.sqlite-wal"];
        files.iter().any(|name| {
            let bytes = fs::read(server.folder.path().join("data").join(name)).unwrap_or_default();
            bytes.windows(mark.len()).any(|window| window == mark.as_bytes())
        })
    };
    assert!(found());
    server.clock.advance(3 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 0);
    assert!(!found());
}

#[tokio::test]
async fn a_wall_clock_that_jumps_deletes_nothing() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    server.app.run_maintenance().await;
    server.clock.set_later(400 * DAY);
    server.app.run_maintenance().await;
    server.clock.advance(300);
    server.app.run_maintenance().await;
    // It is set right: nothing was lost.
    server.clock.set_later(-400 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(browser.read(&challenge).await.status, StatusCode::OK);
    browser.agrees(&challenge).await;

    // A clock that stays there is believed after a day.
    server.clock.set_later(400 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 1);
    server.clock.advance(DAY + 300);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 0);
}

// Readiness (M6).

#[tokio::test]
async fn a_flood_of_readiness_checks_writes_once_a_second() {
    let server = Server::demo().await;
    let pool = database(&server).await;
    run(&pool, "CREATE TABLE probes (number INTEGER)").await;
    run(
        &pool,
        "CREATE TRIGGER count_probes AFTER INSERT ON readiness_probe
         BEGIN INSERT INTO probes VALUES (1); END",
    )
    .await;
    let start = Instant::now();
    let checks: Vec<_> = (0..300)
        .map(|_| {
            let mut browser = server.browser();
            tokio::spawn(async move { browser.get("/readyz").await.status })
        })
        .collect();
    for check in checks {
        assert_eq!(check.await.unwrap(), StatusCode::OK);
    }
    let allowed = 1 + start.elapsed().as_secs();
    let written = server.count("SELECT count(*) FROM probes").await;
    assert!(
        written >= 1 && written <= allowed.cast_signed(),
        "{written} writes, {allowed} allowed"
    );
}

#[tokio::test]
async fn a_database_that_takes_no_write_is_not_ready() {
    let server = Server::demo().await;
    assert_eq!(server.browser().get("/readyz").await.status, StatusCode::OK);
    let pool = database(&server).await;
    // Another process holds the write lock.
    let held = pool.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let answer = server.browser().get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert_eq!(answer.text(), "the database cannot be written\n");
    assert_eq!(server.browser().get("/healthz").await.status, StatusCode::OK);
    drop(held);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(server.browser().get("/readyz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_server_that_drains_answers_and_is_not_ready() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    assert_eq!(browser.get("/readyz").await.status, StatusCode::OK);
    server.app.start_draining();
    let answer = browser.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.text(), "draining\n");
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
}
