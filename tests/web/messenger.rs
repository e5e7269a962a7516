//! What differs inside of the messenger, whose browser has no tabs. The same in real user agents:
//! e2e/tests/browsers/in_app.rs.

use consent_contract::{in_app::Platform, problem::Code};
use consent_screen::{
    browser::clock,
    consent::{
        ConsentForm,
        state::{FormState, State, Stop},
    },
};
use js_sys::Reflect;
use wasm_bindgen::{JsValue, closure::Closure};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::mounted::{Mounted, mounted, request};

const CLOSE: &str = ".problem__ways button";
const HINT: &str = ".problem__ways [role=status]";

const INSIDE: [Platform; 3] = [Platform::Android, Platform::Ios, Platform::Other];

async fn showing_in(messenger: Option<Platform>, state: State) -> Mounted {
    mounted(state, |page| ConsentForm::for_page(page).in_messenger(messenger)).await
}

fn problem(code: Code, redirect_to: Option<&str>) -> State {
    let redirect_to = redirect_to.map(Into::into);
    State::Stopped(Stop::Problem { code, restart_url: None, redirect_to, min_age: None })
}

fn leads_nowhere() -> State {
    problem(Code::ChallengeNotFound, None)
}

#[wasm_bindgen_test]
async fn a_problem_that_leads_nowhere_has_a_close_button_inside_of_the_messenger_only() {
    for messenger in INSIDE {
        let page = showing_in(Some(messenger), leads_nowhere()).await;
        assert_eq!(page.text(CLOSE), "창 닫기", "{messenger:?}");
        assert_eq!(page.text(HINT), "", "{messenger:?}: nothing is announced yet");
    }
    let page = showing_in(None, leads_nowhere()).await;
    assert!(page.text(".problem__ways").contains("이 창은 닫아도 됩니다."));
    assert!(page.all(CLOSE).is_empty() && page.all(HINT).is_empty());
}

#[wasm_bindgen_test]
async fn a_problem_that_leads_somewhere_has_no_close_button() {
    let back = "https://shop.example/callback?error=access_denied";
    let page = showing_in(Some(Platform::Android), problem(Code::UnderAge, Some(back))).await;
    assert_eq!(page.all(".problem__ways a").len(), 1);
    assert!(page.all(CLOSE).is_empty());
}

/// A window that no script has opened stays open.
#[wasm_bindgen_test]
async fn a_window_that_stays_open_is_announced() {
    let window = web_sys::window().unwrap();
    let name = JsValue::from_str("close");
    let browsers_own = Reflect::get(&window, &name).unwrap();
    let calls = std::rc::Rc::new(std::cell::Cell::new(0));
    let close = Closure::<dyn Fn()>::new({
        let calls = calls.clone();
        move || calls.set(calls.get() + 1)
    });
    Reflect::set(&window, &name, close.as_ref()).unwrap();

    // Without an address of the messenger's own, which would leave the tests.
    let page = showing_in(Some(Platform::Other), leads_nowhere()).await;
    page.press(&page.one(CLOSE)).await;
    assert_eq!(calls.get(), 1);
    assert_eq!(page.text(HINT), "", "it may still close");
    clock::sleep(1500).await;
    let hint = "창이 닫히지 않으면 화면 위나 아래에 있는 닫기 버튼을 눌러 주세요.";
    assert_eq!(page.text(HINT), hint);
    assert_eq!(page.all(CLOSE).len(), 1, "it can be tried again");
    assert_eq!(calls.get(), 1);

    Reflect::set(&window, &name, &browsers_own).unwrap();
}

#[wasm_bindgen_test]
async fn the_privacy_policy_opens_a_new_window_outside_of_the_messenger_only() {
    let asking = || State::Form(Box::new(FormState::new(std::sync::Arc::new(request()))));
    for messenger in INSIDE.map(Some).into_iter().chain([None]) {
        let page = showing_in(messenger, asking()).await;
        let link = page.one("#privacy-policy");
        let href = link.get_attribute("href");
        assert_eq!(href.as_deref(), Some("https://shop.example/privacy"));
        let is_inside = messenger.is_some();
        let target = (!is_inside).then_some("_blank");
        assert_eq!(link.get_attribute("target").as_deref(), target, "{messenger:?}");
        assert_eq!(page.text("#privacy-policy").contains("(새 창)"), !is_inside, "{messenger:?}");
    }
}
