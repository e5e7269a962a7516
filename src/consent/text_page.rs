//! The full text of a term as a page of its own, for browsers without the app. The form is kept in
//! hidden fields, so that nothing is lost on the way there and back.

use std::sync::Arc;

use consent_contract::{
    self as contract,
    document::Document,
    form::{SHOW, field},
    name,
};
use leptos::prelude::*;

use super::document_view::{Above, DocumentView};
use crate::{
    components::{HEADING_ID, PageHeading, Variant, non_empty},
    i18n::{self, Locale},
};

/// The page. `form` holds the fields that the browser sent.
#[component]
pub fn TextPage(
    challenge: String,
    locale: Locale,
    title: String,
    document: Arc<Document>,
    form: Vec<(String, String)>,
) -> impl IntoView {
    let fields: Vec<_> = form
        .into_iter()
        .filter(|(name, _)| name != field::DECISION)
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    view! {
        <main class="page" aria-labelledby=HEADING_ID>
            <div class="consent">
                <header class="consent__header">
                    <PageHeading>{non_empty(name::clean(&title))}</PageHeading>
                </header>
                <div class="consent__text">
                    <DocumentView document locale above=Above::H1/>
                </div>
                <div class="actions">
                    <form class="cancel" method="post" action=contract::page_path(&challenge)>
                        {fields}
                        <button
                            type="submit"
                            class=Variant::Secondary.class()
                            name=field::DECISION
                            value=SHOW
                        >
                            {i18n::texts(locale).close}
                        </button>
                    </form>
                </div>
            </div>
        </main>
    }
    .into_any()
}
