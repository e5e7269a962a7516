//! What browser translation, form fillers, extensions and page scripts do to the page. The same
//! acts in real engines, with trusted and untrusted events: e2e/tests/browsers/foreign.rs.

use consent_screen::{
    api::ApiError,
    consent::state::{Event, Timer},
    i18n::Locale,
};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, Node};

use crate::mounted::{Mounted, asking, request, settle};

const EMAIL: &str = "value:account_email";

/// Everything required is ticked, and the address that the account lacks is in the field.
async fn ready() -> Mounted {
    let page = asking(request()).await;
    page.press(&page.checkbox("필수 항목 모두 동의")).await;
    page.write(EMAIL, "hana@example.com").await;
    page
}

fn sent_email(page: &Mounted) -> Option<String> {
    let agreement = page.sent()?;
    agreement.personal_info.into_iter().find(|item| item.id == "account_email")?.value
}

fn document() -> web_sys::Document {
    web_sys::window().unwrap().document().unwrap()
}

/// As Google Translate does: each text becomes two nested elements with another text, and what
/// stood there is out of the page.
fn translate(page: &Mounted) {
    fn texts(node: &Node, found: &mut Vec<Node>) {
        if node.node_type() == Node::TEXT_NODE {
            found.push(node.clone());
        }
        let children = node.child_nodes();
        for at in 0..children.length() {
            texts(&children.item(at).unwrap(), found);
        }
    }
    let mut found = Vec::new();
    texts(&page.one("main"), &mut found);
    for node in found.into_iter().filter(|node| !node.text_content().unwrap().trim().is_empty()) {
        let [outer, inner] = [(); 2].map(|()| document().create_element("font").unwrap());
        inner.set_text_content(Some(&format!("«{}»", node.text_content().unwrap())));
        outer.append_child(&inner).unwrap();
        node.parent_node().unwrap().replace_child(&outer, &node).unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_translated_page_still_says_what_is_so() {
    let page = asking(request()).await;
    let tos = page.checkbox("이용약관");
    let fault = "[id='term:tos-fault']";
    page.agree().await;
    translate(&page);
    assert_eq!(page.text(fault), "«동의가 필요합니다.»");
    assert!(page.text("#summary").contains("«"));
    page.press(&tos).await;
    assert_eq!(page.text(fault), "", "a fault goes with what was wrong");
    let nickname = "[id='item:profile_nickname-fault']";
    assert_eq!(
        page.text(nickname),
        "«동의가 필요합니다.»",
        "what still holds keeps its translation"
    );

    page.press(&page.checkbox("필수 항목 모두 동의")).await;
    page.write(EMAIL, "hana").await;
    page.agree().await;
    translate(&page);
    page.write(EMAIL, "hana@example.com").await;
    assert_eq!(page.text(&format!("[id='{EMAIL}-fault']")), "");
    page.agree().await;
    assert_eq!(page.text("#agree-button"), "보내는 중");
    assert_eq!(page.text("[role=status].live-region"), "보내는 중");

    page.form.dispatch(Event::Decided(Err(ApiError::Offline)));
    settle().await;
    translate(&page);
    assert!(page.text(".actions__status").contains("2초"));
    page.form.dispatch(Event::TimerFired(Timer::Second));
    settle().await;
    assert!(page.text(".actions__status p").contains("1초 뒤"), "the countdown goes on");
}

#[wasm_bindgen_test]
async fn a_translated_page_changes_its_language() {
    let page = asking(request()).await;
    translate(&page);
    document().document_element().unwrap().set_attribute("lang", "vi").unwrap();
    page.form.dispatch(Event::LocaleChosen(Locale::EN));
    settle().await;
    assert_eq!(document().document_element().unwrap().get_attribute("lang").unwrap(), "en");
    assert!(!page.text("main").contains('«'), "{}", page.text("main"));
    assert!(page.text("h1").starts_with("Sign up for "));
}

#[wasm_bindgen_test]
async fn names_and_values_are_not_translated_and_texts_are() {
    let page = asking(request()).await;
    for name in ["h1 bdi", ".service__host", ".account bdi", ".row__beside bdi", "select option"] {
        for found in page.all(name) {
            let translate = found.closest("[translate]").unwrap();
            let translate = translate.and_then(|it| it.get_attribute("translate"));
            assert_eq!(translate.as_deref(), Some("no"), "{name}");
        }
        assert!(!page.all(name).is_empty(), "{name}");
    }
    assert!(page.all(".row__label > [translate], .facts [translate], h1[translate]").is_empty());
}

#[wasm_bindgen_test]
async fn a_value_counts_that_came_with_a_change_event_only() {
    let page = ready().await;
    page.field(EMAIL).set_value("filled@example.com");
    page.fires(&page.field(EMAIL), "change").await;
    page.agree().await;
    assert_eq!(sent_email(&page).as_deref(), Some("filled@example.com"));
}

#[wasm_bindgen_test]
async fn a_value_counts_that_came_without_any_event() {
    let page = ready().await;
    page.field(EMAIL).set_value("silent@example.com");
    page.agree().await;
    assert_eq!(sent_email(&page).as_deref(), Some("silent@example.com"));
}

/// What is seen is what is judged: an emptied field is empty, a bad value is bad.
#[wasm_bindgen_test]
async fn a_value_that_was_changed_without_an_event_is_judged() {
    let page = ready().await;
    page.field(EMAIL).set_value("");
    page.agree().await;
    assert_eq!(page.sent(), None);
    assert_eq!(page.text(&format!("[id='{EMAIL}-fault']")), "내용을 입력해 주세요.");
}

#[wasm_bindgen_test]
async fn a_value_of_an_unticked_item_is_not_sent() {
    let mut request = request();
    let item = request.personal_info.items.iter_mut().find(|it| it.id == "account_email");
    item.unwrap().required = false;
    let page = asking(request).await;
    page.press(&page.checkbox("필수 항목 모두 동의")).await;
    page.field(EMAIL).set_value("silent@example.com");
    page.agree().await;
    assert!(page.sent().is_some());
    assert_eq!(sent_email(&page), None);
}

/// While an agreement waits to be sent again, what is on the screen may change without a word.
#[wasm_bindgen_test]
async fn what_waits_is_not_sent_once_the_page_shows_something_else() {
    let page = ready().await;
    page.agree().await;
    page.form.dispatch(Event::Decided(Err(ApiError::Offline)));
    page.field(EMAIL).set_value("another@example.com");
    page.form.dispatch(Event::Online);
    settle().await;
    assert_eq!(page.sent(), None);
    page.agree().await;
    assert_eq!(sent_email(&page).as_deref(), Some("another@example.com"));
}

/// What a script makes of the boxes is not sent; the page shows what the user made of them, says so,
/// and sends that once the user agrees to it.
async fn is_put_back(alter: impl Fn(&Mounted)) {
    let page = ready().await;
    let marketing = "광고성 정보 수신";
    alter(&page);
    page.agree().await;
    assert_eq!(page.sent(), None);
    assert!(page.text("#notice").contains("직접 선택하신 대로"));
    assert!(page.checkbox("이용약관").checked());
    assert!(!page.checkbox(marketing).checked());
    assert_eq!(page.field(EMAIL).value(), "hana@example.com");
    page.agree().await;
    let agreement = page.sent().expect("the boxes are as the user left them");
    assert!(agreement.terms[0].agreed && !agreement.terms[1].agreed);
    assert_eq!(sent_email(&page).as_deref(), Some("hana@example.com"));
}

#[wasm_bindgen_test]
async fn a_box_that_a_script_ticked_is_put_back() {
    is_put_back(|page| page.checkbox("광고성 정보 수신").set_checked(true)).await;
}

#[wasm_bindgen_test]
async fn a_box_that_a_script_unticked_is_put_back() {
    is_put_back(|page| page.checkbox("이용약관").set_checked(false)).await;
}

#[wasm_bindgen_test]
async fn a_box_that_a_script_made_look_undecided_is_put_back() {
    is_put_back(|page| page.checkbox("이용약관").set_indeterminate(true)).await;
    is_put_back(|page| page.checkbox("필수 항목 모두 동의").set_checked(false)).await;
}

#[wasm_bindgen_test]
async fn a_box_that_left_the_page_is_put_back() {
    is_put_back(|page| page.checkbox("광고성 정보 수신").remove()).await;
    is_put_back(|page| page.field(EMAIL).remove()).await;
}

/// As an extension does that looks for words in a page and writes its HTML again: every box is
/// another one, which looks the same and does nothing.
#[wasm_bindgen_test]
async fn rows_that_were_replaced_by_copies_are_put_back() {
    is_put_back(|page| {
        for row in page.all(".row") {
            let copy = row.clone_node_with_deep(true).unwrap();
            row.parent_node().unwrap().replace_child(&copy, &row).unwrap();
        }
    })
    .await;
}

/// The event says that a script made it, so the box shows at once what the user made of it.
#[wasm_bindgen_test]
async fn a_box_that_a_script_ticked_and_said_so_is_put_back_at_once() {
    let page = ready().await;
    let marketing = page.checkbox("광고성 정보 수신");
    marketing.set_checked(true);
    page.fires(&marketing, "change").await;
    assert!(!marketing.checked());
    page.agree().await;
    let agreement = page.sent().expect("nothing is altered any more");
    assert!(!agreement.terms[1].agreed);
}

/// Wrappers, buttons beside the fields, icons, attributes: none of it is in the way.
#[wasm_bindgen_test]
async fn what_extensions_add_is_not_in_the_way() {
    let page = ready().await;
    document()
        .document_element()
        .unwrap()
        .set_attribute("data-darkreader-mode", "dynamic")
        .unwrap();
    let wrap = |element: &Element| {
        let wrapper = document().create_element("div").unwrap();
        element.parent_node().unwrap().replace_child(&wrapper, element).unwrap();
        wrapper.append_child(element).unwrap();
        let button = document().create_element("button").unwrap();
        button.set_attribute("type", "button").unwrap();
        wrapper.append_child(&button).unwrap();
    };
    for element in page.all("main input, main label, .row__fault, .actions__buttons") {
        element.set_attribute("data-gramm", "false").unwrap();
        wrap(&element);
    }
    // With the names and ids of fields that are not theirs.
    for (name, id, value) in
        [("agree", "term:marketing", "term:marketing"), (EMAIL, EMAIL, "other@example.com")]
    {
        let input = document().create_element("input").unwrap();
        for (attribute, value) in [("name", name), ("id", id), ("value", value)] {
            input.set_attribute(attribute, value).unwrap();
        }
        page.one("form.consent__form").prepend_with_node_1(&input).unwrap();
    }
    page.press(&page.checkbox("이용약관")).await;
    page.agree().await;
    assert_eq!(page.text("[id='term:tos-fault']"), "동의가 필요합니다.");
    page.press(&page.checkbox("이용약관")).await;
    page.agree().await;
    assert!(!page.sent().expect("nothing is in the way").terms[1].agreed);
    assert_eq!(sent_email(&page).as_deref(), Some("hana@example.com"));
    document().document_element().unwrap().remove_attribute("data-darkreader-mode").unwrap();
}
