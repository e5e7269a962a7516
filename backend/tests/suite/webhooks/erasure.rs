//! `consent-backend erase` beside a running server.

use std::process::Command;

use super::{answer, everything, with_receiver};
use crate::database;

#[tokio::test]
async fn services_that_the_account_is_linked_to_hear_of_its_erasure_once() {
    let (receiver, server) = with_receiver().await;
    answer(&mut server.proxied("hana"), &[], everything).await;
    server.app.deliver_events().await;
    let subject = receiver.take()[0].claims()["sub_id"]["sub"].clone();
    answer(&mut server.proxied("duri"), &[], everything).await;
    server.app.deliver_events().await;
    receiver.take();
    let about = async |column: &str| {
        let subject = subject.as_str().unwrap();
        let sql = "SELECT count(*) FROM outbox WHERE subject = ";
        server.count(format!("{sql}'{subject}' AND {column} IS NOT NULL").leak()).await
    };
    assert_eq!(about("delivered_at").await, 2);
    let died = "UPDATE outbox SET dead_at = delivered_at, delivered_at = NULL
                WHERE id IN (SELECT min(id) FROM outbox)";
    server.execute(died).await.unwrap();
    for (status, expected) in [(0, "`hana` was erased"), (1, "Nothing is known of `hana`")] {
        let output = Command::new(env!("CARGO_BIN_EXE_consent-backend"))
            .args(["erase", "hana", "--yes", "--data-dir"])
            .arg(database::argument(server.folder.path()))
            .arg("--services")
            .arg(server.folder.path().join("services.toml"))
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(status), "{printed}");
        assert!(printed.contains(expected), "{printed}");
        if status == 0 {
            assert!(printed.contains("delivered events and dead letters: 2"), "{printed}");
            assert!(printed.contains(" to shop: account_purged"), "{printed}");
        }
    }
    let left: [i64; 3] =
        [about("delivered_at").await, about("dead_at").await, about("next_at").await];
    assert_eq!(left, [0, 0, 1], "what the service has not heard of yet");
    server.catch_up();
    server.app.deliver_events().await;
    let heard = receiver.take();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].event().0, "account-purged");
    assert_eq!(heard[0].claims()["sub_id"]["sub"], subject);
    assert_eq!(about("id").await, 0, "nothing names the subject afterwards");
    assert_eq!(server.count("SELECT count(*) FROM outbox").await, 2, "events of others stay");
}

#[test]
fn the_services_file_is_asked_for() {
    let output = Command::new(env!("CARGO_BIN_EXE_consent-backend"))
        .args(["erase", "hana", "--yes", "--data-dir", "x"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--services"));
}
