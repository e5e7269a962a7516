//! Which channels are offered to whom. The rule is the contract's; these are its facts.

use consent_contract::{channel, item::ItemKey};

use crate::browser::{Server, agreement};

async fn offered(account: &str, client_id: &str, more: &[(&str, &str)]) -> Vec<String> {
    let server = Server::demo().await;
    let mut browser = server.browser_of(account).await;
    let challenge = browser.challenged(client_id, more).await;
    let request = browser.asked(&challenge).await;
    channel::offered(&request).iter().map(|channel| channel.public_id.clone()).collect()
}

#[tokio::test]
async fn the_primary_channel_is_offered_to_accounts_that_can_add_it() {
    assert_eq!(offered("new", "demo-shop", &[]).await, ["_hanok"]);
    for account in ["channel-added", "channel-blocked", "no-messenger"] {
        assert!(offered(account, "demo-shop", &[]).await.is_empty(), "{account}");
    }
    assert!(offered("new", "demo-bookclub", &[]).await.is_empty());
}

#[tokio::test]
async fn two_channels_are_offered_when_both_are_named() {
    let both = [("channel_public_id", "_hanok,_hanok_events")];
    assert_eq!(offered("new", "demo-shop", &both).await, ["_hanok", "_hanok_events"]);
    // The one that was added already is not offered again, even by name.
    assert_eq!(offered("channel-added", "demo-shop", &both).await, ["_hanok_events"]);
    let other = [("channel_public_id", "_hanok_events")];
    assert_eq!(offered("new", "demo-shop", &other).await, ["_hanok_events"]);
}

#[tokio::test]
async fn an_added_channel_is_not_offered_by_the_next_screen() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let channel = ItemKey::Channel("_hanok".into());
    let decision = agreement(&request, |key, required| required || *key == channel);
    assert_eq!(browser.decide(&challenge, &decision).await.status, 200);
    let named = [("scope", "phone_number"), ("channel_public_id", "_hanok,_hanok_events")];
    let challenge = browser.challenged("demo-shop", &named).await;
    let request = browser.asked(&challenge).await;
    let offered: Vec<_> = channel::offered(&request).iter().map(|c| &*c.public_id).collect();
    assert_eq!(offered, ["_hanok_events"]);
}
