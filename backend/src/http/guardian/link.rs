//! The guardian's page: the consent screen for a child, behind a link that can be answered once.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode},
    response::Response,
    routing::get,
};
use consent_contract::{
    acceptance::Objection,
    decision::Decision,
    draft::{Draft, SubmitAction},
    form, name,
    request::ConsentRequest,
};
use consent_screen::{
    consent::{
        GuardianFields, guardian_field,
        state::{FormState, Notice},
    },
    ssr,
};
use maud::html;

use super::words;
use crate::{
    App,
    config::Service,
    consent::{self, Asked, Refusal, TypedBirthday},
    crypto,
    http::{
        body::{Size, Unread},
        built_page::BuiltPage,
        challenge::LoadedChallenge,
        consent_page::{self, built},
        error::{ApiError, PageError, RequestError},
        page::{self, Document},
        session::{self, Protection, RequestContext},
    },
    locale::Locale,
    receipt::Guardian,
    store::{
        Granted, GuardianAnswer, GuardianLink, NewDecision, NewGrant, Outcome, ReceiptItem, Written,
    },
};

/// How often a decision is checked again because another one on the same service was faster.
const MOST_CHECKS: usize = 20;

/// The longest name of a guardian, in characters.
const LONGEST_NAME: usize = 60;

pub fn router() -> Router<App> {
    Router::new().route("/guardian/{token}", get(open).post(sent))
}

/// Why a link shows no form, or what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Answered, replaced by another link, or never sent.
    Unknown,
    Expired,
    /// The child has come of age, or asks for nothing any more.
    NotNeeded,
    Agreed,
    Refused,
}

impl Ended {
    fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Expired | Self::NotNeeded => StatusCode::GONE,
            Self::Agreed | Self::Refused => StatusCode::OK,
        }
    }
}

/// An open link, and what it asks.
struct Opened<'a> {
    link: GuardianLink,
    loaded: LoadedChallenge<'a>,
}

impl<'a> Opened<'a> {
    /// What the guardian is asked; none when no guardian is needed.
    fn asked(&self) -> Option<Asked<'a>> {
        let refusal = self.loaded.refusal(self.loaded.asked().as_ref());
        if refusal != Some(Refusal::GuardianNeeded) {
            return None;
        }
        self.loaded.asked_of_guardian()
    }
}

async fn opened<'a>(app: &'a App, token: &str) -> Result<Result<Opened<'a>, Ended>, ApiError> {
    let Some(link) = app.store().guardian_link(token).await? else {
        return Ok(Err(Ended::Unknown));
    };
    if link.expires_at <= app.now() {
        return Ok(Err(Ended::Expired));
    }
    match LoadedChallenge::of_guardian(app, &link).await {
        Ok(loaded) => Ok(Ok(Opened { link, loaded })),
        Err(ApiError::ChallengeNotFound) => Ok(Err(Ended::Unknown)),
        Err(error) => Err(error),
    }
}

async fn open(
    State(app): State<App>,
    context: RequestContext,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let built = built(&app).await?;
    let opened = match opened(&app, &token).await? {
        Ok(opened) => opened,
        Err(ended) => return Ok(end(&app, &context, None, ended).await),
    };
    let service = opened.loaded.service;
    let built = built.for_service(Some(service));
    let Some(asked) = opened.asked() else {
        return Ok(end(&app, &context, Some(service), Ended::NotNeeded).await);
    };
    let languages: Vec<&str> = context.languages.iter().map(String::as_str).collect();
    let language = opened.loaded.service.locale(languages).to_owned();
    let message = Arc::new(opened.loaded.message(Some(&asked), Some(&language)));
    let page = FormPage { context: &context, token: &token, opened: &opened, built: &built };
    Ok(page.shown(StatusCode::OK, FormState::new(message), GuardianFields::default()))
}

/// The form, or something on the way to it.
async fn sent(
    State(app): State<App>,
    context: RequestContext,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    let unread = Unread::new(&headers, body);
    if let Err(error) =
        session::from_our_page(&app, &method, &headers, Protection::ChallengeAndSession)
    {
        return Err(unread.refused(error).await.into());
    }
    let opened = match opened(&app, &token).await? {
        Ok(opened) => opened,
        Err(ended) => return Ok(end(&app, &context, None, ended).await),
    };
    let service = opened.loaded.service;
    let mut fields = unread.form(Size::of_decision(opened.loaded.service)).await?;
    let guardian = taken(&mut fields);
    let Some(asked) = opened.asked() else {
        return Ok(end(&app, &context, Some(service), Ended::NotNeeded).await);
    };
    let built = built(&app).await?.for_service(Some(service));
    let page = FormPage { context: &context, token: &token, opened: &opened, built: &built };
    let press = SubmitAction::of(&fields);
    let mut guardian = guardian;
    let mut objections = Vec::new();
    match &press {
        Some(SubmitAction::Cancel) => {
            return Ok(match refuse(&app, &opened, &asked, &guardian).await? {
                true => end(&app, &context, Some(service), Ended::Refused).await,
                false => end(&app, &context, Some(service), Ended::Unknown).await,
            });
        }
        Some(SubmitAction::Agree) => {
            guardian.is_name_missing = guardian.name.is_empty();
            guardian.is_unconfirmed = !guardian.confirms;
            if !guardian.has_errors() && !has_more_to_tick(&opened, &asked, &fields) {
                match agree(&app, &opened, &fields, &guardian).await {
                    Ok(true) => {
                        return Ok(end(&app, &context, Some(service), Ended::Agreed).await);
                    }
                    Ok(false) => {
                        return Ok(end(&app, &context, Some(service), Ended::Unknown).await);
                    }
                    Err(ApiError::Objections(found)) => objections = found,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Some(SubmitAction::Read(tag) | SubmitAction::ReadFull(tag)) => {
            return Ok(page.text(&app, &asked, tag, &fields, &guardian).await?);
        }
        Some(SubmitAction::RequiredOnly | SubmitAction::Show) | None => {}
    }
    Ok(page.again(&asked, &fields, press.as_ref(), objections, guardian))
}

/// Whether "agree to all" stands for something that is not ticked yet: it is shown before it is agreed to
/// (rule KR-P11).
fn has_more_to_tick(opened: &Opened<'_>, asked: &Asked<'_>, fields: &[(String, String)]) -> bool {
    let draft = Draft(fields);
    draft.agrees_to_all() && {
        let message = opened.loaded.message(Some(asked), draft.locale());
        let (mut answers, changed) = draft.answers(&message);
        changed.is_empty() && draft.agree_to_all(&message, &mut answers)
    }
}

/// Takes the guardian's own fields out of the form.
fn taken(fields: &mut Vec<(String, String)>) -> GuardianFields {
    let value = |name: &str| fields.iter().find(|(it, _)| it == name).map(|(_, it)| it.clone());
    let typed = name::clean(value(guardian_field::NAME).unwrap_or_default().trim());
    let guardian = GuardianFields {
        name: typed.chars().take(LONGEST_NAME).collect(),
        confirms: value(guardian_field::CONFIRMS).is_some(),
        ..GuardianFields::default()
    };
    fields.retain(|(name, _)| ![guardian_field::NAME, guardian_field::CONFIRMS].contains(&&**name));
    guardian
}

/// The form in a browser.
struct FormPage<'a> {
    context: &'a RequestContext,
    token: &'a str,
    opened: &'a Opened<'a>,
    built: &'a BuiltPage,
}

impl FormPage<'_> {
    fn action(&self) -> String {
        format!("/guardian/{}", self.token)
    }

    fn shown(&self, status: StatusCode, asking: FormState, guardian: GuardianFields) -> Response {
        let locale = consent_page::screen_locale(self.context, &asking.request);
        let guardian = GuardianFields { action: self.action(), ..guardian };
        let rendered = ssr::guardian_form(locale, asking, guardian);
        consent_page::response(self.built, status, &rendered, None)
    }

    fn again(
        &self,
        asked: &Asked<'_>,
        fields: &[(String, String)],
        press: Option<&SubmitAction>,
        objections: Vec<Objection>,
        guardian: GuardianFields,
    ) -> Response {
        let loaded = &self.opened.loaded;
        let draft = Draft(fields);
        let message = Arc::new(loaded.message(Some(asked), draft.locale()));
        let asking = FormState::from_draft(message, draft);
        let mut asking = consent_page::in_language(loaded, asked, asking, draft.language());
        let status = match press {
            Some(SubmitAction::Agree) => {
                asking.show_errors();
                asking.add_errors(objections);
                if asking.errors().is_empty() && !guardian.has_errors() {
                    asking.notice.get_or_insert(Notice::Refreshed);
                }
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Some(SubmitAction::RequiredOnly) => {
                asking.answers.required_only(|_| true);
                StatusCode::OK
            }
            _ => StatusCode::OK,
        };
        self.shown(status, asking, guardian)
    }

    async fn text(
        &self,
        app: &App,
        asked: &Asked<'_>,
        tag: &str,
        fields: &[(String, String)],
        guardian: &GuardianFields,
    ) -> Result<Response, ApiError> {
        let message = self.opened.loaded.message(Some(asked), Draft(fields).locale());
        let term = message.terms.iter().find(|it| it.tag == tag);
        let term = term.ok_or(ApiError::DocumentNotFound)?;
        let document = app.store().document(tag, &term.version, &term.digest).await?;
        let document = document.ok_or(ApiError::DocumentNotFound)?;
        let locale = consent_page::screen_locale(self.context, &message);
        let mut kept = fields.to_vec();
        kept.push((guardian_field::NAME.to_owned(), guardian.name.clone()));
        if guardian.confirms {
            let confirmed = guardian_field::CONFIRMED.to_owned();
            kept.push((guardian_field::CONFIRMS.to_owned(), confirmed));
        }
        let rendered = ssr::text_below(&self.action(), locale, &term.title, &document, &kept);
        Ok(consent_page::response(self.built, StatusCode::OK, &rendered, None))
    }
}

/// Records the refusal; false when the link is closed by now.
async fn refuse(
    app: &App,
    opened: &Opened<'_>,
    asked: &Asked<'_>,
    guardian: &GuardianFields,
) -> Result<bool, ApiError> {
    let message = opened.loaded.message(Some(asked), None);
    let items = consent::receipt_items(&message, None);
    let decision = Recording { outcome: Outcome::Cancelled, message: &message, items, body: &[] };
    match decision.write(app, opened, guardian, None).await? {
        Written::Now => Ok(true),
        Written::Before(_) | Written::GrantChanged | Written::LinkClosed => Ok(false),
    }
}

/// Checks and records the agreement; false when the link is closed by now.
async fn agree(
    app: &App,
    opened: &Opened<'_>,
    fields: &[(String, String)],
    guardian: &GuardianFields,
) -> Result<bool, ApiError> {
    let decision =
        form::decision(fields).map_err(|fault| RequestError::Malformed(fault.to_string()))?;
    let Decision::Agree(agreement) = &decision else {
        return Err(RequestError::Malformed("expected an agreement".to_owned()).into());
    };
    let mut loaded = opened.loaded.clone();
    loaded.check_csrf(&agreement.csrf_token)?;
    for _ in 0..MOST_CHECKS {
        let (service, account) = (loaded.service, &*loaded.account);
        match consent::typed_birthday(service, account, agreement, app.now()) {
            TypedBirthday::Acceptable | TypedBirthday::OfAChild => {}
            TypedBirthday::UnderAge => return Err(loaded.under_age()),
            TypedBirthday::InTheFuture => {
                return Err(ApiError::Objections(vec![consent::not_born_yet()]));
            }
        }
        let asked = loaded.asked_of_guardian();
        let message = loaded.answered(asked.as_ref(), agreement).map_err(ApiError::Objections)?;
        let items = consent::receipt_items(&message, Some(agreement));
        let awaits_sign_up = service.kakao.as_ref().is_some_and(|kakao| kakao.manual_connection);
        let change = NewGrant { awaits_sign_up, ..consent::granted(&message, agreement) };
        let body = consent::fingerprint(&decision);
        let recording =
            Recording { outcome: Outcome::Agreed, message: &message, items, body: &body };
        match recording.write(app, opened, guardian, Some((&loaded, &change))).await? {
            Written::Now => return Ok(true),
            Written::Before(_) | Written::LinkClosed => return Ok(false),
            Written::GrantChanged => loaded.read_standing_again().await?,
        }
    }
    Err(RequestError::Unavailable("other decisions kept changing the same grant".to_owned()).into())
}

/// A decision of a guardian that can be written.
struct Recording<'a> {
    outcome: Outcome,
    message: &'a ConsentRequest,
    items: Vec<ReceiptItem>,
    body: &'a [u8],
}

impl Recording<'_> {
    async fn write(
        &self,
        app: &App,
        opened: &Opened<'_>,
        guardian: &GuardianFields,
        change: Option<(&LoadedChallenge<'_>, &NewGrant)>,
    ) -> Result<Written, ApiError> {
        let message = self.message;
        let receipt_id = crypto::random_token();
        let statements = String::from_utf8(message.personal_info.digest_input())
            .expect("the statements are JSON, which is UTF-8");
        let has_statements = !message.personal_info.items.is_empty();
        let shown = consent::shown(message, opened.loaded.service, app.interface().await);
        let masked = Guardian {
            name: consent::mask_name(&guardian.name),
            contact: opened.link.contact.clone(),
        };
        let answer = GuardianAnswer {
            token: &opened.link.token,
            name: &guardian.name,
            agreed: self.outcome == Outcome::Agreed,
        };
        let new = NewDecision {
            receipt_id: &receipt_id,
            challenge: &opened.loaded.challenge,
            outcome: self.outcome,
            purpose: message.purpose,
            locale: &message.locale,
            body: self.body,
            at: app.now(),
            items: &self.items,
            shown: Some(&shown),
            statements: has_statements.then_some((&*message.personal_info.digest, &*statements)),
            granted: change.map(|(loaded, change)| Granted {
                before: &loaded.standing.grant,
                change,
                code: None,
            }),
            guardian: Some((&masked, answer)),
        };
        Ok(app.decide(&new).await?)
    }
}

/// A page without a form. `service`: where the link is known.
async fn end(
    app: &App,
    context: &RequestContext,
    service: Option<&Service>,
    ended: Ended,
) -> Response {
    let locale = Locale::best(context.languages.iter().map(String::as_str));
    let words = words::ended(ended, locale);
    let main = html! {
        h1 { (words.title) }
        p { (words.text) }
    };
    let (title, body) = (words.title, page::sheet(&main));
    let look = service.and_then(|it| it.look.as_deref());
    let page = Document { locale, title, look, more_styles: &[], body, script: "", refresh: None };
    let mut response = page.response(app).await;
    *response.status_mut() = ended.status();
    response
}
