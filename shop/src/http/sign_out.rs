//! `POST /sign-out`.

use axum::{http::header, response::Response};

use super::{failure::Failure, form::Form, goods::SIGNED_OUT, visit::Visit};
use crate::{clock, pages::Notice, random};

/// Ends the session. The next one knows that the silent login must not sign the person in again.
pub async fn sign_out(visit: Visit, _: Form) -> Result<Response, Failure> {
    let store = &visit.app.store;
    store.end_session(visit.session()).await?;
    let id = random::token()?;
    let session = store.begin_session(&id, &random::token()?, clock::now()).await?;
    store.set_silent(&session, SIGNED_OUT).await?;
    store.set_language(&session, visit.language.tag()).await?;
    let mut response = visit.with_session(session).redirect("/", Some(Notice::SignedOut)).await?;
    response.headers_mut().append(header::SET_COOKIE, visit.cookie(&id));
    Ok(response)
}
