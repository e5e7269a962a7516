//! Faults of the configuration of webhooks, validity and notices, each with its line.

use consent_backend::StartError;

use super::shop;
use crate::{browser::Server, kakao};

async fn faults(toml: &str) -> Vec<String> {
    match Server::configured(toml).await {
        Err(StartError::Configuration(faults)) => {
            faults.into_iter().map(|it| format!("{}: {}", it.line, it.reason)).collect()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

const TARGET: &str = "https://shop.example/events";

#[tokio::test]
async fn targets_outside_of_the_internet_need_their_network() {
    assert_eq!(faults(&shop(TARGET)).await, [""; 0]);
    for (target, fault) in [
        ("http://shop.example/events", "http is for targets in a private network"),
        ("http://127.0.0.1:3000/", "http is for targets in a private network"),
        ("https://10.0.0.1/", "10.0.0.1 is in no network that --webhook-network names"),
        ("https://localhost/", "is in no network that --webhook-network names"),
        ("https://[::ffff:127.0.0.1]/", "is in no network that --webhook-network names"),
        ("ftp://shop.example/", "expected an https URL"),
        ("https://user:secret@shop.example/", "expected an https URL"),
        ("https://shop.example/#here", "expected an https URL"),
        ("/events", "expected an https URL"),
        ("", "expected an https URL"),
    ] {
        let found = faults(&shop(target)).await;
        assert!(found.len() == 1 && found[0].starts_with("9: "), "{target}: {found:?}");
        assert!(found[0].contains(fault), "{target}: {found:?}");
    }
}

#[tokio::test]
async fn each_fault_is_named() {
    let advertising = |table: &str| {
        let table = format!("\n[service.advertising]\n{table}\n\n[[service.terms]]");
        shop(TARGET).replacen("\n[[service.terms]]", &table, 1)
    };
    let valid_for = |text: &str| {
        shop(TARGET).replace("tag = \"tos\"", &format!("tag = \"tos\"\nvalid_for = {text}"))
    };
    for (toml, fault) in [
        (shop(TARGET).replace("url = \"https", "uri = \"https"), "unknown field `uri`"),
        (shop(TARGET).replace(super::AUTHORIZATION, "a\\nb"), "`authorization_header` is no value"),
        (valid_for("\"1 hour\""), "expected years, months, weeks or days"),
        (valid_for("\"0 days\""), "expected years, months, weeks or days"),
        (valid_for("\"101 years\""), "longer than 100 years"),
        (valid_for("365"), "expected a string, found integer"),
        (advertising("keys = []"), "`keys`"),
        (advertising("keys = [\"item:account_email\"]"), "expected `term:` and a tag"),
        (advertising("keys = [\"term:nothing\"]"), "nothing"),
        (advertising("keys = [\"channel:_nothing\"]"), "_nothing"),
        (advertising("keys = [\"term:news\", \"term:news\"]"), "is there twice"),
        (
            advertising("keys = [\"term:news\"]\nnotices_by = \"users\""),
            "expected one of service, operator",
        ),
    ] {
        let found = faults(&toml).await;
        assert!(found.iter().any(|it| it.contains(fault)), "{fault}: {found:?}");
        assert!(!found.iter().any(|it| it.contains("a-secret")), "{found:?}");
    }
    assert_eq!(faults(&valid_for("\"1 year, 6 months\"")).await, [""; 0]);
    assert_eq!(faults(&advertising("keys = [\"term:news\", \"channel:_shop\"]")).await, [""; 0]);
}

#[tokio::test]
async fn kakaos_webhooks_need_an_admin_key() {
    let with =
        |more: &str| kakao::SHOP.replace("app_id = 123456", &format!("app_id = 123456\n{more}"));
    let urls = "unlink_webhook_url = \"https://shop.example/u\"\n\
                channel_webhook_url = \"https://shop.example/c\"";
    assert_eq!(faults(&with(urls)).await, [""; 0]);
    let without = with(urls).replace("admin_key = \"an-admin-key-of-the-shop\"\n", "");
    let found = faults(&without).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|it| it.contains("needs an `admin_key`")), "{found:?}");
    for (more, fault) in [
        ("unlink_webhook_method = \"GET\"", "needs an `unlink_webhook_url`"),
        (&format!("{urls}\nunlink_webhook_method = \"PUT\""), "expected one of GET, POST"),
        ("unlink_webhook_url = \"http://shop.example/u\"", "http is for targets"),
    ] {
        let found = faults(&with(more)).await;
        assert!(found.len() == 1 && found[0].contains(fault), "{more}: {found:?}");
    }
}
