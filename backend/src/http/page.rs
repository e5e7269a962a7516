//! Plain pages of the server's own: for people who would otherwise be shown JSON.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use consent_contract::{problem::Problem, redirect};
use maud::{DOCTYPE, Markup, html};

use super::{
    built_page::BuiltPage,
    error::Told,
    headers::{self, Policy},
    session,
    words::{self, Words},
};
use crate::{App, locale::Locale};

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
    // Without a screen the pages have their own style still.
    let screen = BuiltPage::read(&app.dist().join("index.html")).unwrap_or_default();
    let page = html! {
        (DOCTYPE)
        html lang=(locale.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) }
                @for sheet in &screen.style_sheets { link rel="stylesheet" href=(sheet); }
                link rel="stylesheet" href="/pages.css";
                @for sheet in more_styles { link rel="stylesheet" href=(sheet); }
                // Without it every page asks for /favicon.ico and is refused.
                link rel="icon" href="/icon.svg" type="image/svg+xml";
            }
            body { main class="sheet" { (main) } }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, Policy::default().header()),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.tag())),
    ];
    (headers, page.into_string()).into_response()
}

/// Turns an answer that went wrong into a page when a person is waiting for one: in a browser
/// window, or after sending a form.
pub async fn instead_of_problems(State(app): State<App>, request: Request, next: Next) -> Response {
    let wishes = session::languages(request.headers());
    let locale = Locale::best(wishes.iter().map(String::as_str));
    let accepts_a_page = headers::get(request.headers(), header::ACCEPT)
        .is_some_and(|accept| accept.contains("text/html"));
    let sends_a_form = headers::get(request.headers(), header::CONTENT_TYPE)
        .is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"));
    let response = next.run(request).await;
    let Some(told) = response.extensions().get::<Told>().cloned() else { return response };
    // An authorize request that leads nowhere is a person's to read whatever they accept.
    if !(accepts_a_page || sends_a_form || matches!(told, Told::NoWayBack(_))) {
        return response;
    }
    let (words, detail) = match &told {
        Told::Problem(problem) => (words::of(problem.code, locale), None),
        Told::NoWayBack(reason) => (words::no_way_back(locale), Some(*reason)),
        Told::NotFound => (words::not_found(locale), None),
        Told::NoScreen => (words::no_screen(locale), None),
    };
    let problem = match &told {
        Told::Problem(problem) => Some(&**problem),
        _ => None,
    };
    let main = problem_page(&words, detail, problem);
    let page = layout(&app, locale, words.title, &[], &main);
    let (mut parts, _) = response.into_parts();
    let (page_parts, body) = page.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in &page_parts.headers {
        parts.headers.insert(name, value.clone());
    }
    Response::from_parts(parts, body)
}

fn problem_page(words: &Words, detail: Option<&str>, problem: Option<&Problem>) -> Markup {
    let restart = problem.and_then(|it| it.restart_url.as_deref());
    let onwards = problem.and_then(|it| it.redirect_to.as_deref());
    html! {
        h1 { (words.title) }
        p { (words.text) }
        @if let Some(detail) = detail { p class="detail" lang="en" { (detail) } }
        @if let Some(url) = restart.filter(|url| redirect::is_own_path(url)) {
            p { a class="way" href=(url) { (words.restart) } }
        }
        @if let Some(url) = onwards.filter(|url| redirect::check(url, None).is_ok()) {
            p { a class="way" href=(url) { (words.onwards) } }
        }
    }
}
