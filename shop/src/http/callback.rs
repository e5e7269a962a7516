//! `GET /callback`: the provider sends a browser back.

use axum::{
    http::header,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    failure::Failure,
    goods::{BROWSING, MEMBER, UNAVAILABLE, as_guest},
    sign_in::{self, Trip},
    visit::Visit,
};
use crate::{
    clock,
    member::{Identity, Joined},
    pages::{Notice, Way, problem::Problem},
    provider::{
        Provider, ProviderError,
        api::{By, Relation},
        oidc::Arrived,
    },
    random,
    store::{Arrival, Attempt},
    unlinking::Unlinked,
};

// sample: callback
/// Takes an answer of the provider. Whatever it is, it belongs to the attempt of its `state`, and to the
/// browser that began that attempt.
pub async fn callback(visit: Visit) -> Result<Response, Failure> {
    let state = visit.parameter("state").ok_or_else(|| Failure::new(Problem::BadCallback))?;
    let attempt = visit.app.store.attempt(&state, clock::now()).await?;
    let attempt = attempt.ok_or_else(|| Failure::new(Problem::AttemptOver))?;
    let trip = trip(&attempt)?;
    let retry = |failure: Failure| failure.retry(trip.way, &trip.return_to);
    if attempt.session != visit.session().id {
        // Without cookies a silent login cannot end; the address keeps it from beginning again.
        return match attempt.silent {
            true => Ok(Redirect::to(&as_guest(&trip.return_to)).into_response()),
            false => Err(retry(Failure::new(Problem::SessionLost))),
        };
    }
    if !visit.app.store.use_attempt(&state, visit.session()).await? {
        // Back, reload or a second press: a signed-in user goes on.
        return match visit.session().sub {
            Some(_) => visit.redirect(&trip.return_to, None).await,
            None => Err(retry(Failure::new(Problem::AttemptOver))),
        };
    }
    if let Some(error) = visit.parameter("error") {
        return refused(&visit, &attempt, &trip, &error).await;
    }
    let code = visit.parameter("code").ok_or_else(|| Failure::new(Problem::BadCallback))?;
    match signed_in(&visit, &attempt, &trip, code).await {
        Err(_) if attempt.silent => browses(&visit, &trip, UNAVAILABLE).await,
        result => result.map_err(retry),
    }
}
// end sample

fn trip(attempt: &Attempt) -> Result<Trip, Failure> {
    let way = Way::from_value(&attempt.way).ok_or_else(|| Failure::new(Problem::Internal))?;
    Ok(Trip { way, item: attempt.item.clone(), return_to: attempt.return_to.clone() })
}

/// The user who comes with a code is signed in; who is no member yet may have steps to take.
async fn signed_in(
    visit: &Visit,
    attempt: &Attempt,
    trip: &Trip,
    code: String,
) -> Result<Response, Failure> {
    let (app, provider) = (&visit.app, visit.provider());
    let (nonce, verifier) = (attempt.nonce.clone(), attempt.verifier.clone());
    let arrived = provider.redeem(code, nonce, verifier).await?;
    // The link is there from now on, whatever fails below.
    app.store.put_arriving(&arrived.sub, clock::now()).await?;
    if attempt.sub.as_ref().is_some_and(|it| *it != arrived.sub) {
        // A step of one member, and another account came back: neither row is touched.
        return Err(Failure::new(Problem::AnotherAccount));
    }
    // Before anything else is asked: see `store::unlinks`.
    let seen = app.store.latest_unlink(&arrived.sub).await?;
    match app.unlink_if_due(&provider, &arrived.sub).await? {
        Unlinked::NotDue => {}
        // The user left here when the provider was down. Now that it knows, they start with nothing.
        Unlinked::Done => return again(visit, attempt, trip).await,
        Unlinked::Later => return Err(Failure::new(Problem::ProviderDown)),
    }
    let identity = identity(&provider, &arrived, trip).await?;
    let arrival = app.store.arrive(identity.clone(), seen, clock::now()).await?;
    if arrival == Arrival::OutOfDate {
        return again(visit, attempt, trip).await;
    }
    let id = random::token()?;
    let session = app.store.sign_in(visit.session(), &id, &arrived.sub, clock::now()).await?;
    let visit = visit.with_session(session);
    if attempt.silent {
        app.store.set_silent(visit.session(), MEMBER).await?;
    }
    let mut response = match arrival {
        Arrival::Pending => {
            app.store.set_return_to(&arrived.sub, &trip.return_to).await?;
            visit.redirect("/join", None).await?
        }
        arrival => {
            let notice = notice(&visit, &arrived, trip, &identity, &arrival).await;
            visit.redirect(&trip.return_to, notice.filter(|_| !attempt.silent)).await?
        }
    };
    response.headers_mut().append(header::SET_COOKIE, visit.cookie(&id));
    Ok(response)
}

/// What the API has about the user who came with this token.
async fn identity(
    provider: &Provider,
    arrived: &Arrived,
    trip: &Trip,
) -> Result<Identity, ProviderError> {
    let by = By::Token(&arrived.access_token);
    let mut identity = provider.me(by).await?;
    if identity.sub != arrived.sub {
        return Err(ProviderError::Nonsense("the API describes another user".to_owned()));
    }
    identity.terms = match provider.terms(by).await {
        Ok(terms) => Some(terms.into_iter().filter(|it| it.agreed).map(|it| it.tag).collect()),
        Err(error) => {
            tracing::warn!("signing in without the terms: {error}");
            None
        }
    };
    identity.joined = match (&identity.terms, trip.way) {
        (Some(terms), _) if terms.is_empty() => Joined::Login,
        (None, Way::Login) => Joined::Login,
        _ => Joined::SignUp,
    };
    if trip.item.as_deref() == Some("shipping_address") {
        // -402: the user refused. The shop asks for it itself.
        identity.address = provider.address(by).await.unwrap_or_default();
    }
    Ok(identity)
}

/// The notice of the next page.
async fn notice(
    visit: &Visit,
    arrived: &Arrived,
    trip: &Trip,
    identity: &Identity,
    arrival: &Arrival,
) -> Option<Notice> {
    let agreed = |tag: Option<&String>| {
        let terms = identity.terms.as_deref().unwrap_or_default();
        tag.is_some_and(|tag| terms.contains(tag))
    };
    if *arrival == Arrival::Joined {
        return Some(match identity.joined {
            Joined::Login => Notice::SignedUpByLogin,
            Joined::SignUp | Joined::Before => Notice::SignedUp,
        });
    }
    let is_upgraded = *arrival == (Arrival::Member { upgraded: true });
    Some(match trip.way {
        Way::SignUp | Way::Login if is_upgraded => Notice::Upgraded,
        Way::SignUp | Way::Login => Notice::SignedIn,
        Way::Upgrade if identity.joined == Joined::SignUp => Notice::Upgraded,
        Way::Upgrade => Notice::NotUpgraded,
        Way::Coupons if agreed(visit.app.settings.coupons_term.as_ref()) => Notice::CouponsAgreed,
        Way::Coupons => Notice::CouponsRefused,
        Way::Channel => match visit.provider().channel(By::Token(&arrived.access_token)).await {
            Ok(Some(Relation::Added)) => Notice::ChannelAdded,
            _ => Notice::ChannelRefused,
        },
        Way::Item => {
            let value = match trip.item.as_deref() {
                Some("phone_number") => &identity.phone,
                Some("account_email") => &identity.email,
                _ => &identity.address,
            };
            if value.is_some() { Notice::ItemAgreed } else { Notice::ItemRefused }
        }
    })
}

/// The answer to an error of the provider (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6).
async fn refused(
    visit: &Visit,
    attempt: &Attempt,
    trip: &Trip,
    error: &str,
) -> Result<Response, Failure> {
    if attempt.silent {
        return browses(visit, trip, BROWSING).await;
    }
    let failure = |problem: Problem| Failure::new(problem).with_code(error);
    let is_age = visit.parameter("error_description").is_some_and(|it| it.contains("under age"));
    match (error, trip.way) {
        // The same error as for a cancel; only the description differs.
        ("access_denied", _) if is_age => Err(failure(Problem::NotAllowed)),
        ("access_denied", Way::SignUp | Way::Login) => {
            Err(Failure::new(Problem::Cancelled).retry(trip.way, &trip.return_to))
        }
        ("access_denied", way) => {
            let notice = match way {
                Way::Coupons => Notice::CouponsRefused,
                Way::Channel => Notice::ChannelRefused,
                Way::Item => Notice::ItemRefused,
                Way::Upgrade | Way::SignUp | Way::Login => Notice::NotUpgraded,
            };
            visit.redirect(&trip.return_to, Some(notice)).await
        }
        ("server_error" | "temporarily_unavailable", way) => {
            Err(failure(Problem::ProviderDown).retry(way, &trip.return_to))
        }
        _ => Err(failure(Problem::NotAllowed)),
    }
}

/// A silent login did not sign anyone in: the page is shown to a guest, and nothing is tried again.
async fn browses(visit: &Visit, trip: &Trip, how: &str) -> Result<Response, Failure> {
    visit.app.store.set_silent(visit.session(), how).await?;
    visit.redirect(&as_guest(&trip.return_to), None).await
}

/// Starts the same attempt again, because what the provider answered holds no more.
async fn again(visit: &Visit, attempt: &Attempt, trip: &Trip) -> Result<Response, Failure> {
    if attempt.silent {
        return browses(visit, trip, BROWSING).await;
    }
    let ask = sign_in::ask(visit, trip).await?;
    let url = sign_in::depart(visit, &ask, trip).await?;
    Ok(Redirect::to(url.as_str()).into_response())
}
