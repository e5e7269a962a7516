//! The full text of a term, in a dialog. Closing it agrees to nothing.

use std::sync::Arc;

use consent_contract::{document::Document, name};
use leptos::prelude::*;

use super::{
    ConsentForm,
    document_view::{Above, DocumentView},
    ids::TEXT_BOX,
    page::announcement,
    state::{Event, FormState, TermText},
};
use crate::{
    components::{Button, Dialog, Keyed, Variant, initial_text, non_empty, reactive_text},
    i18n::{self, Locale},
};

const ID: &str = "text";
const TITLE_ID: &str = "text-title";

/// The content of the dialog. It is built again when this changes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Closed,
    Loading { tag: String },
    Open { tag: String },
    Failed { tag: String },
}

impl Content {
    fn of(form: &FormState) -> Self {
        match &form.text {
            TermText::Closed => Self::Closed,
            TermText::Loading { tag } => Self::Loading { tag: tag.clone() },
            TermText::Open { tag, .. } => Self::Open { tag: tag.clone() },
            TermText::Failed { tag } => Self::Failed { tag: tag.clone() },
        }
    }
}

#[component]
pub fn TermTextDialog(locale: Locale) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let content = form.select(|page| page.form().map_or(Content::Closed, Content::of));
    let is_open = form.select_form(|form| form.text != TermText::Closed);
    let close = Callback::new(move |()| form.dispatch(Event::TextClosed));
    // While the dialog is open the rest of the page is inert, so the dialog announces, too.
    let announcement = announcement(form);
    let expires_soon = form.select_form(|form| form.expires_soon && form.is_open());
    let more_time = Callback::new(move |()| form.dispatch(Event::MoreTimeClicked));
    let texts = i18n::texts(locale);
    let view = move |content| match content {
        Content::Closed => ().into_any(),
        Content::Loading { tag } => view! {
            <div>
                <Title tag/>
                <p role="status">{texts.loading}</p>
            </div>
        }
        .into_any(),
        Content::Open { tag } => {
            let document = document(form);
            let text = document.map(|document| {
                view! { <DocumentView document locale above=Above::H2/> }
            });
            view! { <div><Title tag/> {text}</div> }.into_any()
        }
        Content::Failed { tag } => {
            let retry = Callback::new(move |()| form.dispatch(Event::TextRetried));
            view! {
                <div>
                    <Title tag/>
                    <div>
                        <p role="alert">{texts.text_failed}</p>
                        <Button variant=Variant::Link on_click=retry>{texts.retry}</Button>
                    </div>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <Dialog id=ID labelled_by=TITLE_ID open=is_open on_close=close>
            // Long text scrolls inside the dialog: the scrollable box must be reachable by keyboard.
            // It takes the focus when the dialog opens, and keeps it while the text loads.
            <div
                class="dialog__scroll"
                id=TEXT_BOX
                tabindex="0"
                role="group"
                aria-labelledby=TITLE_ID
            >
                <Keyed key=content view/>
            </div>
            <div class="dialog__actions">
                <p role="status" use:reactive_text=Signal::from(announcement)>
                    {initial_text(announcement.into())}
                </p>
                <Show when=move || expires_soon.get()>
                    <Button variant=Variant::Link on_click=more_time>{texts.more_time}</Button>
                </Show>
                <Button variant=Variant::Secondary on_click=close>{texts.close}</Button>
            </div>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Title(tag: String) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let title = form.page.with_untracked(|page| {
        let terms = &page.form()?.request.terms;
        terms.iter().find(|term| term.tag == tag).map(|term| name::clean(&term.title))
    });
    view! { <h2 class="dialog__title" id=TITLE_ID>{non_empty(title.unwrap_or_default())}</h2> }
}

fn document(form: ConsentForm) -> Option<Arc<Document>> {
    form.page.with_untracked(|page| match &page.form()?.text {
        TermText::Open { document, .. } => Some(document.clone()),
        TermText::Closed | TermText::Loading { .. } | TermText::Failed { .. } => None,
    })
}
