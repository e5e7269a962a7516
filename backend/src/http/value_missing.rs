//! The page for a user whose account lacks a value that a service does not go on without, and that the
//! screen cannot ask for.

use axum::{http::StatusCode, response::Response};
use consent_contract::name;
use maud::{Markup, html};

use super::{
    challenge::LoadedChallenge,
    page::{self, Document},
    session::RequestContext,
};
use crate::{App, consent::Refusal, locale::Locale};

pub async fn page(app: &App, context: &RequestContext, loaded: &LoadedChallenge<'_>) -> Response {
    let preferred = loaded.authorize.ui_locales.iter().chain(&context.languages);
    let locale = Locale::best(preferred.map(String::as_str));
    let asked = loaded.asked();
    let missing = asked.as_ref().and_then(|asked| asked.unavailable(&loaded.account));
    let label = missing.map_or("", |item| item.label.get(locale.tag()).as_str());
    let service = name::clean(loaded.service.name.get(locale.tag()));
    let (title, back) = match locale {
        Locale::Ko => ("계정에 필요한 정보가 없습니다", "서비스로 돌아가기"),
        Locale::En => ("Your account lacks something", "Back to the service"),
        Locale::Ja => ("アカウントに必要な情報がありません", "サービスに戻る"),
    };
    let main = html! {
        h1 { (title) }
        p { (explanation(locale, &service, &name::clean(label))) }
        p { a class="way way--primary" href=(loaded.back(Refusal::ValueMissing)) { (back) } }
    };
    let body = page::sheet(&main);
    let page = Document { locale, title, more_styles: &[], body, script: "", refresh: None };
    let mut response = page.response(app).await;
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// The names are kept apart from our words: they may be written from right to left.
fn explanation(locale: Locale, service: &str, label: &str) -> Markup {
    let (service, label) = (html! { bdi { (service) } }, html! { bdi { (label) } });
    match locale {
        Locale::Ko => html! {
            (service) " 서비스는 다음 정보 없이는 이용할 수 없습니다: " (label)
            ". 계정에 이 정보를 등록한 뒤 다시 시도해 주세요."
        },
        Locale::En => html! {
            (service) " cannot be used without this: " (label)
            ". Add it to your account, then try again."
        },
        Locale::Ja => html! {
            (service) "を利用するには、次の情報が必要です：" (label)
            "。アカウントに登録してから、もう一度お試しください。"
        },
    }
}
