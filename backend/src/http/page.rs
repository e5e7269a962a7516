//! Plain pages of the server's own: for people who would otherwise be shown JSON.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use consent_contract::{in_app::Platform, redirect};
use consent_screen::painting;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    built_page::BuiltPage,
    closing,
    error::Told,
    headers::{self, Policy, Scripts},
    session,
    words::{self, Words},
};
use crate::{App, crypto, locale::Locale};

pub fn router() -> Router<App> {
    Router::new().route("/pages.css", get(style))
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("pages.css"))
}

/// A whole page. `more_styles` come after the screen's own and this server's.
pub fn layout(
    app: &App,
    locale: Locale,
    title: &str,
    more_styles: &[&str],
    main: &Markup,
) -> Response {
    sheet(app, locale, title, more_styles, main, "")
}

fn sheet(
    app: &App,
    locale: Locale,
    title: &str,
    more_styles: &[&str],
    main: &Markup,
    script: &'static str,
) -> Response {
    let body = html! { main class="sheet" { (main) } };
    document(app, locale, title, more_styles, &body, script)
}

fn document(
    app: &App,
    locale: Locale,
    title: &str,
    more_styles: &[&str],
    body: &Markup,
    script: &'static str,
) -> Response {
    // Without a screen the pages have their own style still.
    let screen = BuiltPage::read(app.dist()).unwrap_or_default();
    let page = html! {
        (DOCTYPE)
        html lang=(locale.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) }
                // As they were allowed by their digests: nothing is escaped in a style element.
                @for style in &screen.styles { style { (PreEscaped(style)) } }
                @for sheet in &screen.style_sheets { link rel="stylesheet" href=(sheet); }
                link rel="stylesheet" href="/pages.css";
                @for sheet in more_styles { link rel="stylesheet" href=(sheet); }
                // Without it every page asks for /favicon.ico and is refused.
                link rel="icon" href="/icon.svg" type="image/svg+xml";
            }
            body {
                (body)
                // As it is allowed by its digest.
                @if !script.is_empty() { script type="module" { (PreEscaped(script)) } }
            }
        }
    };
    let script_digests = [crypto::sri(script.as_bytes())];
    let policy = Policy {
        scripts: if script.is_empty() { Scripts::Nothing } else { Scripts::Own(&script_digests) },
        style_digests: &screen.style_digests,
        ..Policy::default()
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy.header()),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.tag())),
    ];
    (headers, page.into_string()).into_response()
}

/// Turns an answer that went wrong into a page when a person is waiting for one: in a browser
/// window, or after sending a form.
pub async fn instead_of_problems(State(app): State<App>, request: Request, next: Next) -> Response {
    let wishes = session::languages(request.headers());
    let locale = Locale::best(wishes.iter().map(String::as_str));
    let accepts_a_page = headers::accepts_a_page(request.headers());
    let sends_a_form = headers::get(request.headers(), header::CONTENT_TYPE)
        .is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"));
    let path = request.uri().path().to_owned();
    let request_headers = request.headers().clone();
    let response = next.run(request).await;
    let Some(told) = response.extensions().get::<Told>().cloned() else { return response };
    // An authorize request that leads nowhere is a person's to read whatever they accept.
    if !(accepts_a_page || sends_a_form || matches!(told, Told::NoWayBack(_))) {
        return response;
    }
    let messenger = session::messenger(&app, &request_headers).await;
    let page = told_page(&app, locale, &told, &path, messenger);
    let (mut parts, _) = response.into_parts();
    let (page_parts, body) = page.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in &page_parts.headers {
        parts.headers.insert(name, value.clone());
    }
    Response::from_parts(parts, body)
}

fn told_page(
    app: &App,
    locale: Locale,
    told: &Told,
    path: &str,
    messenger: Option<Platform>,
) -> Response {
    let script = if messenger.is_some() { closing::SCRIPT } else { "" };
    let plain = |words: Words, detail: Option<&str>| {
        let main = html! {
            h1 { (words.title) }
            p { (words.text) }
            @if let Some(detail) = detail { p class="detail" lang="en" { (detail) } }
            // Whoever sent the form of a screen gets back to it, and can cancel there.
            @if path.starts_with("/consent/") && redirect::is_own_path(path) {
                p { a class="way" href=(path) { (words::open_again(locale)) } }
            }
            @if let Some(platform) = messenger { (closing::button(locale, platform)) }
        };
        sheet(app, locale, words.title, &[], &main, script)
    };
    match told {
        // What the screen has words for, it says itself.
        Told::Problem(problem) => match painting::problem(locale, (**problem).clone()) {
            Some(painted) => {
                let body = match messenger {
                    Some(platform) => closing::in_problem(&painted.body, locale, platform),
                    None => painted.body,
                };
                document(app, locale, &painted.title, &[], &PreEscaped(body), script)
            }
            None => plain(words::of(problem.code, locale), None),
        },
        Told::NoWayBack(reason) => plain(words::no_way_back(locale), Some(reason.as_ref())),
        Told::NotFound => plain(words::not_found(locale), None),
        Told::NoScreen => plain(words::no_screen(locale), None),
    }
}
