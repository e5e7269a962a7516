//! The child's page: it asks for the guardian's address, and shows how far the request is.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode},
    response::Response,
    routing::post,
};
use consent_contract::{API, name, request::Collect, value};
use maud::{Markup, html};

use super::words::{self, ChildWords};
use crate::{
    App,
    audit::{Actor, Event, Reason, Record},
    consent::{self, GuardianConsent, GuardianState, LINK_LIFETIME, NoLink, Refusal},
    crypto,
    guardian_mail::Message,
    http::{
        body::Size,
        challenge::LoadedChallenge,
        continue_page,
        error::ApiError,
        page::{self, Document},
        session::RequestContext,
    },
    locale::Locale,
    store::NewGuardianLink,
};

/// The field of the guardian's address.
const EMAIL: &str = "email";

pub fn router() -> Router<App> {
    Router::new().route("/api/v1/consents/{challenge}/guardian", post(ask))
}

/// Why no link was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    BadAddress,
    NotSent,
    TooMany,
    RefusedBefore,
}

/// The page for a child that needs a guardian. `challenge` is the name of the challenge.
pub async fn page(
    app: &App,
    context: &RequestContext,
    loaded: &LoadedChallenge<'_>,
    challenge: &str,
) -> Response {
    render(app, context, loaded, challenge, None).await
}

fn locale(context: &RequestContext, loaded: &LoadedChallenge<'_>) -> Locale {
    let preferred = loaded.authorize.ui_locales.iter().chain(&context.languages);
    Locale::best(preferred.map(String::as_str))
}

async fn render(
    app: &App,
    context: &RequestContext,
    loaded: &LoadedChallenge<'_>,
    challenge: &str,
    fault: Option<Fault>,
) -> Response {
    let locale = locale(context, loaded);
    let consent = loaded.standing.grant.guardian.clone().unwrap_or_default();
    let state = consent.state(app.now());
    let words = words::child(state, locale);
    let link = consent.may_send_link(app.now());
    let fault = fault.map(|fault| words::fault(fault.index(), locale));
    let main = html! {
        h1 { (words.title) }
        p { (words.text) }
        p { (words::service(locale)) bdi translate="no" { (name::clean(loaded.service.name.get(locale.tag()))) } }
        @if let (GuardianState::Waiting, Some(contact)) = (state, &consent.contact) {
            p class="detail" { (words::sent_to(locale)) bdi translate="no" { (contact) } }
        }
        @if let Some(link) = demo_link(app, state, &consent) {
            p { a class="way" href=(link) { (words::open_in_demo(locale)) } }
        }
        @if state == GuardianState::Waiting {
            p { a class="way way--primary" href=(loaded.authorize.restart_url()) { (words.look_again) } }
        }
        @if link.is_ok() {
            (form(loaded, challenge, &words, fault, locale, state != GuardianState::Waiting))
        } @else if let Some(fault) = fault {
            p role="alert" { (fault) }
        }
        p { a class="way" href=(loaded.back(Refusal::GuardianNeeded)) { (words::back(locale)) } }
    };
    let (title, body) = (words.title, page::sheet(&main));
    let look = loaded.service.look.as_deref();
    let page = Document { locale, title, look, more_styles: &[], body, script: "", refresh: None };
    let mut response = page.response(app).await;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    response
}

fn form(
    loaded: &LoadedChallenge<'_>,
    challenge: &str,
    words: &ChildWords,
    fault: Option<&str>,
    locale: Locale,
    is_primary: bool,
) -> Markup {
    // While an answer is awaited, looking for it comes first.
    let button = if is_primary { "way way--primary" } else { "way" };
    html! {
        form method="post" action={ (API) "/consents/" (challenge) "/guardian" } {
            input type="hidden" name="csrf_token" value=(loaded.csrf_token());
            div class="field" {
                label class="field__hint" for=(EMAIL) { (words::address(locale)) }
                input class="field__input" id=(EMAIL) name=(EMAIL) type="email" required
                    autocomplete="off" aria-describedby="fault" aria-invalid=[fault.map(|_| "true")];
                p class="row__fault" id="fault" role="alert" { (fault.unwrap_or_default()) }
            }
            p { button type="submit" class=(button) { (words.send) } }
        }
    }
}

/// The link of the last message, in the demo.
fn demo_link(app: &App, state: GuardianState, consent: &GuardianConsent) -> Option<String> {
    let contact = consent.contact.as_ref().filter(|_| state == GuardianState::Waiting)?;
    let message = app.guardian_mailer()?.last_in_demo(|to| consent::mask_email(to) == *contact)?;
    Some(message.link)
}

impl Fault {
    fn index(self) -> usize {
        self as usize
    }
}

/// Sends the link.
async fn ask(
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
    let field = |name: &str| form.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value);
    loaded.not_decided(&context).await?;
    loaded.open_to(&context)?;
    loaded.check_csrf(field("csrf_token"))?;
    let restart = loaded.authorize.restart_url();
    let refusal = loaded.refusal(loaded.asked().as_ref());
    if refusal == Some(Refusal::GuardianNeeded) {
        let Ok(address) = value::normalise(Collect::Email, field(EMAIL)) else {
            return Ok(render(&app, &context, &loaded, &challenge, Some(Fault::BadAddress)).await);
        };
        if let Err(fault) = send(&app, &context, &loaded, address).await? {
            return Ok(render(&app, &context, &loaded, &challenge, Some(fault)).await);
        }
    }
    // The page of the new state, or the screen when no guardian is needed any more.
    Ok(continue_page::to(&app, &loaded, &context, &form, &restart).await)
}

async fn send(
    app: &App,
    context: &RequestContext,
    loaded: &LoadedChallenge<'_>,
    address: String,
) -> Result<Result<(), Fault>, ApiError> {
    let now = app.now();
    let consent = loaded.standing.grant.guardian.clone().unwrap_or_default();
    match consent.may_send_link(now) {
        Ok(()) => {}
        Err(NoLink::TooMany) => return Ok(Err(Fault::TooMany)),
        Err(NoLink::Refused) => return Ok(Err(Fault::RefusedBefore)),
    }
    let Some(mailer) = app.guardian_mailer() else { return Ok(Err(Fault::NotSent)) };
    let token = crypto::random_token();
    let link = NewGuardianLink {
        account: &loaded.account.id,
        service: &loaded.service.client_id,
        token: &token,
        query: &loaded.challenge.query,
        contact: &consent::mask_email(&address),
        now,
        expires_at: now + LINK_LIFETIME,
        counted: consent.counted(now),
    };
    app.store().open_guardian_link(&link).await?;
    let locale = locale(context, loaded);
    let url = format!("{}/guardian/{token}", app.origin());
    let service = name::clean(loaded.service.name.get(locale.tag()));
    let child = name::clean(&loaded.account.nickname);
    let mail = words::mail(locale, &service, &child, &url);
    let message = Message {
        to: address,
        locale: locale.tag().to_owned(),
        subject: mail.subject,
        text: mail.text,
        link: url,
    };
    let about = |record: Record<'_>| {
        app.record(record.at(&*loaded.service.client_id).of(&*loaded.account.id));
    };
    if let Err(reason) = mailer.send(message).await {
        tracing::error!(%reason, "a link to a guardian could not be sent");
        app.store().close_guardian_link(&token).await?;
        about(Record::failed(Event::GuardianLink, Actor::User, Reason::NotSent));
        return Ok(Err(Fault::NotSent));
    }
    about(Record::done(Event::GuardianLink, Actor::User));
    Ok(Ok(()))
}
