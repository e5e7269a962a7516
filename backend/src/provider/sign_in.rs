//! One sign-in: the request, and what its answer proves.

use std::sync::Arc;

use openidconnect::{
    AccessToken, AccessTokenHash, AuthenticationContextClass, AuthenticationFlow,
    AuthorizationCode, ClaimsVerificationError, CsrfToken, IdTokenClaims, IdTokenVerifier,
    LanguageTag, LoginHint, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RequestTokenError, Scope, SignatureVerificationError, SubjectIdentifier, TokenResponse as _,
    UserInfoClaims, UserInfoError,
    core::{CoreAuthPrompt, CoreGenderClaim, CoreJsonWebKey, CoreResponseType},
};
use serde_json::{Map, Value};
use url::Url;

use super::{
    Discovered, Provider, ProviderError, TokenResponse,
    claims::{self, OtherClaims},
    http::HttpError,
};
use crate::clock::{Clock, Seconds};

/// How far the provider's clock and this one may be apart, in seconds.
pub const SKEW: Seconds = 60;

/// Seconds that a login may be old where a service asks for nothing: `max_age` makes the provider send
/// `auth_time` (OpenID Connect Core, 2).
const ANY_AGE: Seconds = 365 * 24 * 60 * 60;

type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

/// What binds an answer to this browser and this attempt.
#[derive(Debug, Clone)]
pub struct Secrets {
    pub state: String,
    pub nonce: String,
    /// The PKCE verifier (RFC 7636, 4.1).
    pub verifier: String,
}

/// What a service asks of the login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Whether the person has to authenticate again: `prompt=login`, or a `max_age` of 0.
    pub login: bool,
    /// Whether the person chooses an account.
    pub select_account: bool,
    /// Whether the person makes an account (Initiating User Registration, 4).
    pub create: bool,
    /// Seconds since the person authenticated, at most.
    pub max_age: Option<Seconds>,
    pub login_hint: Option<String>,
    pub ui_locales: Vec<String>,
    pub acr_values: Vec<String>,
}

/// What a callback is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    pub code: &'a str,
    /// When the browser was sent to the provider.
    pub started_at: Seconds,
    /// Whether the person had to authenticate again.
    pub asks_login: bool,
    /// The oldest login that was accepted, in seconds.
    pub max_age: Option<Seconds>,
}

/// Who has signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    pub subject: String,
    /// When the person authenticated; none when the provider does not say.
    pub authenticated_at: Option<Seconds>,
    /// Of the ID token, and of userinfo where that was asked.
    pub claims: Map<String, Value>,
}

impl Provider {
    /// Where a browser is sent to sign in.
    #[must_use]
    pub fn authorize_url(&self, known: &Discovered, secrets: &Secrets, asked: &Asked) -> Url {
        let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let scopes = self.configured.scopes.iter().filter(|scope| *scope != "openid");
        let mut request = known
            .party
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(scopes.cloned().map(Scope::new));
        if asked.login {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        if asked.select_account {
            request = request.add_prompt(CoreAuthPrompt::SelectAccount);
        }
        if asked.create && known.understands_prompt("create") {
            request = request.add_prompt(CoreAuthPrompt::Extension("create".to_owned()));
        }
        let max_age = if asked.login { 0 } else { asked.max_age.unwrap_or(ANY_AGE) };
        let max_age = u64::try_from(max_age).unwrap_or(0);
        request = request.set_max_age(std::time::Duration::from_secs(max_age));
        if let Some(hint) = &asked.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.clone()));
        }
        for locale in &asked.ui_locales {
            request = request.add_ui_locale(LanguageTag::new(locale.clone()));
        }
        for acr in &asked.acr_values {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        request.url().0
    }

    /// Redeems the code of a callback and verifies who signed in (OpenID Connect Core, 3.1.3).
    ///
    /// # Errors
    /// When the provider does not answer, its answer proves nothing, or the login is older than asked.
    pub async fn identify(
        &self,
        known: Arc<Discovered>,
        secrets: &Secrets,
        callback: Callback<'_>,
        clock: &Clock,
    ) -> Result<Identified, ProviderError> {
        let code = AuthorizationCode::new(callback.code.to_owned());
        let request = known.party.exchange_code(code);
        let request = request.map_err(|error| ProviderError::Invalid(error.to_string()))?;
        let tokens = request
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(error) => of_http("the token endpoint", &error),
                RequestTokenError::ServerResponse(error) => {
                    // Its description may quote anything.
                    let code = error.error();
                    ProviderError::Invalid(format!("the token endpoint answers {code}"))
                }
                RequestTokenError::Parse(error, _) => {
                    ProviderError::Invalid(format!("the token endpoint: {error}"))
                }
                RequestTokenError::Other(why) => {
                    ProviderError::Invalid(format!("the token endpoint: {why}"))
                }
            })?;
        let nonce = Nonce::new(secrets.nonce.clone());
        let (known, claims) = match self.verified(&known, &tokens, &nonce, clock.now()) {
            Ok(claims) => (known, claims),
            // The provider may have a new key.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => {
                let known = self.with_new_keys(&known, clock).await?;
                let claims = self.verified(&known, &tokens, &nonce, clock.now());
                let claims = claims.map_err(|error| refused(&error))?;
                (known, claims)
            }
            Err(error) => return Err(refused(&error)),
        };
        let authenticated_at = claims.auth_time().map(|it| it.timestamp());
        check_auth_time(authenticated_at, &callback, clock.now())?;
        let subject = claims.subject().to_string();
        let mut all = claims::all(&claims);
        if self.needs_userinfo(&known, &all) {
            let more = self.userinfo(&known, tokens.access_token(), &subject).await?;
            for (name, value) in more {
                all.entry(name).or_insert(value);
            }
        }
        Ok(Identified { subject, authenticated_at, claims: all })
    }

    /// The claims of the ID token, once everything but the time of authentication was checked.
    fn verified(
        &self,
        known: &Discovered,
        tokens: &TokenResponse,
        nonce: &Nonce,
        now: Seconds,
    ) -> Result<Claims, ClaimsVerificationError> {
        let token = tokens.id_token().ok_or_else(|| other("there is no ID token"))?;
        let verifier: IdTokenVerifier<'_, CoreJsonWebKey> = known
            .party
            .id_token_verifier()
            .set_allowed_algs(known.algorithms.iter().cloned())
            // Its own check has no tolerance.
            .set_time_fn(move || time(now - SKEW))
            .set_issue_time_verifier_fn(move |issued| {
                if issued > time(now + SKEW) {
                    return Err("the token was issued in the future".to_owned());
                }
                Ok(())
            });
        let claims = token.claims(&verifier, nonce)?;
        if claims.authorized_party().is_some_and(|party| *party != self.client_id()) {
            return Err(other("azp names another client"));
        }
        if let Some(expected) = claims.access_token_hash() {
            let (algorithm, key) = (token.signing_alg(), token.signing_key(&verifier));
            let algorithm = algorithm.map_err(ClaimsVerificationError::SignatureVerification)?;
            let key = key.map_err(ClaimsVerificationError::SignatureVerification)?;
            let found = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|error| other(&error.to_string()))?;
            if found != *expected {
                return Err(other("at_hash is of another access token"));
            }
        }
        Ok(claims.clone())
    }

    /// Whether a claim that is used is not in the ID token, and may be at the userinfo endpoint.
    fn needs_userinfo(&self, known: &Discovered, claims: &Map<String, Value>) -> bool {
        let used = self.configured.claims.values().chain([&self.configured.account_claim]);
        known.has_userinfo() && used.into_iter().any(|claim| !claims.contains_key(claim))
    }

    async fn userinfo(
        &self,
        known: &Discovered,
        token: &AccessToken,
        subject: &str,
    ) -> Result<Map<String, Value>, ProviderError> {
        let subject = SubjectIdentifier::new(subject.to_owned());
        let request = known.party.user_info(token.clone(), Some(subject));
        let request = request.map_err(|error| ProviderError::Invalid(error.to_string()))?;
        let found: Result<UserInfoClaims<OtherClaims, CoreGenderClaim>, _> =
            request.request_async(&self.http).await;
        match found {
            Ok(claims) => Ok(claims::all(&claims)),
            Err(UserInfoError::Request(error)) => Err(of_http("the userinfo endpoint", &error)),
            Err(UserInfoError::ClaimsVerification(error)) => {
                Err(ProviderError::Invalid(format!("the userinfo endpoint: {}", kind(&error))))
            }
            Err(UserInfoError::Response(status, ..)) => Err(ProviderError::Invalid(format!(
                "the userinfo endpoint answers with status {}",
                status.as_u16()
            ))),
            Err(_) => Err(ProviderError::Invalid("the userinfo endpoint: no claims".to_owned())),
        }
    }
}

/// Checks when the person authenticated: `openidconnect` sends `max_age` and leaves the check to us.
fn check_auth_time(
    at: Option<Seconds>,
    callback: &Callback<'_>,
    now: Seconds,
) -> Result<(), ProviderError> {
    let asked = if callback.asks_login { Some(0) } else { callback.max_age };
    match (at, asked) {
        (Some(at), _) if at > now + SKEW => {
            Err(ProviderError::Invalid("auth_time is in the future".to_owned()))
        }
        (Some(at), Some(max_age)) if at < callback.started_at - max_age - SKEW => {
            let why = format!("the login is older than {max_age} seconds");
            Err(ProviderError::NotFresh(why))
        }
        (None, Some(_)) => {
            let why = "the provider does not say when the person authenticated (auth_time)";
            Err(ProviderError::NotFresh(why.to_owned()))
        }
        (_, _) => Ok(()),
    }
}

fn time(seconds: Seconds) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or(chrono::DateTime::UNIX_EPOCH)
}

fn other(why: &str) -> ClaimsVerificationError {
    ClaimsVerificationError::Other(why.to_owned())
}

fn refused(error: &ClaimsVerificationError) -> ProviderError {
    ProviderError::Invalid(format!("the ID token: {}", kind(error)))
}

/// What is wrong with a token, without what it says.
fn kind(error: &ClaimsVerificationError) -> String {
    let what = match error {
        ClaimsVerificationError::Expired(_) => "it has expired, or its time is wrong",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another client (aud)",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer (iss)",
        ClaimsVerificationError::InvalidNonce(_) => "it answers another request (nonce)",
        ClaimsVerificationError::InvalidSubject(_) => "it is about another person (sub)",
        ClaimsVerificationError::SignatureVerification(error) => match error {
            SignatureVerificationError::NoSignature => "it is not signed",
            SignatureVerificationError::DisallowedAlg(_) => "its algorithm is not accepted",
            SignatureVerificationError::NoMatchingKey => "no key of the provider fits",
            _ => "its signature is wrong",
        },
        ClaimsVerificationError::Other(why) => return why.clone(),
        _ => "it cannot be used",
    };
    what.to_owned()
}

fn of_http(what: &str, error: &HttpError) -> ProviderError {
    let why = format!("{what}: {error}");
    match error.is_passing() {
        true => ProviderError::Unreachable(why),
        false => ProviderError::Invalid(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback(asks_login: bool, max_age: Option<Seconds>) -> Callback<'static> {
        Callback { code: "c", started_at: 1000, asks_login, max_age }
    }

    #[test]
    fn a_login_must_be_as_recent_as_was_asked() {
        let invalid =
            |at, asks, max_age| check_auth_time(at, &callback(asks, max_age), 1020).is_err();
        for (at, asks_login, max_age, is_refused) in [
            (None, false, None, false),
            (Some(1), false, None, false),
            (Some(1080), false, None, false),
            (Some(1081), false, None, true),
            (None, true, None, true),
            (Some(940), true, None, false),
            (Some(939), true, None, true),
            (Some(1010), true, Some(500), false),
            (Some(600), true, Some(500), true),
            (None, false, Some(500), true),
            (Some(440), false, Some(500), false),
            (Some(439), false, Some(500), true),
        ] {
            assert_eq!(invalid(at, asks_login, max_age), is_refused, "{at:?} {max_age:?}");
        }
    }
}
