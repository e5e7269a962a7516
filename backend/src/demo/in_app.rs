//! "Open as if in KakaoTalk": a browser that pretends to be the messenger's, so that auto-login can be
//! tried without a phone.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use consent_contract::in_app::Platform;
use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};
use maud::html;

use super::{
    PATH,
    words::{self, say},
};
use crate::{
    App,
    http::{
        client_address::ClientAddress,
        error::{PageError, RequestError},
        redirect::see_other,
        session::RequestContext,
        studio,
    },
    locale::Locale,
};

/// The contract's list of browsers.
const USER_AGENTS: &str = include_str!("../../../contract/samples/user-agents.tsv");

/// What it pretends to be: the names that `/demo/start?in_app=` takes.
#[must_use]
pub fn user_agent(name: &str) -> Option<&'static str> {
    let listed = match name {
        "android" => "KakaoTalk on Android\t",
        "ios" => "KakaoTalk on iOS\t",
        _ => return None,
    };
    let line = USER_AGENTS.lines().find(|line| line.starts_with(listed))?;
    line.rsplit('\t').next()
}

pub async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("in_app.css"))
}

/// The browser is itself again.
pub async fn end(State(app): State<App>, context: RequestContext) -> Result<Response, PageError> {
    if let Some(session) = &context.session {
        app.store().set_user_agent(session, None).await?;
    }
    Ok(see_other(PATH))
}

/// Says it on every page of the demo, those of problems among them, and offers the way out. Pages of
/// the studio are no place in the story, and need no session.
pub async fn bar(State(app): State<App>, request: Request, next: Next) -> Response {
    if !app.is_demo() || studio::is_at(&app, request.uri().path()) {
        return next.run(request).await;
    }
    let context =
        RequestContext::of(&app, request.headers(), ClientAddress::of(request.extensions()))
            .await
            .ok();
    let spoofed = context.as_ref().and_then(|it| it.session.as_ref()?.user_agent.as_ref());
    let Some((context, _)) = context.as_ref().zip(spoofed) else {
        return next.run(request).await;
    };
    let response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let page = match to_bytes(body, usize::MAX).await.map(|it| String::from_utf8(it.to_vec())) {
        Ok(Ok(page)) => page,
        _ => {
            return RequestError::Unavailable("a page could not be read".to_owned())
                .into_response();
        }
    };
    let locale = words::language(context.languages.iter().map(String::as_str));
    let settings =
        RewriteStrSettings::new().append_element_content_handler(element!("body", |element| {
            element.prepend(&markup(locale, context.messenger), ContentType::Html);
            Ok(())
        }));
    let page = rewrite_str(&page, settings).unwrap_or(page);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(page))
}

fn markup(locale: Locale, platform: Option<Platform>) -> String {
    let system = match platform {
        Some(Platform::Ios) => "iOS",
        _ => "Android",
    };
    let bar = html! {
        link rel="stylesheet" href="/demo/in-app.css";
        aside class="demo-bar" lang=(locale.tag()) {
            span { (say(locale, words::IN_APP_BAR)) " · " (system) }
            a href="/demo/in-app/end" { (say(locale, words::IN_APP_END)) }
        }
    };
    bar.into_string()
}
