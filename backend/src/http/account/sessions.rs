//! The browsers that are signed in to the account, and signing out.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Method},
    response::{IntoResponse, Response},
};
use consent_contract::account::{
    ACCOUNT, AccountPage, SESSIONS, SIGNED_OUT, SessionEntry, SessionsPage, field,
};
use jiff::tz::TimeZone;

use super::{form::AccountForm, render, user::User, with_cookies};
use crate::{
    App,
    audit::{Actor, EndedSessions, Event, Record},
    clock::rfc3339_in,
    consent, crypto,
    http::{
        error::PageError,
        logout,
        redirect::see_other,
        session::{self, RequestContext},
    },
    locale::Locale,
    store::ListedSession,
};

pub async fn page(State(app): State<App>, user: User) -> Result<Response, PageError> {
    let zone = time_zone(&app);
    let sessions = listed(&app, &user).await?.into_iter().map(|session| SessionEntry {
        reference: reference(&app, session.id),
        signed_in_at: rfc3339_in(&zone, session.since()),
        device: session.device,
        ends_at: rfc3339_in(&zone, session.expires_at),
        is_current: session.id == user.session.id,
    });
    let page = SessionsPage {
        account: consent::account(&user.account, None),
        sessions: sessions.collect(),
        csrf_token: user.csrf_token(&app),
    };
    user.shown(&app, &AccountPage::Sessions(page)).await
}

/// Ends one session. One that has ended already stays so.
pub async fn end(
    State(app): State<App>,
    user: User,
    context: RequestContext,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    let form = AccountForm::read(&app, &user, &method, &headers, body).await?;
    let wanted = form.one(field::SESSION)?;
    let sessions = listed(&app, &user).await?;
    let found = sessions.iter().find(|it| crypto::same(wanted, &reference(&app, it.id)));
    let Some(found) = found else { return Ok(user.led_to(SESSIONS)) };
    app.store().end_sessions(&user.account.id, &[found.id]).await?;
    let is_this = found.id == user.session.id;
    let sessions = if is_this { EndedSessions::This } else { EndedSessions::Another };
    signed_out_of(&app, &user, sessions);
    if !is_this {
        return Ok(user.led_to(SESSIONS));
    }
    let cookies = with_cookies(context.signed_out_cookies(&app));
    Ok((cookies, see_other(logout::PATH)).into_response())
}

/// Ends every session of the account.
pub async fn end_every(
    State(app): State<App>,
    user: User,
    context: RequestContext,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, PageError> {
    AccountForm::read(&app, &user, &method, &headers, body).await?;
    app.store().end_every_session(&user.account.id).await?;
    signed_out_of(&app, &user, EndedSessions::Every);
    let cookies = with_cookies(context.signed_out_cookies(&app));
    Ok((cookies, see_other(SIGNED_OUT)).into_response())
}

fn signed_out_of(app: &App, user: &User, sessions: EndedSessions) {
    let record = Record::done(Event::SignOut { sessions }, Actor::User);
    app.record(record.of(&*user.account.id));
}

/// After every session has ended. Not for a browser that is signed in: behind a proxy without a login
/// page it still is.
pub async fn signed_out(
    State(app): State<App>,
    context: RequestContext,
) -> Result<Response, PageError> {
    if context.is_signed_in() {
        return Ok(see_other(ACCOUNT));
    }
    let locale = Locale::best(context.languages.iter().map(String::as_str));
    render(&app, locale, &AccountPage::SignedOut, Vec::new()).await
}

async fn listed(app: &App, user: &User) -> Result<Vec<ListedSession>, PageError> {
    match session::made_by(app) {
        Some(made_by) => Ok(app.store().sessions_of(&user.account.id, made_by, app.now()).await?),
        None => Ok(Vec::new()),
    }
}

/// Names a session in a form.
fn reference(app: &App, id: i64) -> String {
    app.derivation_key().derive("account_session", &[&id.to_be_bytes()])
}

/// The time zone of the services, where all have the same.
fn time_zone(app: &App) -> TimeZone {
    let mut zones = app.catalog().services.values().map(|service| &service.time_zone);
    let first = zones.next();
    first.filter(|first| zones.all(|zone| zone == *first)).cloned().unwrap_or(TimeZone::UTC)
}
