//! Error pages of Kakao's dialect: the code, the cause and, for the developer, the remedy.

use axum::response::Response;
use consent_contract::in_app::Platform;
use consent_screen::i18n::texts;
use maud::html;

use super::words;
use crate::{
    App,
    config::{Dialect, Look},
    consent::Refusal,
    http::{
        auth_status::AuthContext,
        closing,
        error::{ApiError, PageError, RequestError},
        page::{Document, sheet},
    },
    kakao::{
        authorize,
        koe::{Koe, KoeError},
    },
    locale::Locale,
    oauth::request::{AuthorizeRequest, Prompt},
};

/// The page of an error.
pub async fn of_error(
    app: &App,
    locale: Locale,
    error: &KoeError,
    messenger: Option<Platform>,
    look: Option<&Look>,
) -> Response {
    let words = words::of(error.koe, locale);
    let (for_developers, cause, remedy) = words::labels(locale);
    let of_developers = words::for_developers(locale);
    let is_other = of_developers != locale;
    let language = is_other.then(|| of_developers.tag());
    let direction = is_other.then(|| texts(of_developers).direction);
    let main = html! {
        h1 { (words.user.title) }
        p { (words.user.text) }
        div lang=[language] dir=[direction] {
            h2 { (for_developers) " " (error.koe.code()) }
            p { (cause) ": " (words.cause) }
            p class="detail" lang="en" { (error.description) }
            p { (remedy) ": " (words.remedy) }
        }
        @if let Some(platform) = messenger { (closing::button(locale, platform)) }
    };
    let script = if messenger.is_some() { closing::SCRIPT } else { "" };
    let title = words.user.title;
    let body = sheet(&main);
    Document { locale, title, look, more_styles: &[], body, script, refresh: None }
        .response(app)
        .await
}

/// KOE003 in the place of a fault on our side, when the request names a Kakao app.
#[must_use]
pub fn in_dialect(app: &App, query: &str, error: PageError) -> PageError {
    let PageError::Api(ApiError::Request(cause @ RequestError::Unavailable(_))) = error else {
        return error;
    };
    match authorize::read(query, app.catalog()) {
        Ok(Some(_)) => PageError::Kakao {
            error: Koe::Unavailable.because("the server cannot answer now"),
            cause: Some(cause),
        },
        _ => PageError::Api(ApiError::Request(cause)),
    }
}

/// KOE005, for a signed-in account that is no member of a test app. `prompt=none` shows no page.
#[must_use]
pub fn outside_test_app(auth: &AuthContext<'_>, request: &AuthorizeRequest) -> Option<KoeError> {
    let is_shown = request.dialect == Dialect::Kakao
        && request.prompt != Some(Prompt::None)
        && auth.refusal == Some(Refusal::NotATestMember);
    is_shown.then(|| Koe::NotATestMember.because("the account is no member of the test app"))
}
