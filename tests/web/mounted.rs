//! A page in a place of its own, looked at as a person would: by role and name.

use std::sync::Arc;

use consent_contract::{
    decision::{Agreement, Decision},
    request::{ConsentRequest, ConsentState},
};
use consent_screen::{
    consent::{
        ConsentForm, ConsentPage,
        state::{FormState, Page, Phase, State},
    },
    i18n::Locale,
};
use leptos::{mount::UnmountHandle, prelude::*, tachys::view::any_view::AnyViewState};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event, EventInit, HtmlElement, HtmlInputElement};

/// Taken away again when dropped.
pub struct Mounted {
    pub form: ConsentForm,
    root: HtmlElement,
    _handle: UnmountHandle<AnyViewState>,
}

pub fn request() -> ConsentRequest {
    match ConsentState::from_json(include_str!("../../contract/samples/ask.json")) {
        Ok(ConsentState::Ask(request)) => *request,
        other => panic!("the sample asks: {other:?}"),
    }
}

/// Mounts the page that asks a request.
pub async fn asking(request: ConsentRequest) -> Mounted {
    showing(State::Form(Box::new(FormState::new(Arc::new(request))))).await
}

/// Mounts the page in a state.
pub async fn showing(state: State) -> Mounted {
    mounted(state, ConsentForm::for_page).await
}

/// Mounts the page in a state, with a form that can do more than show it.
pub async fn mounted(state: State, form: impl FnOnce(Page) -> ConsentForm) -> Mounted {
    let document = web_sys::window().unwrap().document().unwrap();
    let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
    document.body().unwrap().append_child(&root).unwrap();
    let owner = Owner::new();
    let form = owner.with(|| form(Page { locale: Locale::KO, state }));
    let handle = mount_to(root.clone(), move || view! { <ConsentPage form/> }.into_any());
    // Kept for as long as the page: the state lives in it.
    std::mem::forget(owner);
    settle().await;
    Mounted { form, root, _handle: handle }
}

/// Waits until effects have run.
pub async fn settle() {
    leptos::task::tick().await;
    leptos::task::tick().await;
}

/// Waits until the next frame, in which the focus moves.
pub async fn next_frame() {
    settle().await;
    let frame = js_sys::Promise::new(&mut |resolve, _| {
        web_sys::window().unwrap().request_animation_frame(&resolve).unwrap();
    });
    JsFuture::from(frame).await.unwrap();
}

/// The element with the focus; the body when no element has it.
pub fn focused() -> Element {
    web_sys::window().unwrap().document().unwrap().active_element().unwrap()
}

impl Mounted {
    pub fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.root.query_selector_all(selector).unwrap();
        (0..found.length()).filter_map(|at| found.item(at)).map(JsCast::unchecked_into).collect()
    }

    pub fn one(&self, selector: &str) -> HtmlElement {
        let mut found = self.all(selector);
        assert_eq!(found.len(), 1, "{selector}");
        found.remove(0).unchecked_into()
    }

    pub fn text(&self, selector: &str) -> String {
        self.one(selector).text_content().unwrap_or_default()
    }

    /// The checkbox whose label says this.
    pub fn checkbox(&self, label: &str) -> HtmlInputElement {
        let labels = self.all("label");
        let label = labels
            .iter()
            .find(|found| found.text_content().unwrap_or_default().contains(label))
            .unwrap_or_else(|| panic!("no label says {label}"));
        let id = label.get_attribute("for").unwrap();
        let input = self.all("input").into_iter().find(|input| input.id() == id);
        input.expect("a label names its input").unchecked_into()
    }

    pub async fn press(&self, element: &HtmlElement) {
        element.click();
        settle().await;
    }

    /// The text field with this id.
    pub fn field(&self, id: &str) -> HtmlInputElement {
        self.one(&format!("input[id='{id}']")).unchecked_into()
    }

    /// Types as a user does: the field has the text when the event comes.
    pub async fn write(&self, id: &str, text: &str) {
        self.field(id).set_value(text);
        self.fires(&self.field(id), "input").await;
    }

    /// An event that a script makes.
    pub async fn fires(&self, element: &HtmlElement, event: &str) {
        let init = EventInit::new();
        init.set_bubbles(true);
        let event = Event::new_with_event_init_dict(event, &init).unwrap();
        element.dispatch_event(&event).unwrap();
        settle().await;
    }

    /// Presses the button that agrees.
    pub async fn agree(&self) {
        self.press(&self.one("#agree-button")).await;
    }

    /// The values of an agreement that is being sent; none while nothing is.
    pub fn sent(&self) -> Option<Agreement> {
        self.form.page.with_untracked(|page| match &page.form()?.phase {
            Phase::Submitting { decision, .. } => match &**decision {
                Decision::Agree(agreement) => Some(agreement.clone()),
                Decision::Cancel(_) => None,
            },
            _ => None,
        })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.root.remove();
    }
}
