//! Sign-in at an OpenID provider: the code flow with PKCE, as a relying party (OpenID Connect Core, 3.1).
//!
//! `openidconnect` builds requests and verifies ID tokens; what it leaves to its user is here: the HTTP
//! client, caching the provider's documents, `auth_time`, `azp` and where endpoints may be.

mod claims;
mod discovery;
mod http;
mod sign_in;

use std::fmt;

use openidconnect::{
    Client, ClientId, ClientSecret, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdTokenFields, StandardErrorResponse, StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};

use self::{claims::OtherClaims, discovery::Cache, http::Http};
use crate::config::Oidc;

pub use self::{
    discovery::Discovered,
    sign_in::{Asked, Callback, Identified, SKEW, Secrets},
};

type TokenResponse = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// A client of a provider whose endpoints are known from its metadata.
type RelyingParty = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenResponse,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why a provider has signed no one in. The text is for the log: it holds no personal value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderError {
    /// It does not answer, or not now.
    Unreachable(String),
    /// What it answers cannot be trusted.
    Invalid(String),
    /// The person did not authenticate as recently as was asked for.
    NotFresh(String),
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Unreachable(reason) | Self::Invalid(reason) | Self::NotFresh(reason)) = self;
        f.write_str(reason)
    }
}

impl std::error::Error for ProviderError {}

/// An OpenID provider that people sign in at.
pub struct Provider {
    configured: Oidc,
    /// Where it sends browsers back to: registered there.
    redirect_uri: String,
    http: Http,
    cache: Cache,
}

impl Provider {
    /// The configured provider. Nothing is asked of it yet: it may be down while this server starts.
    ///
    /// # Errors
    /// When the machine's certificate authorities cannot be read.
    pub fn new(configured: Oidc, redirect_uri: String) -> Result<Self, reqwest::Error> {
        let http = Http::new(&configured.issuer)?;
        Ok(Self { configured, redirect_uri, http, cache: Cache::default() })
    }

    /// The issuer, as configured.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.configured.issuer
    }

    #[must_use]
    pub fn configured(&self) -> &Oidc {
        &self.configured
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.configured.client_id.clone())
    }

    fn client_secret(&self) -> Option<ClientSecret> {
        self.configured.client_secret.clone().map(ClientSecret::new)
    }
}
