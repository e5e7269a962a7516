//! One request of a browser: its session, its language, and what it made the shop ask the provider.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use maud::Markup;
use url::form_urlencoded;

use super::failure::Failure;
use crate::{
    App, clock,
    pages::{Frame, Notice, problem},
    provider::Provider,
    random,
    recorder::Recorder,
    settings::Settings,
    store::{Member, Session, sessions::Flash},
    texts::Language,
};

/// A request of a browser.
#[derive(Clone)]
pub struct Visit {
    pub app: App,
    session: Arc<Session>,
    pub language: Language,
    /// Path and query.
    pub path: String,
    /// The page to show again after a change of the language.
    page: String,
    user_agent: String,
    recorder: Recorder,
}

impl Visit {
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The provider; what it is asked appears on the page.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.app.provider.recorded_by(&self.recorder)
    }

    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// A parameter of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        let parameters: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
        parameters.get(name).map(ToString::to_string)
    }

    /// Whether the page is opened in the messenger's in-app browser. Anyone can write a user agent: it
    /// decides what is tried, never who the visitor is.
    #[must_use]
    pub fn is_in_app(&self) -> bool {
        let is_demonstrated = self.app.settings.demo_mailbox && self.parameter("in_app").is_some();
        self.user_agent.contains("KAKAOTALK") || is_demonstrated
    }

    /// The member who is signed in.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn member(&self) -> Result<Option<Member>, Failure> {
        match &self.session.sub {
            Some(sub) => Ok(self.app.store.member(sub).await?),
            None => Ok(None),
        }
    }

    /// The same visit after a sign-in or a sign-out.
    #[must_use]
    pub fn with_session(&self, session: Session) -> Self {
        Self { session: Arc::new(session), ..self.clone() }
    }

    /// A page.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn page(
        &self,
        status: StatusCode,
        markup: impl FnOnce(&Frame) -> Markup,
    ) -> Result<Response, Failure> {
        let frame = self.frame().await?;
        Ok((status, markup(&frame)).into_response())
    }

    /// What the last action did. It stays for the page.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn notice(&self) -> Result<Option<Notice>, Failure> {
        let notice = self.app.store.notice(&self.session).await?;
        Ok(notice.as_deref().and_then(Notice::from_name))
    }

    /// Another page of the shop, which shows the notice, and the requests of this one as well.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn redirect(&self, to: &str, notice: Option<Notice>) -> Result<Response, Failure> {
        let earlier = self.app.store.take_flash(&self.session).await?;
        let notice = notice.map(|notice| notice.as_str().to_owned()).or(earlier.notice);
        let requests = [earlier.requests, self.recorder.requests()].concat();
        if notice.is_some() || !requests.is_empty() {
            let skipped = requests.len().saturating_sub(crate::recorder::MOST);
            let requests = requests.into_iter().skip(skipped).collect();
            self.app.store.set_flash(&self.session, &Flash { notice, requests }).await?;
        }
        Ok(Redirect::to(to).into_response())
    }

    /// A cookie for a session. It ends with the browser.
    #[must_use]
    pub fn cookie(&self, id: &str) -> HeaderValue {
        set_cookie(&self.app.settings, id)
    }

    async fn frame(&self) -> Result<Frame, Failure> {
        let member = self.member().await?;
        let basket = self.app.store.basket(&self.session).await?;
        let flash = self.app.store.take_flash(&self.session).await?;
        Ok(Frame {
            csrf: self.session.csrf.clone(),
            member: member.map(|member| member.name.unwrap_or_default()),
            basket: basket.iter().map(|(_, quantity)| quantity).sum(),
            notice: flash.notice.as_deref().and_then(Notice::from_name),
            requests: [flash.requests, self.recorder.requests()].concat(),
            ..frame_when_signed_out(&self.app.settings, self.language, &self.page)
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let visit = parts.extensions.get::<Self>().cloned();
        visit.ok_or_else(|| Failure::new(problem::Problem::Internal))
    }
}

/// Finds or begins the session of each request, and renders what went wrong.
pub async fn visits(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let (visit, new_cookie) =
        match Visit::of(&app, request.method(), request.headers(), request.uri()).await {
            // A form without the session comes from another site, whose post has no cookie of ours. The answer
            // must not replace the cookie that the browser has (SameSite=Lax).
            Ok((visit, new_cookie)) => (visit, new_cookie.filter(|_| request.method().is_safe())),
            Err(failure) => {
                let language = language(request.headers(), None);
                let frame = frame_when_signed_out(&app.settings, language, "/");
                return rendered(&failure, &frame);
            }
        };
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        let cookies: Vec<HeaderValue> =
            response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        let allow = response.headers().get(header::ALLOW).cloned();
        let settings = &app.settings;
        let frame = visit.frame().await;
        let frame =
            frame.unwrap_or_else(|_| frame_when_signed_out(settings, visit.language, &visit.page));
        response = rendered(&failure, &frame);
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    // A handler that signs in or out sets a cookie of its own.
    if let Some(cookie) = new_cookie
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

impl Visit {
    async fn of(
        app: &App,
        method: &Method,
        headers: &HeaderMap,
        uri: &Uri,
    ) -> Result<(Self, Option<HeaderValue>), Failure> {
        let known = match cookie(&app.settings, headers) {
            Some(cookie) => app.store.session(cookie).await?,
            None => None,
        };
        let (session, new_cookie) = match known {
            Some(session) => {
                // A page does not fail for it.
                if let Err(error) = app.store.keep_session(&session, clock::now()).await {
                    tracing::warn!("a session cannot be kept: {error}");
                }
                (session, None)
            }
            None => {
                let id = random::token()?;
                let session = app.store.begin_session(&id, &random::token()?, clock::now()).await?;
                (session, Some(set_cookie(&app.settings, &id)))
            }
        };
        let user_agent = headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok());
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let page = page_of(method, uri);
        let visit = Self {
            app: app.clone(),
            language: language(headers, session.language.as_deref()),
            session: Arc::new(session),
            path: path.to_owned(),
            page: page.to_owned(),
            user_agent: user_agent.unwrap_or_default().to_owned(),
            recorder: Recorder::default(),
        };
        Ok((visit, new_cookie))
    }
}

/// Browsers share cookies between the ports of a host, so the name has the port.
fn cookie_name(settings: &Settings) -> String {
    let port = settings.origin.rsplit_once(':').map(|(_, port)| port);
    let port = port.filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    // `__Host-` keeps other hosts of the same site from setting it.
    let prefix = if settings.is_https() { "__Host-" } else { "" };
    match port {
        Some(port) => format!("{prefix}shop-{port}"),
        None => format!("{prefix}shop"),
    }
}

fn set_cookie(settings: &Settings, id: &str) -> HeaderValue {
    let secure = if settings.is_https() { "; Secure" } else { "" };
    let name = cookie_name(settings);
    // Lax: the cookie comes along when the provider sends the browser back.
    let cookie = format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
}

fn cookie<'a>(settings: &Settings, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = cookie_name(settings);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

/// The page to show again after a change of the language: what answers a form cannot be got, and an
/// answer of the provider counts once.
fn page_of<'a>(method: &Method, uri: &'a Uri) -> &'a str {
    match uri.path() {
        "/callback" | "/sign-in/start" => "/sign-in",
        path if !method.is_safe() => {
            let end = path[1..].find('/').map_or(path.len(), |slash| slash + 1);
            &path[..end]
        }
        _ => uri.path_and_query().map_or("/", |path| path.as_str()),
    }
}

fn language(headers: &HeaderMap, chosen: Option<&str>) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    chosen
        .and_then(Language::from_tag)
        .unwrap_or_else(|| Language::negotiate(accepted.unwrap_or_default()))
}

fn frame_when_signed_out(settings: &Settings, language: Language, path: &str) -> Frame {
    Frame {
        language,
        path: path.to_owned(),
        test_app: settings.test_app,
        name_suffix: settings.name_suffix.clone(),
        mailbox: settings.demo_mailbox,
        demo_url: settings.demo_url.clone(),
        ..Frame::default()
    }
}

fn rendered(failure: &Failure, frame: &Frame) -> Response {
    let page = problem::page(frame, &failure.view());
    let mut response = (failure.status(), page).into_response();
    failure.add_headers(&mut response);
    response
}
