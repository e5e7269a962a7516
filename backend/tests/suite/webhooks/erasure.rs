//! `consent-backend erase` beside a running server.

use std::process::Command;

use super::{answer, everything, with_receiver};

#[tokio::test]
async fn services_that_the_account_is_linked_to_hear_of_its_erasure_once() {
    let (receiver, server) = with_receiver().await;
    answer(&mut server.proxied("hana"), &[], everything).await;
    answer(&mut server.proxied("duri"), &[], everything).await;
    server.app.deliver_events().await;
    let subject = receiver.take()[0].claims()["sub_id"]["sub"].clone();
    for (status, expected) in [(0, "`hana` was erased"), (1, "Nothing is known of `hana`")] {
        let output = Command::new(env!("CARGO_BIN_EXE_consent-backend"))
            .args(["erase", "hana", "--yes", "--data-dir"])
            .arg(server.folder.path().join("data"))
            .arg("--services")
            .arg(server.folder.path().join("services.toml"))
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(status), "{printed}");
        assert!(printed.contains(expected), "{printed}");
    }
    server.app.deliver_events().await;
    let heard = receiver.take();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].event().0, "account-purged");
    assert_eq!(heard[0].claims()["sub_id"]["sub"], subject);
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
