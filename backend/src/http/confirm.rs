//! The page on which a member confirms that an app may sign them in.
//!
//! A client without a secret is known by its redirect URI alone, and any program on the user's
//! machine can listen on a loopback port or claim an app's own scheme. So no code goes there without
//! the user (RFC 8252, 8.6).

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Method},
    response::Response,
};
use consent_contract::{API, decision_path, name, redirect};
use maud::{Markup, html};

use super::{
    auth_status,
    body::Size,
    challenge::LoadedChallenge,
    continue_page,
    error::ApiError,
    page::{self, Document},
    response_mode,
    session::RequestContext,
    words,
};
use crate::{App, config::Service, crypto, locale::Locale, oauth::request::AuthorizeRequest};

/// Whether a code for this request needs the user. What is delivered to an https address reaches its
/// owner, and what is delivered to this server reaches no one else.
#[must_use]
pub fn is_needed(own_origin: &str, service: &Service, request: &AuthorizeRequest) -> bool {
    let origin = redirect::origin(&request.redirect_uri).unwrap_or_default();
    // In Kakao's dialect a connected user gets a code at once (Kakao Login REST), and apps without a
    // client secret are common.
    let is_public = service.client_secret.is_none() && service.kakao.is_none();
    is_public && !origin.starts_with("https:") && origin != own_origin
}

/// The question. `challenge` is the name of the challenge, which asks nothing.
pub async fn page(
    app: &App,
    context: &RequestContext,
    loaded: &LoadedChallenge<'_>,
    challenge: &str,
) -> Response {
    let preferred = loaded.authorize.ui_locales.iter().chain(&context.languages);
    let locale = Locale::best(preferred.map(String::as_str));
    let words = words::confirm(locale);
    let (go_on, cancel) = words::confirm_buttons(locale);
    let service = name::clean(loaded.service.name.get(locale.tag()));
    let main = html! {
        h1 { (question(locale, &service, &loaded.account.nickname)) }
        p { (words.text) }
        form method="post" action={ (API) "/consents/" (challenge) "/continue" } {
            input type="hidden" name="csrf_token" value=(loaded.csrf_token());
            input type="hidden" name="locale" value=(locale.tag());
            p { button type="submit" class="way way--primary" { (go_on) } }
            p {
                button type="submit" class="way"
                    formaction=(decision_path(challenge)) name="decision" value="cancel" {
                    (cancel)
                }
            }
        }
    };
    let (title, body) = (words.title, page::sheet(&main));
    let look = loaded.service.look.as_deref();
    Document { locale, title, look, more_styles: &[], body, script: "", refresh: None }
        .response(app)
        .await
}

fn question(locale: Locale, service: &str, account: &str) -> Markup {
    let names = [("service", service), ("account", account)];
    words::with_names(words::Pages::of(locale).confirm_question, &names)
}

/// The user has confirmed: a code, or the start of the request when something has to be asked now.
pub async fn confirm(
    State(app): State<App>,
    context: RequestContext,
    Path(challenge): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (loaded, unread) =
        LoadedChallenge::answerable(&app, &context, &challenge, &method, &headers, body).await?;
    let form = unread.form(Size::SMALL).await?;
    loaded.not_decided(&context).await?;
    loaded.open_to(&context)?;
    let token = form.iter().find(|(name, _)| name == "csrf_token");
    loaded.check_csrf(token.map_or("", |(_, token)| token))?;
    let to = confirmed(&app, &loaded).await?;
    Ok(continue_page::to(&app, &loaded, &context, &form, &to).await)
}

/// Where the browser goes once the user has confirmed.
///
/// # Errors
/// Why the account is refused, or when the database cannot be written.
pub async fn confirmed(app: &App, loaded: &LoadedChallenge<'_>) -> Result<String, ApiError> {
    let asked = loaded.asked();
    if let Some(refusal) = loaded.refusal(asked.as_ref()) {
        loaded.record_refusal(refusal);
        return Err(loaded.refused(refusal));
    }
    if asked.is_some() {
        return Ok(loaded.authorize.restart_url());
    }
    loaded.consume_pushed().await?;
    let (request, code) = (&loaded.authorize, crypto::random_token());
    let (session, signed_in) = (loaded.challenge.session, loaded.challenge.signed_in);
    let owner = (session, &*loaded.account.id);
    let new = auth_status::new_code(app, request, owner, &code, signed_in);
    app.store().new_code(&new).await?;
    Ok(response_mode::with_code(app, request, &code))
}
