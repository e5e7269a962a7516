//! The consent page: server-rendered with the request, and the handler of the form that a browser
//! submits without the app, so that a user needs no script to finish.
//!
//! No answer to that form redirects to another origin, nor to an address that may: see
//! [`continue_page`].

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use consent_contract::{
    acceptance::Objection,
    draft::{Draft, SubmitAction},
    form::{FormFault, most_fields},
    request::{ConsentRequest, ConsentState},
};
use consent_screen::{
    consent::state::{FormState, Notice},
    ssr::{self, RenderedPage},
};

use super::{
    body::Size,
    built_page::BuiltPage,
    challenge::LoadedChallenge,
    continue_page,
    decision::decide_by_form,
    error::{ApiError, PageError, RequestError},
    headers::{self, Policy, Scripts},
    redirect::see_other,
    session::RequestContext,
    text_changes,
};
use crate::{
    App,
    consent::Asked,
    crypto,
    locale::Locale,
    telemetry::profile::{Work, timed_now},
};

pub fn router() -> Router<App> {
    Router::new().route("/consent/{challenge}", get(page).post(sent))
}

/// The page, server-rendered if possible.
async fn page(
    State(app): State<App>,
    context: Option<RequestContext>,
    Path(challenge): Path<String>,
) -> Result<Response, PageError> {
    let built = built(&app).await?;
    // The page is served even when the database does not respond: as built, it retries by itself.
    let Some(context) = context.filter(|_| built.has_ssr_outlet) else {
        return Ok(as_built(&built));
    };
    match render(&app, &context, &challenge, &built).await {
        Err(ApiError::Request(RequestError::Unavailable(_))) => Ok(as_built(&built)),
        rendered => Ok(rendered?),
    }
}

async fn render(
    app: &App,
    context: &RequestContext,
    challenge: &str,
    built: &Arc<BuiltPage>,
) -> Result<Response, ApiError> {
    let loaded = LoadedChallenge::find(app, context, challenge).await?;
    let Some(asked) = loaded.to_ask(context)? else {
        return Ok(see_other(&loaded.authorize.restart_url()));
    };
    let built = &Arc::clone(built).for_service(Some(loaded.service));
    let message = Arc::new(loaded.message(Some(&asked), None));
    let shown = Shown { context, challenge, loaded: &loaded, built };
    Ok(shown.asking(StatusCode::OK, FormState::new(message)))
}

/// A form that the browser sent by itself: a decision, or something on the way to one.
async fn sent(
    State(app): State<App>,
    context: RequestContext,
    Path(challenge): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    let (loaded, unread) =
        LoadedChallenge::answerable(&app, &context, &challenge, &method, &headers, body).await?;
    let form = unread.form(Size::of_decision(loaded.service)).await?;
    // Deciding needs no page to show.
    let built = built(&app).await.unwrap_or_default().for_service(Some(loaded.service));
    let press = SubmitAction::of(&form);
    if matches!(press, None | Some(SubmitAction::Cancel)) || !built.has_ssr_outlet {
        return Ok(decide_by_form(&app, &context, &loaded, &form).await?);
    }
    let is_decided = app.store().decision(&loaded.challenge).await?.is_some();
    let has_more_to_tick = !is_decided && has_more_to_tick(&loaded, &form);
    let mut objections = Vec::new();
    if press == Some(SubmitAction::Agree) && !has_more_to_tick {
        match decide_by_form(&app, &context, &loaded, &form).await {
            // Errors that the user can fix are shown at their items; the answers stay.
            Err(ApiError::Objections(found)) => objections = found,
            Err(ApiError::CsrfRejected(_) | ApiError::ContinueElsewhere { .. }) => {}
            decided => return Ok(decided?),
        }
    }
    let Some(asked) = loaded.to_ask(&context)? else {
        let again = loaded.authorize.restart_url();
        return Ok(continue_page::to(&app, &loaded, &context, &form, &again).await);
    };
    let shown = Shown { context: &context, challenge: &challenge, loaded: &loaded, built: &built };
    let again = Again { press: &press.unwrap_or(SubmitAction::Show), has_more_to_tick, objections };
    Ok(shown.again(&app, &asked, &form, again).await?)
}

/// Whether "agree to all" stands for something that is not ticked yet. It is ticked and shown
/// before it is agreed to (rule KR-P11).
fn has_more_to_tick(loaded: &LoadedChallenge<'_>, form: &[(String, String)]) -> bool {
    let draft = Draft(form);
    draft.agrees_to_all() && {
        let message = loaded.message(loaded.asked().as_ref(), draft.locale());
        let (mut answers, changed) = draft.answers(&message);
        changed.is_empty() && draft.agree_to_all(&message, &mut answers)
    }
}

/// The page of the built screen.
///
/// # Errors
/// When it is not there.
pub async fn built(app: &App) -> Result<Arc<BuiltPage>, PageError> {
    app.built_page(app.dist()).await.map_err(|_| PageError::NoScreen)
}

/// Why the form is shown again.
struct Again<'a> {
    press: &'a SubmitAction,
    has_more_to_tick: bool,
    /// To the agreement that was sent.
    objections: Vec<Objection>,
}

/// For whom, and of what, something is shown.
struct Shown<'a> {
    context: &'a RequestContext,
    challenge: &'a str,
    loaded: &'a LoadedChallenge<'a>,
    built: &'a BuiltPage,
}

impl Shown<'_> {
    /// The form once more, with its answers, and with what the pressed button asked for.
    async fn again(
        &self,
        app: &App,
        asked: &Asked<'_>,
        form: &[(String, String)],
        Again { press, has_more_to_tick, objections }: Again<'_>,
    ) -> Result<Response, ApiError> {
        let draft = Draft(form);
        let message = Arc::new(self.loaded.message(Some(asked), draft.locale()));
        // Every field of it may come back in the page, so a form that was never ours is refused.
        if form.len() > most_fields(&message) {
            return Err(RequestError::Malformed(FormFault::TooManyFields.to_string()).into());
        }
        match press {
            SubmitAction::Read(tag) => return self.text(app, &message, tag, form, true).await,
            SubmitAction::ReadFull(tag) => return self.text(app, &message, tag, form, false).await,
            _ => {}
        }
        let asking = FormState::from_draft(message, draft);
        let mut asking = in_language(self.loaded, asked, asking, draft.language());
        let status = match press {
            SubmitAction::RequiredOnly => {
                asking.answers.required_only(|_| true);
                StatusCode::OK
            }
            SubmitAction::Agree => {
                asking.show_errors();
                asking.add_errors(objections);
                let unexplained = asking.errors().is_empty() || has_more_to_tick;
                if unexplained && asking.notice.is_none() {
                    asking.notice = Some(Notice::Refreshed);
                }
                StatusCode::UNPROCESSABLE_ENTITY
            }
            SubmitAction::Cancel
            | SubmitAction::Read(_)
            | SubmitAction::ReadFull(_)
            | SubmitAction::Show => StatusCode::OK,
        };
        Ok(self.asking(status, asking))
    }

    /// The text of a term, on request with what changed in it since the person agreed.
    async fn text(
        &self,
        app: &App,
        message: &ConsentRequest,
        tag: &str,
        form: &[(String, String)],
        with_changes: bool,
    ) -> Result<Response, ApiError> {
        let term =
            message.terms.iter().find(|it| it.tag == tag).ok_or(ApiError::DocumentNotFound)?;
        let document = app.store().document(tag, &term.version, &term.digest).await?;
        let document = document.ok_or(ApiError::DocumentNotFound)?;
        let locale = self.locale(message);
        let changes = match with_changes {
            true => text_changes::since_agreed(app, self.loaded, &document).await?,
            false => None,
        };
        let (challenge, title) = (self.challenge, &term.title);
        let rendered = match changes {
            Some(changes) => ssr::changed_text(challenge, locale, title, &document, changes, form),
            None => ssr::text(challenge, locale, title, &document, form),
        };
        Ok(self.response(StatusCode::OK, &rendered, None))
    }

    fn asking(&self, status: StatusCode, asking: FormState) -> Response {
        let locale = self.locale(&asking.request);
        let state = ConsentState::Ask(Box::new(ConsentRequest::clone(&asking.request)));
        let answer = serde_json::to_string(&state).expect("a message is always JSON");
        let rendered = timed_now(Work::Rendering, "form", || {
            ssr::form(self.challenge, locale, self.context.messenger, asking)
        });
        self.response(status, &rendered, Some(&answer))
    }

    fn locale(&self, message: &ConsentRequest) -> Locale {
        screen_locale(self.context, message)
    }

    fn response(
        &self,
        status: StatusCode,
        rendered: &RenderedPage,
        answer: Option<&str>,
    ) -> Response {
        response(self.built, status, rendered, answer)
    }
}

/// The form in another language, with the same answers.
pub fn in_language(
    loaded: &LoadedChallenge<'_>,
    asked: &Asked<'_>,
    asking: FormState,
    language: Option<&str>,
) -> FormState {
    if language.is_none_or(|it| it == asking.request.locale) {
        return asking;
    }
    let message = Arc::new(loaded.message(Some(asked), language));
    let (answers, _) = asking.answers.carried_over(&asking.request, &message);
    FormState { answers, notice: asking.notice, ..FormState::new(message) }
}

/// The screen's own language: the one of the texts, if it speaks that.
pub fn screen_locale(context: &RequestContext, message: &ConsentRequest) -> Locale {
    let preferred = context.languages.iter().map(String::as_str);
    Locale::of(&message.locale).unwrap_or_else(|| Locale::best(preferred))
}

/// A rendered page in the built one. `answer` is what the app starts from; without it there is no app.
pub fn response(
    built: &BuiltPage,
    status: StatusCode,
    rendered: &RenderedPage,
    answer: Option<&str>,
) -> Response {
    let scripts = match answer {
        Some(_) => Scripts::App(&built.script_digests),
        None => Scripts::Nothing,
    };
    let own = (!rendered.style.is_empty()).then(|| crypto::sri(rendered.style.as_bytes()));
    let style_digests: Vec<_> = built.style_digests.iter().cloned().chain(own).collect();
    let has_fonts = built.has_fonts();
    let policy = Policy { scripts, style_digests: &style_digests, has_fonts, ..Policy::default() };
    let language = [(header::CONTENT_LANGUAGE, HeaderValue::from_static(rendered.language))];
    let html = built.with_rendered(rendered, answer);
    (status, language, headers::of_page(&policy), Html(html)).into_response()
}

/// The page as it was built.
fn as_built(built: &BuiltPage) -> Response {
    (headers::of_page(&policy(built)), Html(built.html().to_owned())).into_response()
}

/// The policy of the page as it was built: for any service, also one whose look has a font.
fn policy(built: &BuiltPage) -> Policy<'_> {
    Policy {
        scripts: Scripts::App(&built.script_digests),
        style_digests: &built.style_digests,
        has_fonts: true,
        ..Policy::default()
    }
}

/// The `Content-Security-Policy` for the page of this build, for a host that serves it as a file.
///
/// # Errors
/// When there is no page.
pub fn page_policy(dist: &crate::BuiltFiles) -> std::io::Result<String> {
    Ok(policy(&BuiltPage::read(dist)?).text())
}
