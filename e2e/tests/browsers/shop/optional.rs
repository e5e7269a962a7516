//! What is optional may be refused: the shop works without it, and offers it where it is needed.

use anyhow::{Result, ensure};
use consent_e2e::pages::Teahouse;
use consent_e2e::{Setup, TestApp};

#[tokio::test]
async fn the_shop_works_without_what_was_refused() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.become_member("new", &[]).await?;
        for path in ["/", "/goods/first-flush", "/profile"] {
            shop.open(path).await?;
            ensure!(!shop.shows("order.channel_go").await?, "{path} offers the channel again");
        }
        shop.take("celadon-cup").await?;
        shop.open("/basket").await?;
        shop.press("basket.order").await?;
        // A delivery needs a number and an address: here, and not before.
        shop.heading("order.needs_title").await?;
        shop.fill("field.phone", "010-1234-1234").await?;
        shop.fill("field.address", "서울 종로구 북촌로 1").await?;
        shop.press("order.go").await?;
        shop.heading("order.placed_title").await?;
        assert_eq!(app.shop().count("SELECT count(*) FROM orders").await?, 1);
        // News of the parcel would come through the channel.
        shop.see("order.channel_go").await
    })
    .await
}

#[tokio::test]
async fn an_item_is_asked_where_an_order_needs_it() -> Result<()> {
    TestApp::run(Setup::default().with_shop(), |app| async move {
        let shop = Teahouse::of(&app);
        shop.become_member("everything", &[]).await?;
        shop.take("first-flush").await?;
        shop.open("/basket").await?;
        shop.press("basket.order").await?;
        shop.press("order.from_account_go").await?;
        let screen = shop.screen().await?;
        let items = screen.items().await?;
        ensure!(items.iter().any(|it| it.contains("배송지")), "{items:#?}");
        ensure!(!items.iter().any(|it| it.contains("약관")), "{items:#?}");
        screen.tick("배송지").await?;
        screen.agree().await?;
        shop.see("notice.item_agreed").await?;
        let address = "SELECT count(*) FROM members WHERE address LIKE '%판교역로 235%'";
        assert_eq!(app.shop().count(address).await?, 1);
        Ok(())
    })
    .await
}

/// Further rows: the rules behind them are tested on the host, in the suite of the shop.
mod matrix {
    use super::*;

    #[tokio::test]
    async fn an_item_that_is_refused_again_can_be_typed() -> Result<()> {
        TestApp::run(Setup::default().with_shop(), |app| async move {
            let shop = Teahouse::of(&app);
            shop.become_member("everything", &[]).await?;
            shop.take("first-flush").await?;
            shop.open("/basket").await?;
            shop.press("basket.order").await?;
            shop.press("order.from_account_go").await?;
            shop.screen().await?.cancel().await?;
            shop.see("notice.item_refused").await?;
            shop.open("/basket").await?;
            shop.press("basket.order").await?;
            shop.heading("order.needs_title").await?;
            shop.fill("field.phone", "010-5555-6666").await?;
            shop.fill("field.address", "경기 성남시 분당구 판교역로 235").await?;
            shop.press("order.go").await?;
            shop.heading("order.placed_title").await
        })
        .await
    }
}
