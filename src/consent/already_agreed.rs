//! Earlier consents, collapsed: they are not asked again.

use consent_contract::request::AlreadyAgreed;
use leptos::prelude::*;

use crate::{
    components::UntrustedText,
    i18n::{self, Locale, date, fill},
};

#[component]
pub fn AlreadyAgreedSection(agreed: AlreadyAgreed, locale: Locale) -> impl IntoView {
    let texts = i18n::texts(locale);
    let terms = agreed.terms.into_iter().map(|term| (term.title, term.agreed_at));
    let items = agreed.personal_info.into_iter().map(|item| (item.label, item.agreed_at));
    let rows: Vec<_> = terms
        .chain(items)
        .map(|(title, agreed_at)| {
            let on = fill(texts.agreed_on, &date(locale, &agreed_at));
            view! {
                <li>
                    <UntrustedText text=title/>
                    " "
                    <time class="already-agreed__when" datetime=agreed_at>{on}</time>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        let summary = texts.count(texts.already_agreed, rows.len());
        view! {
            <details class="already-agreed" id="already-agreed">
                <summary id="already-agreed-summary">{summary}</summary>
                <ul>{rows}</ul>
            </details>
        }
    })
}
