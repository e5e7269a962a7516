//! Text that would mislead its reader, or run, in each field of a configuration: the backend does
//! not start with it, and names the field.

use consent_backend::StartError;

use crate::browser::Server;

const GOOD: &str = r#"
[sign_in]
account_header = "x-account"

[[account]]
id = "account"
nickname = "Hana"
email = "hana@example.com"

[[service]]
client_id = "shop"
name = "Shop"
company = "Shop Inc"
redirect_uris = ["https://shop.example/done"]
verified = true
approved = true
privacy_policy_url = "https://shop.example/privacy"

[[service.terms]]
tag = "tos"
kind = "service"
required = true
version = "1"
effective_from = 2026-01-01
title = "Terms"
text = "Full text"
highlights = [{ kind = "promotion", text = "Important" }]

[service.personal_info]
recipient = "Recipient"
purpose = "Purpose"
retention = "Retention"
refusal_effect = "Effect"

[[service.personal_info.items]]
id = "account_email"
label = "Email"
required = true

[[service.channels]]
public_id = "_shop"
name = "Channel"
primary = true
"#;

/// The faults in the good configuration with one value replaced, each with its place.
async fn faults(field: &str, good: &str, hostile: &str) -> Vec<String> {
    let toml = GOOD.replacen(&format!("{field} = \"{good}\""), &format!("{field} = {hostile}"), 1);
    assert!(field.is_empty() || toml != GOOD, "{field} = {good} is not there");
    match Server::configured(&toml).await {
        Err(StartError::Configuration(faults)) => {
            faults.into_iter().map(|it| format!("{}: {}", it.line, it.reason)).collect()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

async fn is_refused(field: &str, good: &str, hostile: &str, fault: &str) {
    let found = faults(field, good, hostile).await;
    let is_named = found.len() == 1 && found[0].contains(fault);
    assert!(is_named, "{field} = {hostile}: {found:#?}");
}

#[tokio::test]
async fn harmless_text_is_taken() {
    assert_eq!(faults("", "", "").await, [""; 0]);
}

#[tokio::test]
async fn invisible_and_reordering_characters_are_refused_in_every_field() {
    let names = [
        ("nickname", "Hana"),
        ("name", "Shop"),
        ("company", "Shop Inc"),
        ("title", "Terms"),
        ("label", "Email"),
        ("name", "Channel"),
    ];
    let statements = [
        ("recipient", "Recipient"),
        ("purpose", "Purpose"),
        ("retention", "Retention"),
        ("refusal_effect", "Effect"),
    ];
    for (character, called) in [
        ("\\u202e", "U+202E"),
        ("\\u2067", "U+2067"),
        ("\\u200b", "U+200B"),
        ("\\u3164", "U+3164"),
        ("\\u0000", "U+0000"),
        ("\\u2028", "U+2028"),
    ] {
        // A statement may have several lines.
        let fields =
            if called == "U+2028" { &names[..] } else { &[&names[..], &statements].concat() };
        for (field, good) in fields {
            let hostile = format!("\"a{character}b\"");
            let fault = format!("`{field}`: the invisible character {called}");
            is_refused(field, good, &hostile, &fault).await;
        }
    }
}

#[tokio::test]
async fn texts_and_highlights_hide_nothing() {
    let invisible = |it| format!("`text`: the invisible character {it}");
    is_refused("text", "Important", "\"a\\u200bb\"", &invisible("U+200B")).await;
    is_refused("text", "Full text", "\"a\\u3164b\"", &invisible("U+3164")).await;
    let marks = "`text`: too many marks on one letter";
    is_refused("text", "Full text", "\"Z\\u0301\\u0301\\u0301\"", marks).await;
}

#[tokio::test]
async fn names_that_cannot_be_read_as_they_are_written_are_refused() {
    let long = format!("\"{}\"", "가".repeat(41));
    for (hostile, fault) in [
        ("\"Z\\u0301\\u0301\\u0301\"", "too many marks on one letter"),
        ("\"K\\u0430kao\"", "of a script that is not written together"),
        ("\"\\u00a0 \"", "nothing visible"),
        (long.as_str(), "longer than 40 characters"),
        ("\"\\ud800\"", "unicode"),
    ] {
        is_refused("name", "Shop", hostile, fault).await;
    }
}

#[tokio::test]
async fn markup_links_and_scripts_are_refused() {
    is_refused("text", "Full text", "\"<script>x</script>\"", "HTML").await;
    is_refused("text", "Full text", "\"[x](javascript:y)\"", "a link or picture").await;
    let privacy = "https://shop.example/privacy";
    let script = "\"javascript:window.canary=1\"";
    is_refused("privacy_policy_url", privacy, script, "is not an https URL").await;
}
