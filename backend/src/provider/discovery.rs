//! The provider's metadata and keys, cached (OpenID Connect Discovery, 4; Core, 10.1.1).

use std::sync::Arc;

use openidconnect::{
    AdditionalProviderMetadata, AuthType, DiscoveryError, IssuerUrl, JsonWebKeySet,
    ProviderMetadata, RedirectUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{Provider, ProviderError, RelyingParty, http::HttpError};
use crate::clock::{Clock, Seconds};

/// How long documents are used before they are fetched again.
const FRESH: Seconds = 60 * 60;

/// The pause before documents that are there are fetched again: after a failure, and for a key that is
/// not among them, which anyone could cause.
const PAUSE: Seconds = 60;

/// The pause after a failure when there is nothing to go on with.
const SHORT_PAUSE: Seconds = 3;

/// Signature algorithms that are accepted, where the provider names them: never `none`, and none with
/// a shared secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Metadata beyond OpenID Connect Discovery.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OtherMetadata {
    /// RFC 9207, 3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// Initiating User Registration via OpenID Connect, 4.1.
    #[serde(default)]
    prompt_values_supported: Vec<String>,
}

impl AdditionalProviderMetadata for OtherMetadata {}

type Metadata = ProviderMetadata<
    OtherMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What is known of a provider.
pub struct Discovered {
    metadata: Metadata,
    pub(super) party: RelyingParty,
    pub(super) algorithms: Vec<CoreJwsSigningAlgorithm>,
}

impl Discovered {
    /// Whether it promises to name itself in the callback.
    #[must_use]
    pub fn names_issuer(&self) -> bool {
        self.metadata.additional_metadata().authorization_response_iss_parameter_supported
    }

    /// Whether it says that it understands this prompt.
    #[must_use]
    pub fn understands_prompt(&self, prompt: &str) -> bool {
        let known = &self.metadata.additional_metadata().prompt_values_supported;
        known.iter().any(|it| it == prompt)
    }

    /// Whether claims can be fetched beside the ID token.
    #[must_use]
    pub fn has_userinfo(&self) -> bool {
        self.metadata.userinfo_endpoint().is_some()
    }
}

/// What was fetched, and when to fetch again.
#[derive(Default)]
struct Cached {
    known: Option<Arc<Discovered>>,
    fetch_at: Seconds,
    /// When keys were last fetched because one was missing.
    keys_fetched_at: Seconds,
    /// Why there is nothing.
    failure: Option<ProviderError>,
}

/// One fetch at a time: other requests wait for it.
#[derive(Default)]
pub struct Cache(Mutex<Cached>);

impl Provider {
    /// The provider's metadata and keys. Those of before are used while new ones cannot be fetched.
    ///
    /// # Errors
    /// When there are none.
    pub async fn discovered(&self, clock: &Clock) -> Result<Arc<Discovered>, ProviderError> {
        let mut cached = self.cache.0.lock().await;
        // Waiting and fetching take time: while the provider hangs, each pause begins when a fetch ends.
        let now = clock.now();
        // A clock that was set back must not keep documents permanently.
        let is_due = now >= cached.fetch_at || cached.fetch_at > now + FRESH;
        match (&cached.known, &cached.failure) {
            (Some(known), _) if !is_due => return Ok(Arc::clone(known)),
            (None, Some(failure)) if !is_due => return Err(failure.clone()),
            _ => {}
        }
        let fetched = self.fetch().await;
        let now = clock.now();
        match fetched {
            Ok(fetched) => {
                let fetched = Arc::new(fetched);
                *cached = Cached {
                    known: Some(Arc::clone(&fetched)),
                    fetch_at: now + FRESH,
                    failure: None,
                    ..*cached
                };
                Ok(fetched)
            }
            Err(error) => match &cached.known {
                Some(known) => {
                    tracing::warn!(%error, "the provider's metadata could not be fetched again");
                    let known = Arc::clone(known);
                    cached.fetch_at = now + PAUSE;
                    Ok(known)
                }
                None => {
                    cached.fetch_at = now + SHORT_PAUSE;
                    cached.failure = Some(error.clone());
                    Err(error)
                }
            },
        }
    }

    /// Fetches metadata and keys once more, because a token was signed with a key that is not among
    /// these; at most once a minute.
    ///
    /// # Errors
    /// When they cannot be fetched now.
    pub(super) async fn with_new_keys(
        &self,
        before: &Arc<Discovered>,
        clock: &Clock,
    ) -> Result<Arc<Discovered>, ProviderError> {
        let mut cached = self.cache.0.lock().await;
        if let Some(known) = cached.known.as_ref().filter(|it| !Arc::ptr_eq(it, before)) {
            return Ok(Arc::clone(known));
        }
        let now = clock.now();
        let age = now - cached.keys_fetched_at;
        if (0..PAUSE).contains(&age) {
            let why = "the token is signed with a key that the provider does not publish";
            return Err(ProviderError::Invalid(why.to_owned()));
        }
        cached.keys_fetched_at = now;
        let fetched = Arc::new(self.fetch().await?);
        cached.known = Some(Arc::clone(&fetched));
        cached.fetch_at = clock.now() + FRESH;
        Ok(fetched)
    }

    async fn fetch(&self) -> Result<Discovered, ProviderError> {
        let issuer = IssuerUrl::new(self.configured.issuer.clone())
            .map_err(|error| ProviderError::Invalid(format!("the issuer: {error}")))?;
        let metadata: Metadata =
            ProviderMetadata::discover_async(issuer, &self.http).await.map_err(described)?;
        let keys: &JsonWebKeySet<CoreJsonWebKey> = metadata.jwks();
        if keys.keys().is_empty() {
            let why = "the provider publishes no key that can be used";
            return Err(ProviderError::Invalid(why.to_owned()));
        }
        let endpoints = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(|it| it.url()),
            metadata.userinfo_endpoint().map(|it| it.url()),
        ];
        if !endpoints.into_iter().flatten().all(|url| self.http.allows(url)) {
            return Err(ProviderError::Invalid(HttpError::Forbidden.to_string()));
        }
        if metadata.token_endpoint().is_none() {
            return Err(ProviderError::Invalid("the provider has no token endpoint".to_owned()));
        }
        let named = metadata.id_token_signing_alg_values_supported();
        let algorithms: Vec<_> = ALGORITHMS.into_iter().filter(|it| named.contains(it)).collect();
        if algorithms.is_empty() {
            let why = "the provider signs ID tokens with no algorithm that is accepted here";
            return Err(ProviderError::Invalid(why.to_owned()));
        }
        let redirect_uri = RedirectUrl::new(self.redirect_uri.clone())
            .map_err(|error| ProviderError::Invalid(format!("the redirect URI: {error}")))?;
        // Basic is the default where nothing is named (OpenID Connect Discovery, 3).
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes_basic = methods
            .is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let party = RelyingParty::from_provider_metadata(
            metadata.clone(),
            self.client_id(),
            self.client_secret(),
        )
        .set_redirect_uri(redirect_uri)
        .set_auth_type(if takes_basic {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        });
        Ok(Discovered { metadata, party, algorithms })
    }
}

fn described(error: DiscoveryError<HttpError>) -> ProviderError {
    match error {
        DiscoveryError::Request(error) if error.is_passing() => {
            ProviderError::Unreachable(format!("the provider's metadata: {error}"))
        }
        DiscoveryError::Request(error) => {
            ProviderError::Invalid(format!("the provider's metadata: {error}"))
        }
        DiscoveryError::Response(_, _, why) | DiscoveryError::Validation(why) => {
            ProviderError::Invalid(format!("the provider's metadata: {why}"))
        }
        DiscoveryError::Parse(error) => {
            ProviderError::Invalid(format!("the provider's metadata: {error}"))
        }
        _ => ProviderError::Invalid("the provider's metadata cannot be read".to_owned()),
    }
}
