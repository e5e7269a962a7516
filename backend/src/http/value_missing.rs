//! The page for a user whose account lacks a value that a service does not go on without, and that the
//! screen cannot ask for.

use axum::{http::StatusCode, response::Response};
use consent_contract::name;
use maud::html;

use super::{
    challenge::LoadedChallenge,
    page::{self, Document},
    session::RequestContext,
    words,
};
use crate::{App, consent::Refusal, locale::Locale};

pub async fn page(app: &App, context: &RequestContext, loaded: &LoadedChallenge<'_>) -> Response {
    let preferred = loaded.authorize.ui_locales.iter().chain(&context.languages);
    let locale = Locale::best(preferred.map(String::as_str));
    let asked = loaded.asked();
    let missing = asked.as_ref().and_then(|asked| asked.unavailable(&loaded.account));
    let label = missing.map_or("", |item| item.label.get(locale.tag()).as_str());
    let service = name::clean(loaded.service.name.get(locale.tag()));
    let pages = words::Pages::of(locale);
    let (title, back) = (pages.value_missing_title, pages.back_to_service);
    let label = name::clean(label);
    let names = [("service", &*service), ("label", &*label)];
    let main = html! {
        h1 { (title) }
        p { (words::with_names(pages.value_missing, &names)) }
        p { a class="way way--primary" href=(loaded.back(Refusal::ValueMissing)) { (back) } }
    };
    let body = page::sheet(&main);
    let look = loaded.service.look.as_deref();
    let page = Document { locale, title, look, more_styles: &[], body, script: "", refresh: None };
    let mut response = page.response(app).await;
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}
