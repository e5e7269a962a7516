//! An authorize request and its addresses. [`super::read_request`] reads one.

use std::collections::BTreeSet;

use url::form_urlencoded;

use super::{error::AuthorizeError, prompt, scope};
pub use super::{
    prompt::Prompt,
    read_request::{read, read_pushed, read_stored},
};
use crate::{clock::Seconds, config::Dialect, kakao::koe::KoeError};

/// A good authorize request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizeRequest {
    pub client_id: String,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    /// Whether an ID token is asked for.
    pub openid: bool,
    /// Whether a refresh token is asked for that outlives the session (OpenID Connect Core, 11).
    pub offline_access: bool,
    /// Whether the token shall show the person's agreements, see [`scope::AGREEMENTS`].
    pub agreements: bool,
    /// Those of [`scope::STANDARD`] that it asks for.
    pub standard_scopes: Vec<&'static str>,
    pub wanted: Wanted,
    pub prompt: Option<Prompt>,
    /// Seconds since the user authenticated, at most.
    pub max_age: Option<Seconds>,
    /// An ID token of the user whom the service expects, not verified yet.
    pub id_token_hint: Option<String>,
    /// The values of `sub` that the service accepts; none when any is accepted.
    pub subjects: Option<BTreeSet<String>>,
    /// Names of claims that are asked for in the ID token.
    pub id_token_claims: BTreeSet<String>,
    pub response_mode: ResponseMode,
    pub ui_locales: Vec<String>,
    /// The protocol of the service.
    pub dialect: Dialect,
    /// The whole request in one spelling, to be read again or started again.
    pub query: String,
    /// Where it is kept, when the client has pushed it.
    pub pushed: Option<Pushed>,
}

/// What the service names beyond what it always asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Ids, from `scope`.
    pub items: BTreeSet<String>,
    /// Ids of the items behind standard scopes (`profile`, `email` ...) and the `claims` parameter.
    /// Clients send these with every sign-in, so an optional item that the user has decided on is not
    /// asked again for them.
    pub items_of_claims: BTreeSet<String>,
    /// Tags, from `service_terms`.
    pub terms: BTreeSet<String>,
    /// Whether a sign-up asks no other terms than those (Kakao Login REST, `service_terms`).
    pub only_named_terms: bool,
    /// Public ids, from `channel_public_id`.
    pub channels: BTreeSet<String>,
    /// Whether a member is asked again for everything, by `prompt=consent`.
    pub consent_again: bool,
}

/// How the answer travels to the redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of a redirect.
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Where a pushed authorization request is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    pub request_uri: String,
    /// Whether the user chooses an account although the pushed request does not ask for that: our own
    /// link to switch accounts.
    pub select_account: bool,
}

/// Why a request is not answered with a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestFault {
    /// Without a registered redirect URI the error is a page of our own (RFC 9700, 4.11).
    InvalidRedirect(&'static str),
    /// A page with an error code of Kakao's dialect.
    Kakao(KoeError),
    /// The service gets the error by redirect.
    Redirect {
        redirect_uri: String,
        state: Option<String>,
        response_mode: ResponseMode,
        error: AuthorizeError,
        description: String,
    },
}

impl AuthorizeRequest {
    /// The scopes that it asks for beside items, separated by spaces.
    #[must_use]
    pub fn scope(&self) -> String {
        let asked = [
            (self.openid, scope::OPENID),
            (self.offline_access, scope::OFFLINE_ACCESS),
            (self.agreements, scope::AGREEMENTS),
        ];
        let names = asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, name)| name);
        names.chain(self.standard_scopes.iter().copied()).collect::<Vec<_>>().join(" ")
    }

    /// Starting this request again: a path on this origin.
    #[must_use]
    pub fn restart_url(&self) -> String {
        let Some(pushed) = &self.pushed else { return restart_url(&self.query) };
        let mut pairs = vec![("client_id", &*self.client_id), ("request_uri", &pushed.request_uri)];
        if pushed.select_account {
            pairs.push(("prompt", "select_account"));
        }
        restart_url(&spelled(pairs.into_iter()))
    }

    /// The request as a challenge keeps it, for [`read_stored`].
    #[must_use]
    pub fn stored(&self) -> String {
        match &self.pushed {
            None => self.query.clone(),
            Some(pushed) => {
                format!(
                    "{}&{}",
                    self.query,
                    spelled([("request_uri", &pushed.request_uri)].into_iter())
                )
            }
        }
    }

    /// The same request after the user has been at the login page: without what that has answered, and
    /// without the hint for it.
    #[must_use]
    pub fn after_login(&self) -> Self {
        // A user who has just signed in is as fresh as 0 seconds can ask for. Any other age is
        // checked again.
        let query = self.changed(|name, value| match name {
            "login_hint" => None,
            "max_age" if self.max_age == Some(0) => None,
            "prompt" => prompt::after_login(list(Some(value))),
            _ => Some(value.to_owned()),
        });
        Self {
            prompt: self.prompt.filter(|it| *it == Prompt::None),
            max_age: self.max_age.filter(|seconds| *seconds != 0),
            query,
            ..self.clone()
        }
    }

    /// The same request after the user has answered the screen: `prompt=consent` is done.
    #[must_use]
    pub fn after_consent(&self) -> Self {
        let query = self.changed(|name, value| match name {
            "prompt" => prompt::after_consent(list(Some(value))),
            _ => Some(value.to_owned()),
        });
        let wanted = Wanted { consent_again: false, ..self.wanted.clone() };
        Self { query, wanted, ..self.clone() }
    }

    /// The same request with another account.
    #[must_use]
    pub fn with_another_account(&self) -> Self {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        let rest = pairs.filter(|(key, _)| key != "prompt");
        let pushed = self.pushed.clone();
        Self {
            query: spelled(rest.chain([("prompt".into(), "select_account".into())])),
            prompt: Some(Prompt::SelectAccount),
            wanted: Wanted { consent_again: false, ..self.wanted.clone() },
            pushed: pushed.map(|it| Pushed { select_account: true, ..it }),
            ..self.clone()
        }
    }

    /// Starting this request again with another account: a path on this origin.
    #[must_use]
    pub fn switch_account_url(&self) -> String {
        self.with_another_account().restart_url()
    }

    /// The query with other values; a parameter without a value is left out.
    fn changed(&self, change: impl Fn(&str, &str) -> Option<String>) -> String {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        spelled(pairs.filter_map(|(name, value)| {
            let value = change(&name, &value)?;
            Some((name, value))
        }))
    }
}

/// Parameters in one spelling.
pub(super) fn spelled<K: AsRef<str>, V: AsRef<str>>(pairs: impl Iterator<Item = (K, V)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    query.finish()
}

/// Starting the request of this query again: a path on this origin.
#[must_use]
pub fn restart_url(query: &str) -> String {
    format!("/oauth/authorize?{query}")
}

/// Lists come with commas (Kakao's documents) or spaces (its SDKs, and OAuth).
pub(super) fn list(value: Option<&str>) -> BTreeSet<String> {
    let words = value.unwrap_or_default().split([',', ' ']);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
