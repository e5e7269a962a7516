//! Transactions that PostgreSQL gives up are begun again: the user and the service notice nothing.

use std::time::Duration;

use axum::http::StatusCode;
use consent_backend::Job;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::trouble::{another, asked, count, hold, server};
use crate::{
    account,
    browser::{Answer, agreement, parameter, required_only},
    client::{post, redeem, refresh, request, text, userinfo},
    screen,
};

/// Lets the first, the fourth and the sixteenth statement that writes fail, counted from the last
/// [`Faults::arm`]: a sequence goes on where a transaction is rolled back.
const FAULTS: &str = "
    CREATE SEQUENCE faults;
    CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('faults') IN (1, 4, 16) THEN
            RAISE EXCEPTION 'given up' USING ERRCODE = TG_ARGV[0];
        END IF;
        RETURN NULL;
    END $$;
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('CREATE TRIGGER give_up BEFORE INSERT OR UPDATE OR DELETE ON %I
                            FOR EACH STATEMENT EXECUTE FUNCTION give_up(''SQLSTATE'')', name);
        END LOOP;
    END $$;";

struct Faults(PgConnection);

impl Faults {
    async fn new(url: &str, code: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let faults = AssertSqlSafe(FAULTS.replace("SQLSTATE", code));
        sqlx::raw_sql(faults).execute(&mut connection).await.unwrap();
        Self(connection)
    }

    async fn arm(&mut self) {
        sqlx::raw_sql("SELECT setval('faults', 1, false)").execute(&mut self.0).await.unwrap();
    }

    /// Asserts that a write failed since, and was made.
    async fn hit(&mut self, what: &str) {
        let writes: i64 = sqlx::query_scalar("SELECT last_value FROM faults")
            .fetch_one(&mut self.0)
            .await
            .unwrap();
        assert!(writes > 1, "{what} wrote nothing after its first write had failed");
    }

    async fn answers(&mut self, what: &str, status: StatusCode, answer: Answer) -> Answer {
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        self.hit(what).await;
        self.arm().await;
        answer
    }
}

#[tokio::test]
async fn every_kind_of_write_is_done_again() {
    for code in ["40001", "40P01"] {
        let Some((server, url)) = server().await else { return };
        screen::build(&server);
        screen::make_room(&server);
        let mut faults = Faults::new(&url, code).await;
        let (ok, found) = (StatusCode::OK, StatusCode::SEE_OTHER);
        faults.arm().await;

        let mut parameters =
            request("shop", "https://shop.example/callback", "openid email offline_access");
        parameters.retain(|(name, _)| *name != "client_id");
        let pushed = post(&server, "/oauth/par", "shop", &parameters).await;
        let pushed = faults.answers("a pushed request", StatusCode::CREATED, pushed).await;
        let pushed: Value = pushed.json();
        let by_uri = [("client_id", "shop"), ("request_uri", text(&pushed, "request_uri"))];
        let mut hana = server.proxied("hana");
        let authorized = hana.authorize(&by_uri).await;
        let challenge = faults.answers("an authorize request", found, authorized).await.challenge();

        let decision = agreement(&hana.asked(&challenge).await, |_, _| true);
        let decided = hana.decide(&challenge, &decision).await;
        let decided: Value = faults.answers("a decision", ok, decided).await.json();
        let code = parameter(text(&decided, "redirect_to"), "code").unwrap();

        let tokens = redeem(&server, "shop", &code).await;
        let tokens: Value = faults.answers("a code", ok, tokens).await.json();
        let refreshed = refresh(&server, "shop", text(&tokens, "refresh_token"), &[]).await;
        let refreshed: Value = faults.answers("a refresh token", ok, refreshed).await.json();
        let claims = userinfo(&server, &refreshed).await;
        faults.answers("the first use of an access token", ok, claims).await;
        let revoke = [("token", text(&refreshed, "access_token"))];
        let revoked = post(&server, "/oauth/revoke", "shop", &revoke).await;
        faults.answers("a revocation", ok, revoked).await;

        let withdrawn = account::withdraw(&mut hana, "item:account_email").await;
        faults.answers("a withdrawal", found, withdrawn).await;
        let left =
            account::send(&mut hana, "/account/sessions", "/account/sessions/end-all", &[]).await;
        faults.answers("the end of the sessions", found, left).await;

        server.app.seal_receipts().await;
        faults.hit("the log of receipts").await;
        assert_eq!(count(&url, "SELECT max(tree_size) FROM checkpoints").await, 2);
        faults.arm().await;
        assert!(server.app.keep_lease(Job::Maintenance).await, "a single statement");
        faults.hit("a lease").await;
        faults.arm().await;
        server.clock.advance(3 * 60 * 60);
        server.app.run_maintenance().await;
        faults.hit("maintenance").await;
        assert_eq!(count(&url, "SELECT count(*) FROM pushed_requests").await, 0);

        faults.arm().await;
        another(&server, &url, |_| {}).await;
        faults.hit("a start").await;
        assert_eq!(count(&url, "SELECT count(*) FROM decisions").await, 1);
    }
}

/// A decision has the lock of its account and waits for a table, while another transaction has the table and waits
/// for the account: PostgreSQL ends the one that has waited for a second.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_in_a_deadlock_is_done_again() {
    let Some((server, url)) = server().await else { return };
    let (mut hana, challenge) = asked(&server, "hana").await;
    let decision = required_only(&hana.asked(&challenge).await);
    let mut other = PgConnection::connect(&url).await.unwrap();
    let table = "SET deadlock_timeout = '1min'; BEGIN; LOCK TABLE decisions IN SHARE MODE";
    sqlx::raw_sql(table).execute(&mut other).await.unwrap();
    let deciding = tokio::spawn(async move { hana.decide(&challenge, &decision).await.status });
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
                   WHERE datname = current_database() AND locktype = 'relation' AND NOT granted";
    while count(&url, waiting).await == 0 {
        assert!(!deciding.is_finished(), "it waits for the table");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    hold(&mut other, "hana").await;
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(deciding.await.unwrap(), StatusCode::OK);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(count(&url, deadlocks).await, 1);
    assert_eq!(count(&url, "SELECT count(*) FROM decisions").await, 1);
}
