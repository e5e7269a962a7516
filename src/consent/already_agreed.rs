//! What was agreed to earlier, folded: it is not asked again.

use consent_contract::{name, request::ConsentRequest};
use leptos::prelude::*;

use crate::i18n::{Locale, date, fill};

pub fn view(request: &ConsentRequest, locale: Locale) -> impl IntoView + use<> {
    let texts = locale.texts();
    let agreed = &request.already_agreed;
    let terms = agreed.terms.iter().map(|term| (&term.title, &term.agreed_at));
    let items = agreed.personal_info.iter().map(|item| (&item.label, &item.agreed_at));
    let rows: Vec<_> = terms
        .chain(items)
        .map(|(title, agreed_at)| {
            let when = fill(texts.agreed_on, &date(locale, agreed_at));
            view! {
                <li>
                    <bdi>{name::clean(title)}</bdi>
                    " "
                    <time class="already-agreed__when" datetime=agreed_at.clone()>{when}</time>
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <details class="already-agreed">
                <summary>{fill(texts.already_agreed, &rows.len().to_string())}</summary>
                <ul>{rows}</ul>
            </details>
        }
    })
}
