//! Where the focus is once the focused element was built again, or has left the page.

use std::sync::Arc;

use consent_contract::{
    decision::Extended,
    request::{ConsentRequest, ConsentState},
};
use consent_screen::{
    api::ApiError,
    consent::{
        ConsentForm, ids,
        state::{Event, FormState, State, Timer},
    },
    i18n::Locale,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::mounted::{Mounted, focused, mounted, next_frame, request};

const MORE_TIME: &str = "dialog .dialog__actions .button--quiet";

/// Mounts the page that asks, with a backend that never answers: the tests do.
async fn asking() -> Mounted {
    let state = State::Form(Box::new(FormState::new(Arc::new(request()))));
    mounted(state, |page| ConsentForm::for_preview(page, Arc::new(|_| None))).await
}

/// What happens, one after another, and the frame after each.
async fn happen(page: &Mounted, events: impl IntoIterator<Item = Event>) {
    for event in events {
        page.form.dispatch(event);
        next_frame().await;
    }
}

fn loaded(request: ConsentRequest) -> Event {
    Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request))))
}

fn extended(expires_in: u32) -> Event {
    Event::Extended(Ok(Extended { expires_in }))
}

fn focus(element: &HtmlElement) {
    element.focus().unwrap();
    assert_eq!(focused(), **element, "it takes the focus");
}

#[track_caller]
fn is_kept(before: &HtmlElement) {
    assert!(!before.is_connected(), "the form was built again");
    assert_eq!(focused().id(), before.id());
}

#[wasm_bindgen_test]
async fn another_language_keeps_the_focus_on_the_list_of_languages() {
    let page = asking().await;
    let list = page.one("#language");
    focus(&list);
    let mut english = request();
    english.locale = "en".into();
    happen(&page, [Event::LocaleChosen(Locale::EN)]).await;
    assert!(page.text("h1").starts_with("Sign up for "));
    is_kept(&list);
    let list = page.one("#language");
    happen(&page, [loaded(english)]).await;
    is_kept(&list);
}

/// The list keeps the focus while there is no answer in the other language, however long that takes.
#[wasm_bindgen_test]
async fn another_language_that_cannot_be_loaded_keeps_the_focus_on_the_list_of_languages() {
    let page = asking().await;
    let list = page.one("#language");
    focus(&list);
    let offline = || Event::RequestLoaded(Err(ApiError::Offline));
    happen(&page, [Event::LocaleChosen(Locale::EN), offline()]).await;
    is_kept(&list);
    assert_eq!(page.text(".actions__status button"), "Try again now");
    let mut english = request();
    english.locale = "en".into();
    happen(&page, [Event::RetryClicked, loaded(english)]).await;
    is_kept(&list);
}

#[wasm_bindgen_test]
async fn a_form_that_was_loaded_again_after_a_retry_keeps_the_focus() {
    for id in ["term:tos", "value:account_email", ids::CANCEL_BUTTON] {
        let page = asking().await;
        page.press(&page.checkbox("필수 항목 모두 동의")).await;
        let offline = Event::RequestLoaded(Err(ApiError::Offline));
        happen(&page, [Event::Restored, offline, Event::RetryClicked]).await;
        let control = page.one(&format!("[id='{id}']"));
        focus(&control);
        happen(&page, [loaded(request())]).await;
        is_kept(&control);
        assert!(page.checkbox("이용약관").checked());
    }
}

/// The button that was clicked is gone, and has no successor.
#[wasm_bindgen_test]
async fn the_heading_has_the_focus_after_a_retry_by_its_button() {
    let page = asking().await;
    let offline = Event::RequestLoaded(Err(ApiError::Offline));
    happen(&page, [Event::Restored, offline]).await;
    let retry = page.one(".actions__status button");
    focus(&retry);
    page.press(&retry).await;
    assert_eq!(focused(), *retry, "while it is being loaded");
    happen(&page, [loaded(request())]).await;
    assert!(!retry.is_connected());
    assert_eq!(focused().id(), "heading");
}

/// Nothing had the focus, so nothing takes it: a screen reader goes on where it was.
#[wasm_bindgen_test]
async fn a_form_that_was_loaded_again_takes_no_focus() {
    let page = asking().await;
    happen(&page, [Event::Restored, loaded(request())]).await;
    assert_eq!(focused().tag_name(), "BODY");
}

/// Everything but the dialog is inert while it is open.
#[wasm_bindgen_test]
async fn more_time_can_be_asked_for_inside_of_the_dialog_of_a_text() {
    let page = asking().await;
    happen(&page, [Event::TextOpened("tos".into())]).await;
    assert!(page.one("dialog").has_attribute("open"));
    assert!(page.all(MORE_TIME).is_empty(), "there is time");
    happen(&page, [Event::TimerFired(Timer::ExpiresSoon)]).await;
    assert!(page.text("dialog .dialog__actions [role=status]").contains("1분"));
    let more_time = page.one(MORE_TIME);
    assert_eq!(more_time.text_content().as_deref(), Some("시간 연장"));

    focus(&more_time);
    page.press(&more_time).await;
    assert!(page.one("dialog").has_attribute("open"), "the text stays open");
    happen(&page, [extended(30)]).await;
    assert_eq!(focused(), *more_time, "time is still short");
    happen(&page, [extended(900)]).await;
    assert!(!more_time.is_connected() && page.all(MORE_TIME).is_empty());
    assert_eq!(page.text("dialog .dialog__actions [role=status]"), "");
    assert_eq!(focused().id(), ids::TEXT_BOX, "where the text can be read on");
}

#[wasm_bindgen_test]
async fn the_button_that_agrees_has_the_focus_once_there_is_more_time() {
    let page = asking().await;
    happen(&page, [Event::TimerFired(Timer::ExpiresSoon)]).await;
    let more_time = page.one(".actions__status button");
    focus(&more_time);
    page.press(&more_time).await;
    happen(&page, [extended(900)]).await;
    assert!(!more_time.is_connected());
    assert_eq!(focused().id(), ids::AGREE_BUTTON);

    // A user who moved the focus meanwhile keeps it.
    happen(&page, [Event::TimerFired(Timer::ExpiresSoon)]).await;
    let field: HtmlElement = page.field("value:account_email").unchecked_into();
    page.press(&page.checkbox("필수 항목 모두 동의")).await;
    focus(&field);
    happen(&page, [extended(900)]).await;
    assert_eq!(focused(), *field);
}
