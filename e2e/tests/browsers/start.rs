//! The main job: a newcomer signs up, with only what is required.

use anyhow::Result;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::{Setup, TestApp};
use hyper::Method;

#[tokio::test]
async fn a_newcomer_signs_up_with_only_what_is_required() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        demo::start(browser, "new", "demo-shop").await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        let address = demo::back_at_service(browser).await?;
        assert!(address.contains("code="), "{address}");

        let decisions = app.decisions().await?;
        let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
        assert_eq!(
            (decision.account.as_str(), decision.service.as_str(), decision.decision.as_str()),
            ("new", "demo-shop", "agree")
        );
        let items = app.items(&decision.receipt_id).await?;
        assert!(items.iter().any(|item| !item.required), "optional items are on record, too");
        for item in &items {
            assert_eq!(item.agreed, item.required, "{}", item.key);
        }
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 1);
        Ok(())
    })
    .await
}
