//! `/sign-in/callback`: the way back from the provider.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, header},
    response::Response,
};
use consent_contract::account::ACCOUNT;
use serde_json::{Map, Value};

use super::COOKIE;
use crate::{
    App,
    account::{self, Attributes, Unusable},
    configured::latest_today,
    crypto,
    http::{
        error::{PageError, RequestError, WhyNot},
        parameter,
        redirect::see_other,
        session::{self, RequestContext},
    },
    provider::{Callback, Identified, Provider, ProviderError},
    store::{AccountFault, Identity, SignInAttempt, UNKNOWN_TIME},
};

/// Takes a browser back from the provider, signs the person in, and sends the browser on.
pub async fn callback(
    State(app): State<App>,
    mut context: RequestContext,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let provider = app.provider().ok_or(RequestError::NotFound)?;
    let given = |name: &str| parameter(query.as_deref(), name);
    let browser = session::cookie(&headers, &app.cookies().name(COOKIE));
    let attempt = match (given("state"), browser) {
        (Some(state), Some(browser)) => {
            let attempt = app.store().finish_sign_in(&state, browser, app.now()).await?;
            attempt.map(|attempt| (attempt, super::secrets(&app, state, browser)))
        }
        _ => None,
    };
    let Some((attempt, secrets)) = attempt else {
        // Another browser's, an old one, or one that was used: where it leads to is not for this one.
        return Err(super::not_signed_in(&app, WhyNot::NoAttempt, ACCOUNT, None));
    };
    let request = super::request(&app, &context, &attempt.return_to).await?;
    let refuse = |why| super::not_signed_in(&app, why, &attempt.return_to, request.as_ref());
    let failed = |error: &ProviderError| refuse(super::why(&app, error));
    let known = provider.discovered(app.clock()).await.map_err(|error| failed(&error))?;
    check_issuer(provider, given("iss").as_deref(), known.names_issuer())
        .map_err(|error| failed(&error))?;
    if let Some(error) = given("error") {
        return Err(refuse(of_error(&error)));
    }
    let Some(code) = given("code") else {
        let why = "the callback has neither a code nor an error";
        return Err(failed(&ProviderError::Invalid(why.to_owned())));
    };
    let callback = Callback {
        code: &code,
        started_at: attempt.started_at,
        asks_login: attempt.asks_login,
        max_age: attempt.max_age,
    };
    let identified = provider.identify(known, &secrets, callback, app.clock()).await;
    let identified = identified.map_err(|error| failed(&error))?;
    let account = match account(&app, provider, &identified).await? {
        Ok(account) => account,
        Err(why) => return Err(refuse(why)),
    };
    let at = signed_in_at(&attempt, identified.authenticated_at, app.now());
    let cookie = context.sign_in_at(&app, &account, at).await?;
    let mut response = see_other(&attempt.return_to);
    for cookie in [Some(cookie), session::forget_sign_out(&app, &headers)].into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// When the person authenticated, by this server's clock. Who was sent away to authenticate did so
/// afterwards, whatever the provider's clock shows. Without the provider's word the way back proves
/// nothing: the person may have authenticated there long ago.
fn signed_in_at(attempt: &SignInAttempt, at: Option<i64>, now: i64) -> i64 {
    match at {
        None => UNKNOWN_TIME,
        // The clock of this server may have been set back in between.
        Some(at) if attempt.asks_login => at.max(attempt.started_at).min(now),
        Some(at) => at.min(now),
    }
}

/// Checks that the answer comes from the provider that was asked (RFC 9207, 2.4).
fn check_issuer(
    provider: &Provider,
    given: Option<&str>,
    is_promised: bool,
) -> Result<(), ProviderError> {
    match given {
        Some(issuer) if issuer != provider.issuer() => {
            Err(ProviderError::Invalid("the callback is of another issuer (iss)".to_owned()))
        }
        None if is_promised => {
            Err(ProviderError::Invalid("the callback names no issuer (iss)".to_owned()))
        }
        _ => Ok(()),
    }
}

/// An error of the provider (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6), for the person.
fn of_error(error: &str) -> WhyNot {
    let known = match error {
        "access_denied"
        | "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => return WhyNot::Cancelled,
        "temporarily_unavailable" | "server_error" => {
            tracing::warn!(error, "the provider could not sign anyone in");
            return WhyNot::ProviderUnreachable;
        }
        "invalid_request"
        | "unauthorized_client"
        | "unsupported_response_type"
        | "invalid_scope" => error,
        _ => "unknown",
    };
    tracing::warn!(error = known, "the provider refused our request");
    WhyNot::ProviderInvalid
}

/// The id of the account that has signed in, which is made the first time.
async fn account(
    app: &App,
    provider: &Provider,
    identified: &Identified,
) -> Result<Result<String, WhyNot>, PageError> {
    let configured = provider.configured();
    let id = account_id(&identified.claims, &configured.account_claim);
    let account_sha256 = id.as_ref().map(|id| crypto::digest_prefix(id.as_bytes()));
    let is_of_file = |id: &str| app.catalog().accounts.contains_key(id);
    if id.as_deref().is_some_and(is_of_file) {
        tracing::warn!(account_sha256, "an account of the services file has this id");
        return Ok(Err(WhyNot::UnknownAccount));
    }
    let values = configured
        .claims
        .iter()
        .filter_map(|(key, claim)| Some((*key, identified.claims.get(claim)?.clone())));
    let (attributes, unusable) = Attributes::read(values, latest_today(app.now()));
    for Unusable(key) in unusable {
        let attribute = key.name();
        tracing::warn!(attribute, "the provider gives a value that cannot be used");
    }
    let identity = Identity { issuer: provider.issuer(), subject: &identified.subject };
    let kept = app.store().keep_account(id.as_deref(), identity, &attributes, app.now()).await?;
    let kept = kept.map(|account| account.id).map_err(|fault| match fault {
        AccountFault::Disabled => {
            tracing::warn!(account_sha256, "an account that is disabled cannot sign in");
            WhyNot::AccountDisabled
        }
        AccountFault::Unnamed => {
            let claim = &configured.account_claim;
            tracing::warn!(claim, "the provider gives no claim that can be the id of an account");
            WhyNot::UnknownAccount
        }
        AccountFault::Taken => {
            tracing::warn!(account_sha256, "another user has, or had, an account of this id");
            WhyNot::UnknownAccount
        }
    });
    // The account may be older than the one in the file.
    Ok(kept.and_then(|id| if is_of_file(&id) { Err(WhyNot::UnknownAccount) } else { Ok(id) }))
}

/// The id that a claim gives. An address or a number that was not verified may be another person's.
fn account_id(claims: &Map<String, Value>, claim: &str) -> Option<String> {
    let is_verified = |claim: &str| claims.get(claim).and_then(Value::as_bool) == Some(true);
    match claim {
        "email" if !is_verified("email_verified") => return None,
        "phone_number" if !is_verified("phone_number_verified") => return None,
        _ => {}
    }
    let id = match claims.get(claim)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    account::is_id(&id).then_some(id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unverified_address_is_no_id() {
        let claims = |value: Value| value.as_object().unwrap().clone();
        let hana = json!({ "sub": "1", "email": "hana@example.com", "employee": 7, "list": [1] });
        assert_eq!(account_id(&claims(hana.clone()), "sub").as_deref(), Some("1"));
        assert_eq!(account_id(&claims(hana.clone()), "employee").as_deref(), Some("7"));
        for none in ["email", "phone_number", "list", "missing"] {
            assert_eq!(account_id(&claims(hana.clone()), none), None, "{none}");
        }
        for (verified, id) in [(json!(true), Some("hana@example.com")), (json!(false), None)] {
            let mut hana = claims(hana.clone());
            hana.insert("email_verified".to_owned(), verified);
            assert_eq!(account_id(&hana, "email").as_deref(), id);
        }
    }

    #[test]
    fn who_was_sent_to_authenticate_did_so_afterwards() {
        let attempt = |asks_login| SignInAttempt {
            return_to: String::new(),
            asks_login,
            max_age: None,
            started_at: 100,
        };
        assert_eq!(signed_in_at(&attempt(true), Some(95), 120), 100);
        assert_eq!(signed_in_at(&attempt(true), Some(125), 120), 120);
        assert_eq!(signed_in_at(&attempt(false), Some(5), 120), 5);
        // The clock was set back.
        assert_eq!(signed_in_at(&attempt(true), Some(95), 90), 90);
        for asks_login in [true, false] {
            assert_eq!(signed_in_at(&attempt(asks_login), None, 120), UNKNOWN_TIME);
        }
    }
}
