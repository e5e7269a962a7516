//! A network and a backend in trouble: nothing is sent that the person did not mean, nothing is
//! lost, and cancel works.

use anyhow::{Result, bail};
use bytes::Bytes;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Scene, Setup, play};
use hyper::{Method, Response};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The address of a request, as far as all have it in common.
const REQUEST: &str = "/api/v1/consents/";

/// An answer whose JSON is not what the backend sent.
fn changed(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Fault {
    Fault::Rewrite(Box::new(move |answer: &mut Response<Bytes>| {
        let mut json = serde_json::from_slice(answer.body()).expect("the backend sends JSON");
        change(&mut json);
        *answer.body_mut() = json.to_string().into();
    }))
}

/// Breaks the first answer of each request like this, and expects the screen to say that it
/// cannot be shown, to agree to nothing, and to let the person cancel.
async fn is_refused_and_can_be_cancelled(broken: impl Fn() -> Fault) -> Result<()> {
    let fault = broken();
    play(Setup::default(), |scene| async move {
        let browser = &scene.browser;
        scene.proxy.fault(Method::GET, REQUEST, None, fault);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Heading, "화면을 열 수 없습니다").await?;
        browser.see("아무것도 보내지 않았습니다.").await?;
        browser.find(Role::Button, "다시 시도").await?;
        assert!(browser.all(Role::Checkbox).await?.is_empty(), "nothing can be agreed to");
        assert_eq!(scene.proxy.count(&Method::POST, REQUEST), 0);
        browser.press(Role::Button, "취소").await?;
        demo::cancelled(browser).await?;
        cancelled_or_nothing(&scene).await
    })
    .await
}

async fn cancelled_or_nothing(scene: &Scene) -> Result<()> {
    for decision in scene.decisions().await? {
        assert_eq!(decision.decision, "cancel");
    }
    Ok(())
}

#[tokio::test]
async fn truncated_json_is_not_shown() -> Result<()> {
    is_refused_and_can_be_cancelled(|| {
        Fault::Rewrite(Box::new(|answer| {
            let half = answer.body().len() / 2;
            answer.body_mut().truncate(half);
        }))
    })
    .await
}

#[tokio::test]
async fn wrong_types_are_not_shown() -> Result<()> {
    is_refused_and_can_be_cancelled(|| {
        changed(|json| json["terms"][0]["required"] = "yes, certainly".into())
    })
    .await
}

#[tokio::test]
async fn a_term_of_an_unknown_kind_is_not_shown() -> Result<()> {
    is_refused_and_can_be_cancelled(|| {
        changed(|json| json["terms"][2]["kind"] = "telepathy".into())
    })
    .await
}

#[tokio::test]
async fn a_page_in_place_of_the_answer_is_not_shown() -> Result<()> {
    is_refused_and_can_be_cancelled(|| Fault::Replace {
        status: 200,
        content_type: "text/html",
        body: "<h1>502 Bad Gateway</h1>".into(),
    })
    .await
}

#[tokio::test]
async fn what_could_not_be_read_can_be_tried_again() -> Result<()> {
    play(Setup::default(), |scene| async move {
        let browser = &scene.browser;
        let page = Fault::Replace { status: 200, content_type: "text/html", body: "?".into() };
        scene.proxy.fault(Method::GET, REQUEST, Some(1), page);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.press(Role::Button, "다시 시도").await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_taken_up_again_by_itself() -> Result<()> {
    play(Setup::default(), |scene| async move {
        scene.forgive("net::ERR_CONTENT_LENGTH_MISMATCH");
        let browser = &scene.browser;
        scene.proxy.fault(Method::GET, REQUEST, Some(1), Fault::Truncate(100));
        Consent::of(browser, "new", "demo-shop", "").await?;
        assert_eq!(scene.proxy.count(&Method::GET, REQUEST), 2);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_page_in_place_of_the_receipt_is_no_receipt() -> Result<()> {
    play(Setup::default(), |scene| async move {
        let browser = &scene.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let ticked = screen.ticked().await?;
        let page = Fault::Replace { status: 200, content_type: "text/html", body: "?".into() };
        scene.proxy.fault(Method::POST, "*/decision", Some(1), page);
        screen.agree().await?;
        browser.see("보내지 못했습니다. 고른 내용은 그대로 있습니다. 다시 눌러 주세요.").await?;
        assert_eq!(screen.ticked().await?, ticked);
        assert_eq!(scene.decisions().await?, []);
        screen.agree().await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_backend_in_trouble_is_asked_again_by_itself() -> Result<()> {
    play(Setup::default(), |scene| async move {
        scene.forgive("the server responded with a status of 503");
        let browser = &scene.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let busy = Fault::Replace { status: 503, content_type: "text/plain", body: "?".into() };
        scene.proxy.fault(Method::POST, "*/decision", Some(2), busy);
        screen.agree().await?;
        browser.see("지금은 요청이 많습니다. 고른 내용은 그대로 있습니다.").await?;
        demo::signed_up(browser).await?;
        assert_eq!(scene.proxy.count(&Method::POST, "*/decision"), 3);
        assert_eq!(scene.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_waits_to_be_sent_is_called_off_by_a_change() -> Result<()> {
    play(Setup::default(), |scene| async move {
        scene.forgive("net::ERR_EMPTY_RESPONSE");
        let browser = &scene.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        scene.proxy.fault(Method::POST, "*/decision", None, Fault::Drop);
        screen.agree().await?;
        // The third wait is eight seconds: time enough to change one's mind.
        browser.see("8초 뒤 다시 시도합니다.").await?;
        screen.tick("이용약관").await?;
        scene.proxy.heal();
        browser.see_no_more("다시 시도합니다.").await?;
        let sent = scene.proxy.count(&Method::POST, "*/decision");
        screen.cancel().await?;
        demo::cancelled(browser).await?;
        assert_eq!(scene.proxy.count(&Method::POST, "*/decision"), sent + 1);
        let decisions = scene.decisions().await?;
        assert_eq!(decisions.len(), 1);
        assert_eq!(decisions[0].decision, "cancel");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn silence_is_given_up_and_cancel_works_all_the_while() -> Result<()> {
    play(Setup::default(), |scene| async move {
        let browser = &scene.browser;
        let silence = Fault::Delay(Duration::from_secs(30));
        scene.proxy.fault(Method::GET, REQUEST, None, silence);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        // Longer than anything else takes here: the screen waits fifteen seconds for an answer.
        let deadline = Instant::now() + Duration::from_secs(28);
        while !browser.text().await?.contains("답이 오지 않습니다.") {
            if Instant::now() > deadline {
                bail!("the screen waits without end:\n{}", browser.text().await?);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        browser.press(Role::Button, "취소").await?;
        demo::cancelled(browser).await?;
        cancelled_or_nothing(&scene).await
    })
    .await
}

#[tokio::test]
async fn the_screen_never_goes_to_a_script() -> Result<()> {
    play(Setup::default(), |scene| async move {
        let browser = &scene.browser;
        let done = Fault::Replace {
            status: 200,
            content_type: "application/json",
            body: r#"{"state":"done","redirect_to":"javascript:document.title='taken'"}"#.into(),
        };
        scene.proxy.fault(Method::GET, REQUEST, None, done);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Heading, "이동할 수 없는 주소입니다").await?;
        browser.see("서비스로 직접 돌아가 주세요.").await?;
        assert_ne!(browser.driver.title().await?, "taken");
        browser.press(Role::Button, "취소").await?;
        demo::cancelled(browser).await?;
        cancelled_or_nothing(&scene).await
    })
    .await
}

#[tokio::test]
async fn after_agreeing_too_the_screen_never_goes_to_a_script_or_to_a_stranger() -> Result<()> {
    for target in ["javascript:document.title='taken'", "https://stranger.example/?code=1"] {
        play(Setup::default(), |scene| async move {
            scene.forgive("the server responded with a status of 410");
            let browser = &scene.browser;
            let screen = Consent::of(browser, "new", "demo-shop", "").await?;
            screen.tick_required().await?;
            let rewrite = changed(move |json| json["redirect_to"] = target.into());
            scene.proxy.fault(Method::POST, "*/decision", None, rewrite);
            screen.agree().await?;
            browser.find(Role::Heading, "이동할 수 없는 주소입니다").await?;
            assert!(browser.address().await?.starts_with("/consent/"), "{target}");
            assert_ne!(browser.driver.title().await?, "taken");

            // It is recorded all the same, and asking again finds the true way on.
            browser.press(Role::Button, "다시 시도").await?;
            browser.find(Role::Heading, "이미 답하셨습니다").await?;
            browser.press(Role::Link, "계속하기").await?;
            demo::signed_up(browser).await?;
            assert_eq!(scene.decisions().await?.len(), 1);
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn offline_while_sending_keeps_the_ticks_and_sends_by_itself() -> Result<()> {
    play(Setup::default(), |scene| async move {
        scene.forgive("net::ERR_EMPTY_RESPONSE");
        let browser = &scene.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.tick("전화번호").await?;
        let ticked = screen.ticked().await?;
        scene.proxy.fault(Method::POST, "*/decision", None, Fault::Drop);
        screen.agree().await?;
        browser.see("연결이 끊겼습니다. 고른 내용은 그대로 있습니다.").await?;
        assert_eq!(screen.ticked().await?, ticked);
        assert_eq!(scene.decisions().await?, []);

        scene.proxy.heal();
        demo::signed_up(browser).await?;
        let decisions = scene.decisions().await?;
        assert_eq!(decisions.len(), 1);
        let items = scene.items(&decisions[0].receipt_id).await?;
        let phone = items.iter().find(|item| item.key == "item:phone_number");
        assert!(phone.is_some_and(|item| item.agreed), "{items:#?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_text_that_changed_meanwhile_is_named_and_must_be_agreed_to_again() -> Result<()> {
    play(Setup::default(), |scene| async move {
        scene.forgive("the server responded with a status of 409");
        let browser = &scene.browser;
        // The person is shown an older text than the one in force when the answer comes.
        let older = changed(|json| {
            json["terms"][0]["digest"] =
                "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into()
        });
        scene.proxy.fault(Method::GET, REQUEST, Some(1), older);
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.tick("전화번호").await?;
        screen.agree().await?;
        browser.see("내용이 바뀌어 동의를 풀었습니다. 다시 확인해 주세요: 이용약관").await?;
        assert!(!screen.is_ticked("이용약관").await?);
        for kept in ["개인정보 수집 및 이용", "닉네임", "이메일", "전화번호"] {
            assert!(screen.is_ticked(kept).await?, "{kept}");
        }
        assert_eq!(scene.decisions().await?, []);

        screen.tick("이용약관").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(scene.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_power_failure_after_agreeing_loses_nothing() -> Result<()> {
    play(Setup::default(), |scene| async move {
        scene.forgive("the server responded with a status of 410");
        let browser = &scene.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        let address = browser.address().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        let before = scene.decisions().await?;
        scene.fail_power().await?;
        assert_eq!(scene.decisions().await?, before);
        browser.go(&address).await?;
        browser.find(Role::Heading, "이미 답하셨습니다").await?;
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}
