//! The conditions under which a channel is linked to a service: each is checked, and named with what to do.

use consent_backend::StartError;
use consent_contract::request::ConsentRequest;

use crate::{
    browser::{CHALLENGE, Server},
    shop::{self, SHOP, SIGN_IN},
};

fn channel(more: &str) -> String {
    format!(
        "\n[[service.channels]]\npublic_id = \"_shop\"\nname = \"가게\"\nprimary = true\n{more}\n"
    )
}

fn with(of_service: &str, of_channel: &str) -> String {
    let shop = SHOP.replace("approved = true", &format!("approved = true\n{of_service}"));
    format!("{shop}{}", channel(of_channel))
}

async fn faults(toml: &str) -> Vec<String> {
    match Server::configured(&format!("{toml}{SIGN_IN}{}", shop::account("hana"))).await {
        Ok(_) => Vec::new(),
        Err(StartError::Configuration(faults)) => faults.iter().map(ToString::to_string).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn each_condition_that_fails_is_named_with_what_to_do() {
    const NUMBER: &str = "registration_number = \"123-45-67890\"";
    const OTHER: &str = "registration_number = \"123-45-67891\"";
    for (of_service, of_channel, condition, remedy) in [
        ("", "business = false", "not a business channel", "have the channel reviewed"),
        (NUMBER, OTHER, "another business", "register both to the same business"),
        ("", NUMBER, "its service has none", "set it in `[[service]]`"),
        ("registration_number = \"12345\"", "", "10 digits", "123-45-67890"),
        ("", "role = \"none\"", "`role = \"none\"`", "become a manager"),
    ] {
        let faults = faults(&with(of_service, of_channel)).await;
        assert_eq!(faults.len(), 1, "{of_service} {of_channel}: {faults:?}");
        assert!(faults[0].contains(condition) && faults[0].contains(remedy), "{faults:?}");
    }
    let same = "registration_number = \"1234567890\"\nbusiness = true\nrole = \"manager\"";
    assert_eq!(faults(&with(NUMBER, same)).await, Vec::<String>::new());
    assert_eq!(faults(&with("", "")).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_channel_belongs_to_one_service() {
    let other = with("", "").replace("client_id = \"shop\"", "client_id = \"other\"");
    let other = other.replace("name = \"가게\"\ncompany", "name = \"다른 곳\"\ncompany");
    let faults = faults(&format!("{}\n{other}", with("", ""))).await;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("linked to another service") && faults[0].contains("remove it"));
}

/// An adult channel has no effect for minors and for accounts without identity verification.
#[tokio::test]
async fn an_adult_channel_is_offered_to_identified_adults_only() {
    let accounts = format!(
        "{}legal_birth_date = 1990-01-01\n{}legal_birth_date = 2011-01-01\n{}birthday = 1990-01-01\n",
        shop::account("hana"),
        shop::account("duri"),
        shop::account("sena"),
    );
    let toml = format!("{}{SIGN_IN}{accounts}", with("", "adult = true"));
    let server = Server::configured(&toml).await.unwrap();
    for (account, is_offered) in [("hana", true), ("duri", false), ("sena", false)] {
        let mut browser = server.proxied(account);
        let request = [
            ("response_type", "code"),
            ("client_id", "shop"),
            ("redirect_uri", "https://shop.example/callback"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let challenge = browser.authorize(&request).await.challenge();
        let ConsentRequest { channels, .. } = browser.asked(&challenge).await;
        assert_eq!(!channels.is_empty(), is_offered, "{account}");
    }
}
