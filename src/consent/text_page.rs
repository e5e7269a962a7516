//! The full text of a term as a page of its own, for browsers without the app. The form is kept in
//! hidden fields, so that nothing is lost on the way there and back.

use std::sync::Arc;

use consent_contract::{document::Document, name};
use leptos::prelude::*;

use super::{
    back_to_form::BackToForm,
    document_view::{Above, DocumentView},
};
use crate::{
    components::{HEADING_ID, PageHeading, non_empty},
    i18n::Locale,
};

/// The page. `form` holds the fields that the browser sent, and `action` is where they go back to.
#[component]
pub fn TextPage(
    action: String,
    locale: Locale,
    title: String,
    document: Arc<Document>,
    form: Vec<(String, String)>,
) -> impl IntoView {
    view! {
        <main class="page" aria-labelledby=HEADING_ID>
            <div class="consent">
                <header class="consent__header">
                    <PageHeading>{non_empty(name::clean(&title))}</PageHeading>
                </header>
                <div class="consent__text">
                    <DocumentView document locale above=Above::H1/>
                </div>
                <BackToForm action locale form other=None/>
            </div>
        </main>
    }
    .into_any()
}
