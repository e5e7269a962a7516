//! The account pages: agree, see it, withdraw one item, leave, come back.

mod events;
mod receipt;

use anyhow::{Context, Result, ensure};
use consent_e2e::browser::Browser;
use consent_e2e::engine::Device;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use std::cell::Cell;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, Key};

use crate::keyboard::{press, tab_to};

const SHOP: &str = "/account/services/demo-shop";

/// Counts what a user presses.
struct Clicks<'a> {
    browser: &'a Browser,
    count: Cell<u32>,
}

impl<'a> Clicks<'a> {
    fn of(browser: &'a Browser) -> Self {
        Self { browser, count: Cell::new(0) }
    }

    async fn press(&self, role: Role, name: &str) -> Result<()> {
        self.count.set(self.count.get() + 1);
        self.browser.press(role, name).await
    }
}

/// Signs up with what is required and the phone number.
async fn sign_up(browser: &Browser) -> Result<String> {
    let screen = Consent::of(browser, "new", "demo-shop", "").await?;
    screen.tick_required().await?;
    screen.tick("전화번호").await?;
    screen.agree().await?;
    demo::signed_up(browser).await?;
    demo::claim(browser, "sub").await?.context("a user id")
}

#[tokio::test]
async fn a_user_withdraws_leaves_and_comes_back() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let user_id = sign_up(browser).await?;

        browser.press(Role::Link, "동의 내역 확인 및 철회").await?;
        browser.find(Role::Heading, "내 동의 관리").await?;
        browser.see("전화번호").await?;
        browser.press(Role::Link, "한옥마켓 동의 관리").await?;
        browser.find(Role::Heading, "한옥마켓 동의 관리").await?;
        browser.press(Role::Link, "이용약관 내용 보기").await?;
        browser.see("제1조 목적").await?;
        browser.press(Role::Link, "한옥마켓 동의 관리").await?;

        browser.press(Role::Button, "전화번호 철회").await?;
        browser.see("‘전화번호’ 동의를 철회했습니다").await?;
        let title = browser.driver.title().await?;
        ensure!(title.starts_with("‘전화번호’ 동의를 철회했습니다"), "{title}");
        ensure!(!browser.has(Role::Button, "전화번호 철회").await?, "it can be withdrawn once");

        // Going back and forward sends no form again.
        browser.driver.back().await?;
        browser.driver.forward().await?;
        browser.find(Role::Heading, "한옥마켓 동의 관리").await?;

        browser.press(Role::Link, "이용약관 철회 방법").await?;
        browser.see("‘이용약관’ 동의는 서비스 이용에 꼭 필요하므로").await?;
        browser.press(Role::Button, "연결 끊기").await?;
        browser.see("연결을 끊었습니다").await?;
        browser.go("/account").await?;
        browser.see("연결된 서비스가 없습니다").await?;

        demo::sign_up(browser, "new", "demo-shop", "").await?;
        let screen = Consent::asking(browser).await?;
        assert_eq!(screen.ticked().await?, [""; 0]);
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(demo::claim(browser, "sub").await?, Some(user_id), "the same user");
        assert_eq!(demo::claim(browser, "phone_number").await?, None);
        Ok(())
    })
    .await
}

/// GDPR 7(3), PIPA 38: withdrawing is no harder than agreeing.
#[tokio::test]
async fn withdrawing_takes_no_more_clicks_than_agreeing() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        // One optional item, on a screen that asks for it alone.
        demo::sign_up(browser, "returning", "demo-travel", "scope=phone_number").await?;
        Consent::asking(browser).await?;
        let agreeing = Clicks::of(browser);
        agreeing.press(Role::Checkbox, "전화번호").await?;
        // The screen ignores clicks of its first moments (SEC-50).
        tokio::time::sleep(consent_e2e::pages::consent::A_MOMENT).await;
        agreeing.press(Role::Button, "동의하고 계속하기").await?;
        demo::signed_up(browser).await?;

        // From the list of services, as the screen was the beginning, too.
        browser.go("/account").await?;
        let withdrawing = Clicks::of(browser);
        withdrawing.press(Role::Link, "바람여행 동의 관리").await?;
        withdrawing.press(Role::Button, "전화번호 철회").await?;
        browser.see("동의를 철회했습니다").await?;
        assert_eq!(agreeing.count.get(), 2);
        ensure!(withdrawing.count.get() <= agreeing.count.get(), "{}", withdrawing.count.get());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn withdrawing_and_leaving_need_no_pointer() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        browser.go("/demo/login?account=returning&return_to=/account").await?;
        browser.find(Role::Heading, "내 동의 관리").await?;
        tab_to(browser, "한옥마켓 동의 관리").await?;
        press(browser, Key::Enter).await?;
        browser.find(Role::Heading, "한옥마켓 동의 관리").await?;
        tab_to(browser, "전화번호 철회").await?;
        press(browser, Key::Enter).await?;
        browser.see("‘전화번호’ 동의를 철회했습니다").await?;
        // The browser goes on from what was just stated.
        tab_to(browser, "연결 끊기").await?;
        press(browser, Key::Enter).await?;
        browser.find(Role::Heading, "한옥마켓 연결을 끊을까요?").await?;
        tab_to(browser, "연결 끊기").await?;
        press(browser, Key::Enter).await?;
        browser.see("연결을 끊었습니다").await?;
        Ok(())
    })
    .await
}

/// By CSS and by keyboard: with scripts off, the driver's own scripts do not run either.
async fn press_css(browser: &Browser, css: &str) -> Result<()> {
    let found = browser.driver.query(By::Css(css)).first().await;
    found.with_context(|| format!("no {css}"))?.send_keys(Key::Enter + "").await?;
    Ok(())
}

#[tokio::test]
async fn withdrawing_and_leaving_work_with_scripts_switched_off() -> Result<()> {
    TestApp::run(Setup::default().device(Device::Desktop).without_scripts(), |app| async move {
        let browser = &app.browser;
        browser.go("/demo/login?account=returning&return_to=/account").await?;
        press_css(browser, "a[href='/account/services/demo-shop']").await?;
        browser.arrive(SHOP).await?;
        press_css(browser, "button[value='item:phone_number']").await?;
        browser.arrive(&format!("{SHOP}?withdrawn=")).await?;
        let notice = browser.driver.query(By::Css("#notice strong")).first().await?;
        assert_eq!(notice.text().await?, "‘전화번호’ 동의를 철회했습니다");
        press_css(browser, "a.button[href$='/leave']").await?;
        browser.arrive(&format!("{SHOP}/leave")).await?;
        press_css(browser, "form[action$='/leave'] button").await?;
        browser.arrive(&format!("{SHOP}?left=")).await?;
        browser.go("/account").await?;
        let former = browser.driver.query(By::Css("[aria-labelledby=former] a")).first().await?;
        assert_eq!(former.text().await?, "한옥마켓");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn signing_out_everywhere_ends_the_session_of_the_page() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        browser.go("/demo/login?account=returning&return_to=/account/sessions").await?;
        browser.see("현재 기기").await?;
        browser.press(Role::Button, "모든 기기에서 로그아웃").await?;
        browser.find(Role::Heading, "모든 기기에서 로그아웃했습니다").await?;
        browser.go("/account").await?;
        browser.arrive("/demo?return_to=").await?;
        Ok(())
    })
    .await
}
