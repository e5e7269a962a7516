//! To whom which channels are offered.

use anyhow::Result;
use consent_e2e::browser::Browser;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::{Setup, TestApp};

/// The names of the channels that the screen offers.
async fn offered(
    browser: &Browser,
    account: &str,
    service: &str,
    more: &str,
) -> Result<Vec<String>> {
    let items = Consent::of(browser, account, service, more).await?.items().await?;
    assert!(items.len() > 2, "the screen asks other things: {items:#?}");
    Ok(items.into_iter().filter(|name| name.contains("채널")).collect())
}

#[tokio::test]
async fn a_channel_is_offered_only_to_who_can_and_may_want_it() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        assert_eq!(
            offered(browser, "new", "demo-shop", "").await?,
            ["[선택] 한옥마켓 채널 추가 · 광고성 정보 수신"]
        );
        for account in ["channel-added", "channel-blocked", "no-messenger"] {
            let channels = offered(browser, account, "demo-shop", "").await?;
            assert!(channels.is_empty(), "{account}: {channels:?}");
        }
        let channels = offered(browser, "new", "demo-bookclub", "").await?;
        assert!(channels.is_empty(), "not a primary one: {channels:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn channels_asked_by_name_are_all_offered_and_each_answered() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let more = "channel_public_id=_hanok,_hanok_events";
        assert_eq!(
            offered(browser, "new", "demo-shop", more).await?,
            [
                "[선택] 한옥마켓 채널 추가 · 광고성 정보 수신",
                "[선택] 한옥마켓 행사 채널 추가 · 광고성 정보 수신"
            ]
        );
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.tick("한옥마켓 행사 채널 추가").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        let recorded = demo::receipt(browser).await?;
        assert!(recorded.contains(&("channel:_hanok".into(), false)), "{recorded:?}");
        assert!(recorded.contains(&("channel:_hanok_events".into(), true)), "{recorded:?}");
        Ok(())
    })
    .await
}
