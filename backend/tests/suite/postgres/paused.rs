//! A process that is paused while it holds a lock of the database.

use std::sync::Arc;

use sqlx::{Connection, PgConnection};

use super::trouble::{asked, count, hold, server, waiters};
use crate::{
    browser::{cancel, required_only},
    instances::program::Running,
};

/// PostgreSQL ends the transaction of a process that does nothing in it for 3 seconds. Another process
/// waits for that, as does one that starts, and the one that was paused has recorded nothing when it
/// goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_paused_holds_nothing_up_for_long() {
    let Some((server, url)) = server().await else { return };
    let (mut browser, challenge) = asked(&server, "hana").await;
    let agree = required_only(&browser.asked(&challenge).await);
    let folder = server.folder.path();
    let start = || Arc::new(Running::start_on(folder, url.clone().into(), &[]));
    let (paused, other) = (start(), start());
    let mut connection = PgConnection::connect(&url).await.unwrap();
    hold(&mut connection, "hana").await;
    let deciding = {
        let (paused, browser, challenge) =
            (Arc::clone(&paused), browser.clone(), challenge.clone());
        tokio::spawn(async move { paused.decide(&browser, &challenge, &cancel()).await })
    };
    waiters(&mut PgConnection::connect(&url).await.unwrap(), 1).await;
    paused.signal("STOP");
    // From now on the process that is paused has the lock.
    sqlx::raw_sql("ROLLBACK").execute(&mut connection).await.unwrap();
    let starting = {
        let (folder, url) = (folder.to_owned(), url.clone());
        tokio::task::spawn_blocking(move || Running::start_on(&folder, url.into(), &[]))
    };
    let reply = other.decide(&browser, &challenge, &agree).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let recorded = reply.receipt();
    starting.await.unwrap();
    paused.signal("CONT");
    let reply = deciding.await.unwrap();
    assert_ne!(reply.status, 200, "{reply:?}");
    assert_eq!(count(&url, "SELECT count(*) FROM decisions").await, 1);
    // It goes on with other connections.
    assert_eq!(paused.decide(&browser, &challenge, &agree).await.receipt(), recorded);
}
