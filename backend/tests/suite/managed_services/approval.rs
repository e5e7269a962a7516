//! Services that wait for a caller who approves them.

use consent_contract::problem::Code;
use serde_json::{Value, json};

use super::{CAFE, JSON, PATCH, Reply, SERVICES, authorize, cafe, call_as, term};
use crate::{audit, browser::Server, client};

const DESK: &str = "a-token-of-the-partner-desk-0123456789";
const LAWYER: &str = "a-token-of-the-lawyer-01234567890123456";

async fn server() -> Server {
    let toml = format!(
        "{}\n[admin]\napproval_required = true\n\n\
         [[admin.keys]]\nname = \"desk\"\ntoken = \"{DESK}\"\n\n\
         [[admin.keys]]\nname = \"lawyer\"\ntoken = \"{LAWYER}\"\napproves = true\n",
        client::services()
    );
    Server::configured(&toml).await.unwrap()
}

async fn create(server: &Server, token: &str) -> Reply {
    let headers = [("content-type", JSON)];
    call_as(&server.app, token, ("POST", SERVICES), &headers, cafe().to_string()).await
}

async fn patch(server: &Server, token: &str, etag: &str, patch: &Value) -> Reply {
    let headers = [("content-type", PATCH), ("if-match", etag)];
    call_as(&server.app, token, ("PATCH", CAFE), &headers, patch.to_string()).await
}

async fn post(server: &Server, token: &str, what: &str, etag: &str) -> Reply {
    let path = format!("{CAFE}/{what}");
    let headers = [("if-match", etag)];
    call_as(&server.app, token, ("POST", &path), &headers, "").await
}

#[tokio::test]
async fn a_service_waits_for_its_approval() {
    let server = server().await;
    let made = create(&server, DESK).await;
    assert_eq!((made.status, &made.json()["state"]), (201, &json!("pending")));
    let mut hana = server.proxied("hana");
    let challenge = hana.authorize(&authorize()).await.challenge();
    assert_eq!(hana.read(&challenge).await.problem().code, Code::SimpleSignUpInactive);
    assert_eq!(server.count("SELECT count(*) FROM documents WHERE service = 'cafe'").await, 0);

    // No user was shown its texts: they may still change under their version.
    let terms = json!({ "terms": [term("1", "2026-01-01", "차와 과자를 팝니다.")] });
    let changed = patch(&server, DESK, &made.header("etag"), &terms).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let (read, etag) = (made.header("etag"), changed.header("etag"));
    post(&server, DESK, "approve", &etag).await.is(403, "approval_required");
    post(&server, LAWYER, "approve", &read).await.is(412, "precondition_failed");
    let without = call_as(&server.app, LAWYER, ("POST", &format!("{CAFE}/approve")), &[], "").await;
    without.is(428, "precondition_required");
    let approved = post(&server, LAWYER, "approve", &etag).await;
    assert_eq!((approved.status, &approved.json()["state"]), (200, &json!("active")));
    assert_eq!(server.count("SELECT count(*) FROM documents WHERE service = 'cafe'").await, 2);
    client::tokens(&server, &mut hana, "cafe", "openid", &[]).await;

    let lines = audit::read(&server.app, server.folder.path());
    let refused = lines.iter().find(|line| line["reason"] == "not_allowed").unwrap();
    assert_eq!((&refused["change"], &refused["admin_key"]), (&json!("approve"), &json!("desk")));
    let done = lines.iter().filter(|it| it["change"] == "approve" && it["outcome"] == "success");
    assert_eq!(done.map(|it| it["admin_key"].clone()).collect::<Vec<_>>(), ["lawyer"]);
}

#[tokio::test]
async fn an_approved_service_is_changed_by_those_who_approve() {
    let server = server().await;
    let etag = create(&server, LAWYER).await.header("etag");
    let etag = post(&server, LAWYER, "approve", &etag).await.header("etag");
    let change = json!({ "verified": true });
    patch(&server, DESK, &etag, &change).await.is(403, "approval_required");
    let headers = [("if-match", &*etag)];
    let deleted = call_as(&server.app, DESK, ("DELETE", CAFE), &headers, "").await;
    deleted.is(403, "approval_required");
    // Another secret changes nothing that users see, and who disables may be in a hurry.
    assert_eq!(post(&server, DESK, "secret", &etag).await.status, 200);
    assert_eq!(post(&server, DESK, "disable", &etag).await.status, 200);
    post(&server, DESK, "enable", &etag).await.is(403, "approval_required");
    let enabled = post(&server, LAWYER, "enable", &etag).await;
    assert_eq!((enabled.status, &enabled.json()["state"]), (200, &json!("active")));
    assert_eq!(patch(&server, LAWYER, &enabled.header("etag"), &change).await.status, 200);
}
