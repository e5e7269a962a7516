//! Plain pages of the server's own: for people who would otherwise be shown JSON.

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use consent_contract::{API, in_app::Platform, page_path, problem::Code, redirect};
use consent_screen::{i18n::texts, ssr};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    account, closing,
    error::{ApiError, PageError},
    headers::{self, Policy, Scripts},
    kakao, session,
    words::{self, Words},
};
use crate::{App, config::Look, crypto, locale::Locale};

pub fn router() -> Router<App> {
    Router::new().route("/pages.css", get(style))
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("pages.css"))
}

/// A whole page. `more_styles` come after the screen's own and this server's.
pub async fn layout(
    app: &App,
    locale: Locale,
    title: &str,
    more_styles: &[&str],
    main: Markup,
) -> Response {
    let body = sheet(&main);
    let look = None;
    Document { locale, title, look, more_styles, body, script: "", refresh: None }
        .response(app)
        .await
}

/// What stands alone on a page.
pub fn sheet(main: &Markup) -> Markup {
    html! { main class="sheet" { (main) } }
}

/// What a page of the server's own is made of.
pub struct Document<'a> {
    pub locale: Locale,
    pub title: &'a str,
    /// Of the service that the page is about.
    pub look: Option<&'a Look>,
    /// Own paths of style sheets, after the screen's own and this server's.
    pub more_styles: &'a [&'a str],
    pub body: Markup,
    /// A module, or nothing.
    pub script: &'static str,
    /// Where the browser goes on to by itself, at once: ASCII.
    pub refresh: Option<&'a str>,
}

impl Document<'_> {
    pub async fn response(self, app: &App) -> Response {
        // Without a screen the pages have their own style still.
        let screen = app.built_page(app.dist()).await.unwrap_or_default();
        let refresh = self.refresh.map(|to| format!("0; url={to}"));
        let direction = texts(self.locale).direction;
        let rtl = (direction != "ltr").then_some(direction);
        let page = html! {
            (DOCTYPE)
            html lang=(self.locale.tag()) dir=[rtl] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                    meta name="robots" content="noindex";
                    meta name="color-scheme" content="light dark";
                    @if let Some(refresh) = &refresh { meta http-equiv="refresh" content=(refresh); }
                    title { (self.title) }
                    // As they were allowed by their digests: nothing is escaped in a style element.
                    @for style in &screen.styles { style { (PreEscaped(style)) } }
                    @for sheet in &screen.style_sheets { link rel="stylesheet" href=(sheet); }
                    link rel="stylesheet" href="/pages.css";
                    @for sheet in self.more_styles { link rel="stylesheet" href=(sheet); }
                    @if let Some(look) = self.look { style { (PreEscaped(&look.css)) } }
                    // Without it every page asks for /favicon.ico and is refused.
                    link rel="icon" href="/icon.svg" type="image/svg+xml";
                }
                body {
                    (self.body)
                    // As it is allowed by its digest.
                    @if !self.script.is_empty() {
                        script type="module" { (PreEscaped(self.script)) }
                    }
                }
            }
        };
        let script_digests = [crypto::sri(self.script.as_bytes())];
        let of_look = self.look.map(|look| look.digest.clone());
        let style_digests: Vec<_> = screen.style_digests.iter().cloned().chain(of_look).collect();
        let policy = Policy {
            scripts: match self.script {
                "" => Scripts::Nothing,
                _ => Scripts::Own(&script_digests),
            },
            style_digests: &style_digests,
            has_fonts: self.look.is_some_and(|look| look.font.is_some()),
            ..Policy::default()
        };
        let kind = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CONTENT_LANGUAGE, HeaderValue::from_static(self.locale.tag())),
        ];
        let mut response = (kind, headers::of_page(&policy), page.into_string()).into_response();
        if let Some(refresh) = refresh.and_then(|it| HeaderValue::try_from(it).ok()) {
            response.headers_mut().insert(header::REFRESH, refresh);
        }
        response
    }
}

/// The page of an error, for the person behind these headers who went to this path. `look` is of the
/// service that the path is about.
pub async fn of_error(
    app: &App,
    client: &HeaderMap,
    path: &str,
    look: Option<&Look>,
    error: &PageError,
) -> Response {
    let accepted = session::languages(client);
    let locale = Locale::best(accepted.iter().map(String::as_str));
    let messenger = session::messenger(app, client).await;
    let script = if messenger.is_some() { closing::SCRIPT } else { "" };
    // The screen's own page, where it has words for the problem.
    let content = match error {
        PageError::Api(error) => error.problem().and_then(|it| ssr::problem(locale, it)),
        PageError::InvalidRedirect(_)
        | PageError::NotSignedIn(_)
        | PageError::Kakao { .. }
        | PageError::NoScreen => None,
    };
    if let Some(content) = content {
        let body = match messenger {
            Some(platform) => closing::in_problem(&content.body, locale, platform),
            None => content.body,
        };
        let (title, body) = (&*content.title, PreEscaped(body));
        let page = Document { locale, title, look, more_styles: &[], body, script, refresh: None };
        return page.response(app).await;
    }
    if let PageError::Kakao { error, .. } = error {
        return kakao::page::of_error(app, locale, error, messenger, look).await;
    }
    let form_page = account::page_of_form(path).filter(|_| !is_misdirected(error));
    let words = match form_page {
        Some(_) if is_refused_form(error) => words::form_refused(locale),
        _ => words(error, locale),
    };
    let detail = match error {
        PageError::InvalidRedirect(reason) => Some(reason.as_ref()),
        _ => None,
    };
    let ways: Vec<_> = match error {
        PageError::NotSignedIn(it) => {
            let again = it.again.as_deref().map(|to| (words::sign_in_again(it.why, locale), to));
            let back = it.back.as_deref().map(|to| (words::back_to_the_service(locale), to));
            again.into_iter().chain(back).collect()
        }
        _ => form_page.map(|page| (words::open_page_again(locale), page)).into_iter().collect(),
    };
    let screen = if is_misdirected(error) { None } else { screen_of(path) };
    let body = sheet(&plain(&words, detail, &ways, screen.as_deref(), locale, messenger));
    let title = words.title;
    let page = Document { locale, title, look, more_styles: &[], body, script, refresh: None };
    page.response(app).await
}

/// Whether the page is shown under another server's name: its own paths lead to that server.
fn is_misdirected(error: &PageError) -> bool {
    error.status() == StatusCode::MISDIRECTED_REQUEST
}

fn words(error: &PageError, locale: Locale) -> Words {
    match error {
        PageError::InvalidRedirect(_) => words::invalid_redirect(locale),
        PageError::NotSignedIn(it) => words::not_signed_in(it.why, locale),
        PageError::Kakao { error, .. } => kakao::words::of(error.koe, locale).user,
        PageError::NoScreen => words::no_screen(locale),
        PageError::Api(error) => api_words(error, locale),
    }
}

fn api_words(error: &ApiError, locale: Locale) -> Words {
    match (error.problem(), error.status()) {
        (Some(problem), _) => words::of(problem.code, locale),
        (None, StatusCode::NOT_FOUND) => words::not_found(locale),
        (None, StatusCode::MISDIRECTED_REQUEST) => words::misdirected(locale),
        (None, status) if status.is_server_error() => words::of(Code::Unavailable, locale),
        (None, _) => words::of(Code::MalformedRequest, locale),
    }
}

/// Whether a form was refused for what it is.
fn is_refused_form(error: &PageError) -> bool {
    let PageError::Api(error) = error else { return false };
    error.problem().is_some_and(|problem| {
        matches!(problem.code, Code::CsrfRejected | Code::MalformedRequest | Code::TooLarge)
    })
}

/// The screen whose form was sent to this path.
fn screen_of(path: &str) -> Option<String> {
    let challenge = path.strip_prefix("/consent/").or_else(|| {
        path.strip_prefix(API)?.strip_prefix("/consents/")?.strip_suffix("/decision")
    })?;
    Some(page_path(challenge)).filter(|path| redirect::is_own_path(path))
}

fn plain(
    words: &Words,
    detail: Option<&str>,
    ways: &[(&str, &str)],
    screen: Option<&str>,
    locale: Locale,
    messenger: Option<Platform>,
) -> Markup {
    html! {
        h1 { (words.title) }
        p { (words.text) }
        @if let Some(detail) = detail { p class="detail" lang="en" { (detail) } }
        @for (label, to) in ways { p { a class="way" href=(to) { (label) } } }
        // The way back to a screen whose form was sent: it can be cancelled there.
        @if let Some(screen) = screen {
            p { a class="way" href=(screen) { (words::open_again(locale)) } }
        }
        @if let Some(platform) = messenger { (closing::button(locale, platform)) }
    }
}
