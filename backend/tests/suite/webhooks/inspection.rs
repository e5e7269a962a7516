//! `consent-backend inspect`.

use serde_json::Value;

use super::{answer, everything, receiver::Receiver, required, server, shop};
use crate::{browser::Server, database, process::program};

/// What it prints, and whether it succeeded.
fn inspect(server: &Server, arguments: &[&str]) -> (bool, String, String) {
    let output = program()
        .arg("inspect")
        .args(arguments)
        .arg("--data-dir")
        .arg(database::argument(server.folder.path()))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn json(server: &Server, arguments: &[&str]) -> Value {
    let (success, out, errors) = inspect(server, &[arguments, &["--json"]].concat());
    assert!(success, "{errors}");
    serde_json::from_str(&out).unwrap()
}

async fn inspected() -> (Receiver, Server) {
    let receiver = Receiver::new();
    let advertising = "\n[service.advertising]\nkeys = [\"term:news\"]\n\n[[service.terms]]";
    let toml = shop(&receiver.url("/events"))
        .replacen("\n[[service.terms]]", advertising, 1)
        .replace("tag = \"tos\"\n", "tag = \"tos\"\nvalid_for = \"20 days\"\n");
    (receiver, server(&toml).await)
}

#[tokio::test]
async fn agreements_are_listed_by_account_and_service() {
    let (_, server) = inspected().await;
    answer(&mut server.proxied("hana"), &[], everything).await;
    answer(&mut server.proxied("duri"), &[], required).await;
    let of_hana = json(&server, &["agreements", "--account", "hana"]);
    let keys: Vec<_> = of_hana["agreements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["item:account_email", "item:profile_nickname", "term:news", "term:tos"]);
    assert_eq!(of_hana["agreements"][2]["version"], "3");
    assert_eq!(of_hana["agreements"][2]["agreed_by"], "screen");
    assert_eq!(of_hana["receipts"][0]["change"], "agree");
    assert_eq!(of_hana["receipts"][0]["caused_by"], "screen");
    let of_shop = json(&server, &["agreements", "--service", "shop"]);
    assert_eq!(of_shop["agreements"].as_array().unwrap().len(), 6);
    let none = json(&server, &["agreements", "--account", "duri", "--service", "other"]);
    assert_eq!(none["agreements"], Value::Array(Vec::new()));
    let (success, text, _) = inspect(&server, &["agreements", "--account", "duri"]);
    assert!(success && text.starts_with("agreements (2)\n"), "{text}");
    assert!(text.contains("key=term:tos"), "{text}");
    assert!(!text.contains("duri@example.com"), "{text}");
}

#[tokio::test]
async fn what_is_due_is_listed() {
    let (_, server) = inspected().await;
    answer(&mut server.proxied("hana"), &[], everything).await;
    let due = json(&server, &["due"]);
    assert_eq!(due["agreements_that_end"][0]["key"], "term:tos");
    assert_eq!(due["notices"][0]["rule"], "KR-N05");
    assert_eq!(due["notices"][0]["outcome"], "agreed");
    assert_eq!(due["notices"].as_array().unwrap().len(), 1);
    let soon = json(&server, &["due", "--days", "10"]);
    assert_eq!(soon["agreements_that_end"], Value::Array(Vec::new()));
    let later = json(&server, &["due", "--days", "800"]);
    assert_eq!(later["notices"][1]["rule"], "KR-N06");
}

#[tokio::test]
async fn dead_letters_are_listed_and_sent_once_more() {
    let (receiver, server) = inspected().await;
    receiver.answers(&[410, 500]);
    answer(&mut server.proxied("hana"), &[], everything).await;
    server.app.deliver_events().await;
    let outbox = json(&server, &["outbox"]);
    let dead = &outbox["dead_letters"][0];
    assert_eq!(dead["event"], "consent_given");
    assert_eq!(dead["last_error"], "the answer has status 410");
    assert_eq!(outbox["pending"][0]["event"], "channel_added");
    assert_eq!(outbox["pending"][0]["attempts"], 1);
    receiver.take();

    let id = dead["id"].to_string();
    let (success, _, errors) = inspect(&server, &["outbox", "--retry", "4711"]);
    assert!(!success && errors.contains("there is no dead letter 4711"), "{errors}");
    let (success, ..) = inspect(&server, &["outbox", "--retry", &id]);
    assert!(success);
    let (success, ..) = inspect(&server, &["outbox", "--retry", &id]);
    assert!(!success, "it is none any more");
    server.catch_up();
    server.app.deliver_events().await;
    // The other one may be due again, too.
    assert_eq!(receiver.names()[0], "consent-given");
    assert_eq!(json(&server, &["outbox"])["dead_letters"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let (_, server) = inspected().await;
    for arguments in [
        &["agreements"][..],
        &["due", "--days", "-1"],
        &["due", "--days", "4000"],
        &["outbox", "--retry", "first"],
        &[],
        &["everything"],
    ] {
        let (success, out, _) = inspect(&server, arguments);
        assert!(!success && out.is_empty(), "{arguments:?}: {out}");
    }
    let nowhere =
        program().args(["inspect", "due", "--data-dir", "no-such-folder"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(1));
    let errors = String::from_utf8(nowhere.stderr).unwrap();
    assert!(errors.contains("no-such-folder: there is no database"), "{errors}");
    assert!(!std::path::Path::new("no-such-folder").exists());
}
