//! `GET /sign-in` and `POST /sign-in/start`: the way to the provider.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use url::Url;

use super::{failure::Failure, form::Form, own_path::own_path, visit::Visit};
use crate::{
    clock,
    pages::{
        Way, onward,
        problem::Problem,
        sign_in::{self, NeededFor},
    },
    provider::{api::By, oidc::Ask},
    store::Attempt,
};

/// The consent items that the shop asks for one by one.
const ITEMS: [&str; 3] = ["shipping_address", "phone_number", "account_email"];

/// What a visitor goes to the provider for.
pub struct Trip {
    pub way: Way,
    pub item: Option<String>,
    /// An own path.
    pub return_to: String,
}

pub async fn page(visit: Visit) -> Result<Response, Failure> {
    let return_to = visit.parameter("return_to");
    let needed_for = match visit.parameter("for").as_deref() {
        Some("order") => Some(NeededFor::Order),
        Some("profile") => Some(NeededFor::Profile),
        Some("coupons") => Some(NeededFor::Coupons),
        Some("leave") => Some(NeededFor::Leave),
        _ => None,
    };
    let return_to = return_to.as_deref().and_then(own_path).map(str::to_owned);
    let view = sign_in::View { return_to, needed_for };
    visit.page(StatusCode::OK, |frame| sign_in::page(frame, &view)).await
}

/// To the page with both ways to sign in, and back afterwards.
#[must_use]
pub fn needed(what: &str, return_to: &str) -> Response {
    Redirect::to(&format!("/sign-in?for={what}&return_to={return_to}")).into_response()
}

pub async fn start(visit: Visit, form: Form) -> Result<Response, Failure> {
    let way = form.get("way").and_then(Way::from_value);
    let way = way.ok_or_else(|| Failure::new(Problem::BadForm))?;
    let return_to = form.get("return_to").and_then(own_path).unwrap_or(match way {
        Way::SignUp | Way::Login => "/",
        Way::Upgrade | Way::Channel => "/profile",
        Way::Coupons => "/coupons",
        Way::Item => "/order",
    });
    let item = match (way, form.get("item")) {
        (Way::Item, Some(item)) if !ITEMS.contains(&item) => {
            return Err(Failure::new(Problem::BadForm));
        }
        (Way::Item, item) => Some(item.unwrap_or(ITEMS[0]).to_owned()),
        _ => None,
    };
    let trip = Trip { way, item, return_to: return_to.to_owned() };
    let failed = |failure: Failure| failure.retry(way, return_to);
    let ask = ask(&visit, &trip).await.map_err(failed)?;
    let url = depart(&visit, &ask, &trip).await.map_err(failed)?;
    onward(&visit, &url).await
}

/// What the provider is asked for on each way.
///
/// # Errors
/// When the provider does not answer what a member has still to agree to.
pub async fn ask(visit: &Visit, trip: &Trip) -> Result<Ask, Failure> {
    let settings = &visit.app.settings;
    let ask = Ask { language: visit.language.tag().to_owned(), ..Ask::default() };
    Ok(match trip.way {
        // Everything that the app is configured with.
        Way::SignUp => ask,
        // None of the shop's terms: `service_terms` is sent and empty.
        Way::Login => Ask { terms: Some(Vec::new()), ..ask },
        Way::Upgrade => Ask { terms: Some(missing_terms(visit, false).await?), ..ask },
        Way::Coupons => Ask { terms: Some(settings.coupons_term.iter().cloned().collect()), ..ask },
        // A channel alone shows no screen; together with terms that are missing it does.
        Way::Channel => {
            let terms = missing_terms(visit, true).await?;
            let terms = (!terms.is_empty()).then_some(terms);
            Ask { channel: settings.channel_public_id.clone(), terms, ..ask }
        }
        // sample: ask_item
        // `scope` names one item that the sign-up did not ask for, or that was refused.
        Way::Item => Ask { item: trip.item.clone(), ..ask },
        // end sample
    })
}

// sample: upgrade
/// The terms that the member has not agreed to, from the API. Coupons have their own moment.
async fn missing_terms(visit: &Visit, only_required: bool) -> Result<Vec<String>, Failure> {
    let Some(sub) = &visit.session().sub else { return Ok(Vec::new()) };
    let terms = visit.provider().terms(By::Admin(sub)).await?;
    let coupons = visit.app.settings.coupons_term.as_ref();
    let missing = terms.into_iter().filter(|term| {
        !term.agreed && Some(&term.tag) != coupons && (term.required || !only_required)
    });
    Ok(missing.map(|term| term.tag).collect())
}
// end sample

/// Remembers an attempt, and returns where the browser has to go.
///
/// # Errors
/// When the provider's metadata or the database cannot be used.
pub async fn depart(visit: &Visit, ask: &Ask, trip: &Trip) -> Result<Url, Failure> {
    let departure = visit.provider().departure(ask).await?;
    visit.recorder().add_redirect(&departure.url);
    let attempt = Attempt {
        state: departure.state,
        session: visit.session().id.clone(),
        nonce: departure.nonce,
        verifier: departure.verifier,
        way: trip.way.as_str().to_owned(),
        item: trip.item.clone(),
        sub: match trip.way {
            Way::SignUp | Way::Login => None,
            Way::Upgrade | Way::Coupons | Way::Channel | Way::Item => visit.session().sub.clone(),
        },
        silent: ask.silent,
        return_to: trip.return_to.clone(),
        used: false,
        at: clock::now(),
    };
    visit.app.store.put_attempt(&attempt).await?;
    Ok(departure.url)
}

/// A page that goes on by itself. Browsers apply `form-action` to every redirect that follows a form,
/// so a redirect here would need each host on the way to the provider in the policy.
///
/// # Errors
/// When the database cannot be used.
pub async fn onward(visit: &Visit, url: &Url) -> Result<Response, Failure> {
    let view = onward::View { to: url.to_string() };
    let mut response = visit.page(StatusCode::OK, |frame| onward::page(frame, &view)).await?;
    let refresh = HeaderValue::from_str(&format!("0; url={url}"));
    let refresh = refresh.map_err(|_| Failure::new(Problem::Internal))?;
    response.headers_mut().insert(header::REFRESH, refresh);
    Ok(response)
}
