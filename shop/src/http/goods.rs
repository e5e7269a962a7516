//! `GET /` and `GET /goods/{slug}`.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    failure::Failure,
    own_path::{own_path, with_parameter},
    sign_in::{self, Trip},
    visit::Visit,
};
use crate::{
    catalogue,
    pages::{
        Way,
        good::{self, SilentLogin},
        home,
        problem::Problem,
    },
    provider::oidc::Ask,
};

/// Added to the address of who comes back from a silent login as a guest, for browsers without cookies.
pub const GUEST: &str = "as=guest";

pub async fn home(visit: Visit) -> Result<Response, Failure> {
    visit.page(StatusCode::OK, home::page).await
}

pub async fn good(visit: Visit, Path(slug): Path<String>) -> Result<Response, Failure> {
    let good = catalogue::find(&slug).ok_or_else(|| Failure::new(Problem::NotFound))?;
    let is_guest = visit.parameter("as").as_deref() == Some("guest");
    let mut silent = visit.session().silent.clone();
    if visit.is_in_app() && !is_guest && silent.is_none() && visit.session().sub.is_none() {
        match silent_login(&visit).await {
            Ok(response) => return Ok(response),
            Err(_) => {
                visit.app.store.set_silent(visit.session(), UNAVAILABLE).await?;
                silent = Some(UNAVAILABLE.to_owned());
            }
        }
    }
    let is_member = visit.member().await?.is_some();
    let silent = match silent.as_deref() {
        Some(MEMBER) if is_member => Some(SilentLogin::Member),
        Some(UNAVAILABLE) => Some(SilentLogin::Unavailable),
        Some(BROWSING) => Some(SilentLogin::Browsing),
        _ if is_guest && !is_member => Some(SilentLogin::Browsing),
        _ => None,
    };
    let share_url = format!("{}/goods/{slug}", visit.app.settings.origin);
    let view = good::View { good, share_url, in_app: visit.is_in_app(), silent };
    visit.page(StatusCode::OK, |frame| good::page(frame, &view)).await
}

/// How a silent login ended, as a session remembers it.
pub const MEMBER: &str = "member";
pub const BROWSING: &str = "browsing";
pub const UNAVAILABLE: &str = "unavailable";
pub const SIGNED_OUT: &str = "signed_out";

// sample: silent_login
/// Asks the provider once whether this is a member, without showing anything (`prompt=none`).
///
/// A member comes back with a code, everyone else with an error, and either is remembered in the
/// session: that is what keeps the browser from going round in circles.
async fn silent_login(visit: &Visit) -> Result<Response, Failure> {
    let ask = Ask { silent: true, language: visit.language.tag().to_owned(), ..Ask::default() };
    let return_to = own_path(&visit.path).unwrap_or("/").to_owned();
    let trip = Trip { way: Way::Login, item: None, return_to };
    let url = sign_in::depart(visit, &ask, &trip).await?;
    Ok(Redirect::to(url.as_str()).into_response())
}
// end sample

/// Where a guest goes after a silent login.
#[must_use]
pub fn as_guest(return_to: &str) -> String {
    with_parameter(return_to, GUEST)
}
