use consent_contract::{
    document::Document,
    item::ItemKey,
    request::{AgreeAllPolicy, AgreedTerm, Mode, Purpose, Relation, Term},
};
use consent_screen::consent::state::{Event, Timer};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::mounted::{asking, request, settle};

#[wasm_bindgen_test]
async fn nothing_is_ticked_for_the_person() {
    let page = asking(request()).await;
    assert!(page.all("input[type=checkbox]").len() > 5);
    assert!(page.all("input:checked, input:indeterminate, input[checked]").is_empty());
    assert_eq!(
        page.one("form.consent__form").get_attribute("autocomplete").as_deref(),
        Some("off")
    );
}

#[wasm_bindgen_test]
async fn every_box_has_a_label_that_says_whether_it_is_required() {
    let page = asking(request()).await;
    for (label, word) in [
        ("이용약관", "[필수]"),
        ("광고성 정보 수신", "[선택]"),
        ("이메일", "[필수]"),
        ("한옥마켓 채널 추가", "[선택]"),
    ] {
        let id = page.checkbox(label).id();
        let text = page.text(&format!("label[for='{id}']"));
        assert!(text.starts_with(word), "{text}");
    }
    // Nothing is nested in a label but text.
    assert!(page.all("label a, label button, .row label input").is_empty());
}

#[wasm_bindgen_test]
async fn agree_all_shows_what_its_items_are() {
    let page = asking(request()).await;
    let all = page.checkbox("필수 항목 모두 동의");
    page.press(&page.checkbox("이용약관")).await;
    assert!(all.indeterminate() && !all.checked());
    page.press(&all).await;
    assert!(all.checked() && !all.indeterminate());
    assert!(page.checkbox("이메일").checked());
    assert!(!page.checkbox("광고성 정보 수신").checked(), "optional items are chosen one by one");
    page.press(&all).await;
    assert!(!all.checked() && !page.checkbox("이용약관").checked());
}

#[wasm_bindgen_test]
async fn agree_to_everything_says_so_and_has_a_twin() {
    let mut request = request();
    request.agree_all = AgreeAllPolicy::Everything;
    let page = asking(request).await;
    page.press(&page.checkbox("선택 항목 포함")).await;
    assert!(page.checkbox("광고성 정보 수신").checked());
    page.press(&page.one(".agree-all button")).await;
    assert!(!page.checkbox("광고성 정보 수신").checked() && page.checkbox("이용약관").checked());
}

/// Milliseconds for a tick among so many terms, the browser's own work left out.
async fn a_tick_among(count: usize) -> f64 {
    let mut request = request();
    let term = request.terms[1].clone();
    request.terms =
        (0..count).map(|at| Term { tag: format!("news_{at}"), ..term.clone() }).collect();
    let page = asking(request).await;
    let clock = web_sys::window().unwrap().performance().unwrap();
    let mut fastest = f64::MAX;
    for at in 0..5 {
        let key = ItemKey::Term(format!("news_{at}"));
        let begin = clock.now();
        page.form.dispatch(Event::Toggled(key.clone(), true));
        settle().await;
        fastest = fastest.min(clock.now() - begin);
        assert!(page.one(&format!("input[id='{key}']")).matches(":checked").unwrap());
    }
    fastest
}

/// One row changes. What each row has to do adds up to the number of rows, never to its square.
#[wasm_bindgen_test]
async fn a_tick_takes_time_by_the_number_of_items_at_most() {
    let (few, many) = (a_tick_among(150).await, a_tick_among(1500).await);
    assert!(many < 20.0 * few.max(0.5), "{few} ms among 150, {many} ms among 1500");
}

#[wasm_bindgen_test]
async fn what_is_missing_is_listed_linked_and_marked() {
    let page = asking(request()).await;
    page.press(&page.one(".actions__buttons .button--primary")).await;
    let links = page.all(".summary a");
    assert_eq!(links.len(), 3);
    assert_eq!(links[0].get_attribute("href").as_deref(), Some("#term:tos"));
    let tos = page.checkbox("이용약관");
    assert_eq!(tos.get_attribute("aria-invalid").as_deref(), Some("true"));
    page.press(&tos).await;
    assert_eq!(tos.get_attribute("aria-invalid"), None);
    assert_eq!(page.all(".summary a").len(), 2);
}

#[wasm_bindgen_test]
async fn a_missing_value_is_asked_for_when_its_box_is_ticked() {
    let page = asking(request()).await;
    let input = page.one("input[id='value:account_email']");
    assert_eq!(input.get_attribute("inputmode").as_deref(), Some("email"));
    assert_eq!(input.get_attribute("autocomplete").as_deref(), Some("email"));
    assert!(page.all("input[id='value:phone_number']").is_empty(), "the account has a number");
    page.press(&page.checkbox("필수 항목 모두 동의")).await;
    page.write("value:account_email", "hana").await;
    page.press(&page.one(".actions__buttons .button--primary")).await;
    assert_eq!(input.get_attribute("aria-invalid").as_deref(), Some("true"));
    let said = input.get_attribute("aria-describedby").unwrap();
    assert!(page.text(&format!("[id='{said}']")).contains("name@example.com"));
}

#[wasm_bindgen_test]
async fn while_it_is_sent_the_buttons_keep_the_focus_and_do_nothing() {
    let page = asking(request()).await;
    page.press(&page.checkbox("필수 항목 모두 동의")).await;
    page.write("value:account_email", "hana@example.com").await;
    let agree = page.one(".actions__buttons .button--primary");
    page.press(&agree).await;
    assert_eq!(agree.get_attribute("aria-disabled").as_deref(), Some("true"));
    assert!(!agree.has_attribute("disabled"));
    assert_eq!(agree.text_content().as_deref(), Some("보내는 중"));
    assert_eq!(page.text("[role=status].live-region"), "보내는 중");
    page.press(&page.checkbox("이용약관")).await;
    assert!(page.checkbox("이용약관").checked(), "a refused change is not shown as made");
}

#[wasm_bindgen_test]
async fn the_text_opens_in_a_dialog_and_closing_it_agrees_to_nothing() {
    let page = asking(request()).await;
    let open = page
        .all(".row button")
        .into_iter()
        .find(|b| b.text_content().unwrap().contains("이용약관"))
        .unwrap();
    page.press(&wasm_bindgen::JsCast::unchecked_into(open)).await;
    assert!(page.one("dialog").has_attribute("open"));
    page.form.dispatch(Event::TextLoaded(Ok(Document {
        tag: "tos".into(),
        version: "2026-11-01".into(),
        title: "이용약관".into(),
        locale: "ko".into(),
        digest: "sha256-tos".into(),
        effective_from: "2026-11-01".into(),
        blocks: serde_json::from_str(r#"[{"type":"heading","level":2,"text":"제1조"},{"type":"paragraph","text":"<img src=x onerror=alert(1)>"}]"#).unwrap(),
    })));
    settle().await;
    assert_eq!(page.text("dialog h3"), "제1조");
    assert!(page.text("dialog .document p").contains("<img"), "text is text");
    assert!(page.all("dialog img").is_empty());
    page.press(&page.one(".dialog__actions button")).await;
    assert!(!page.one("dialog").has_attribute("open"));
    assert!(!page.checkbox("이용약관").checked());
}

#[wasm_bindgen_test]
async fn the_channel_is_there_only_when_the_rule_offers_it() {
    assert_eq!(asking(request()).await.all("input[type=checkbox][id^='channel:']").len(), 1);
    let mut hidden = request();
    hidden.channels[0].relation = Relation::Blocked;
    let page = asking(hidden).await;
    assert!(page.all("[id^='channel:']").is_empty());
    assert!(!page.text("main").contains("채널"));
}

#[wasm_bindgen_test]
async fn a_test_service_an_unverified_one_and_what_was_agreed_before_are_shown() {
    let mut request = request();
    request.service.mode = Mode::Test;
    request.service.verified = false;
    request.purpose = Purpose::AdditionalConsent;
    request.already_agreed.terms = vec![AgreedTerm {
        tag: "old".into(),
        title: "옛 약관".into(),
        version: "1".into(),
        agreed_at: "2026-10-01T00:00:00Z".into(),
    }];
    let page = asking(request).await;
    let text = page.text("main");
    for words in [
        "테스트용",
        "사업자 미확인",
        "이미 동의한 항목 1개",
        "2026년 10월 1일에 동의",
        "추가 동의 요청",
    ] {
        assert!(text.contains(words), "{words}");
    }
}

#[wasm_bindgen_test]
async fn names_are_cleaned_and_kept_apart() {
    let mut request = request();
    request.service.name = "evil\u{202e}pohs<b>".into();
    let page = asking(request).await;
    assert_eq!(page.text("h1 bdi"), "evilpohs<b>");
}

#[wasm_bindgen_test]
async fn time_running_out_is_said_and_can_be_put_off() {
    let page = asking(request()).await;
    page.form.dispatch(Event::TimerFired(Timer::ExpiresSoon));
    settle().await;
    assert!(page.text(".actions__status").contains("시간"));
    assert!(page.text("[role=status].live-region").contains("1분"));
    assert_eq!(page.text(".actions__status button"), "시간 연장");
}

#[wasm_bindgen_test]
async fn enter_in_a_field_cannot_cancel() {
    let page = asking(request()).await;
    // The browser presses the first submit button of the field's own form, in the order of the page.
    let inside = "form.consent__form button:not([form=cancel-form])";
    let buttons = page.all(&format!("{inside}, button[form=consent-form]"));
    assert_eq!(buttons[0].id(), "agree-on-enter");
    assert_eq!(buttons[0].get_attribute("value").as_deref(), Some("agree"));
    let agree = buttons.last().unwrap();
    assert_eq!(agree.text_content().as_deref(), Some("동의하고 계속하기"));
}
