//! `--demo`: built-in services and accounts, and the partner services' own side of the story, so
//! that the whole way can be tried on one machine. Nothing here exists without `--demo`.

pub mod exposure;
pub mod in_app;
mod pages;
mod partner;
pub mod shops;
mod words;

use std::collections::BTreeSet;

use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use consent_contract::redirect;
use serde::Deserialize;
use shops::DemoShops;

use crate::{
    App,
    config::{Catalog, Source},
    http::{
        body::{Size, Unread},
        error::{PageError, RequestError},
        redirect::see_other,
        session::{self, Protection, RequestContext},
    },
    locale::Locale,
};

/// Where the demo is. Also where people choose who they are.
pub const PATH: &str = "/demo";

/// The built-in configuration, for this origin, with the shops that there are.
#[must_use]
pub fn source(origin: &str, shops: &DemoShops) -> Source {
    let toml = include_str!("../../demo/services.toml").replace("{origin}", origin);
    Source::built_in("demo/services.toml", toml + &shops.toml())
}

/// The built-in services and accounts, for this origin. The shops are in it wherever they run.
#[must_use]
pub fn catalog(origin: &str) -> Catalog {
    let shops = DemoShops { shop: Some(origin.to_owned()), test_app: Some(origin.to_owned()) };
    let mut catalog = source(origin, &shops).catalog().unwrap_or_default();
    shops.link(&mut catalog);
    catalog
}

/// The client ids of the built-in services.
#[must_use]
pub fn service_ids() -> BTreeSet<String> {
    // Any origin will do: the ids do not depend on it.
    catalog("http://127.0.0.1").services.into_keys().collect()
}

pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(|| async { Redirect::to(PATH) }))
        .route("/demo", get(home))
        .route("/demo/demo.css", get(style))
        .route("/demo/login", get(login))
        .route("/demo/reset", post(reset))
        .route("/demo/start", get(partner::start))
        .route("/demo/callback", get(partner::callback))
        .route("/demo/in-app/end", get(in_app::end))
        .route("/demo/in-app.css", get(in_app::style))
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("demo.css"))
}

#[derive(Deserialize)]
struct Home {
    lang: Option<String>,
    /// Set for the login page: where to go after it.
    return_to: Option<String>,
    /// What was just put back to how it was.
    reset: Option<String>,
}

async fn home(
    State(app): State<App>,
    context: RequestContext,
    Query(query): Query<Home>,
) -> Response {
    let locale = locale(query.lang.as_deref(), &context.languages);
    let signed_in = context.session.map(|session| session.account);
    match query.return_to.filter(|path| redirect::is_own_path(path)) {
        Some(path) => pages::who(&app, locale, signed_in.as_deref(), &path).await,
        None => pages::home(&app, locale, signed_in.as_deref(), query.reset.is_some()).await,
    }
}

fn locale(lang: Option<&str>, languages: &[String]) -> Locale {
    words::language(lang.into_iter().chain(languages.iter().map(String::as_str)))
}

#[derive(Deserialize)]
struct Login {
    account: String,
    return_to: Option<String>,
}

/// Signs in as any account.
async fn login(
    State(app): State<App>,
    mut context: RequestContext,
    Query(query): Query<Login>,
) -> Result<Response, PageError> {
    let account = app.catalog().accounts.get(&query.account).ok_or(RequestError::NotFound)?;
    let cookie = context.sign_in(&app, &account.id).await?;
    let to = query.return_to.filter(|path| redirect::is_own_path(path));
    let answer = see_other(to.as_deref().unwrap_or(PATH));
    Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
}

/// Puts what holds between an account and a service back to how it was, to try it again.
async fn reset(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    session::from_our_page(&app, &method, &headers, Protection::OriginAlone)?;
    let fields = Unread::new(&headers, body).form(Size::SMALL).await?;
    let get = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let account = get("account").and_then(|id| app.catalog().accounts.get(id));
    let service = get("service").and_then(|id| app.catalog().services.get(id));
    let (Some(account), Some(service)) = (account, service) else {
        return Err(
            RequestError::Malformed("there is no such account or service".to_owned()).into()
        );
    };
    app.store().start_over(account, service).await?;
    let lang = locale(get("lang").map(String::as_str), &session::languages(&headers));
    Ok(see_other(&format!("{PATH}?lang={lang}&reset=1")))
}
