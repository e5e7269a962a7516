//! The sign-in: OpenID Connect with the authorization code flow, `state`, `nonce` and PKCE.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse,
    core::{
        CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreJsonWebKey, CoreProviderMetadata,
    },
    url::Url,
};

use super::{Provider, ProviderError};

/// How long the discovery document and the keys are used.
const KEPT: Duration = Duration::from_secs(10 * 60);

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the provider publishes about itself.
pub struct Discovered {
    metadata: CoreProviderMetadata,
    at: Instant,
}

impl Discovered {
    /// The provider's public keys.
    #[must_use]
    pub fn keys(&self) -> &[CoreJsonWebKey] {
        self.metadata.jwks().keys()
    }
}

/// What to ask for, beside who the user is.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Never show a screen (`prompt=none`).
    pub silent: bool,
    /// `service_terms`: these terms only. Sent and empty: none of the service's terms.
    pub terms: Option<Vec<String>>,
    /// `channel_public_id`: offer this channel.
    pub channel: Option<String>,
    /// A consent item in `scope`, asked although the first sign-up did not.
    pub item: Option<String>,
    /// The language of the consent screen.
    pub language: String,
}

/// A browser's way to the provider, and what must come back with it.
pub struct Departure {
    pub url: Url,
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// A user who signed in.
pub struct Arrived {
    pub sub: String,
    pub access_token: String,
}

impl Provider {
    // sample: start_sign_in
    /// The address to send a browser to.
    ///
    /// # Errors
    /// When the provider's metadata cannot be read.
    pub async fn departure(&self, ask: &Ask) -> Result<Departure, ProviderError> {
        let client = self.client(&*self.discovered().await?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge)
            .add_extra_param("ui_locales", ask.language.clone());
        if ask.silent {
            request = request.add_prompt(CoreAuthPrompt::None);
        }
        if let Some(item) = &ask.item {
            request = request.add_scope(Scope::new(item.clone()));
        }
        if let Some(terms) = &ask.terms {
            request = request.add_extra_param("service_terms", terms.join(","));
        }
        if let Some(channel) = &ask.channel {
            request = request.add_extra_param("channel_public_id", channel.clone());
        }
        let (url, state, nonce) = request.url();
        // Kept in the database until the browser is back.
        Ok(Departure {
            url,
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }
    // end sample

    /// Redeems a code and checks the ID token: signature, issuer, audience, nonce and times.
    ///
    /// # Errors
    /// `Refused` for a code that the provider does not take, `Nonsense` for an ID token that is not
    /// the answer to this attempt.
    pub async fn redeem(
        &self,
        code: String,
        nonce: String,
        verifier: String,
    ) -> Result<Arrived, ProviderError> {
        let discovered = self.discovered().await?;
        let client = self.client(&discovered)?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(nonsense)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(answer) => ProviderError::Refused {
                    code: answer.error().to_string(),
                    message: answer.error_description().cloned().unwrap_or_default(),
                },
                RequestTokenError::Request(error) => error,
                other => nonsense(other),
            })?;
        let token = tokens.id_token().ok_or_else(|| nonsense_text("there is no ID token"))?;
        let nonce = Nonce::new(nonce);
        let claims = match token.claims(&client.id_token_verifier(), &nonce) {
            Ok(claims) => claims.clone(),
            // The provider may have new keys since they were read.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let client = self.client(&*self.discover().await?)?;
                token.claims(&client.id_token_verifier(), &nonce).map_err(nonsense)?.clone()
            }
            Err(error) => return Err(nonsense(error)),
        };
        Ok(Arrived {
            sub: claims.subject().as_str().to_owned(),
            access_token: tokens.access_token().secret().clone(),
        })
    }

    /// The provider's metadata, at most ten minutes old.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn discovered(&self) -> Result<Arc<Discovered>, ProviderError> {
        if let Some(discovered) = &*self.discovered.read().await
            && discovered.at.elapsed() < KEPT
        {
            return Ok(Arc::clone(discovered));
        }
        self.discover().await
    }

    /// The provider's metadata as it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn discover(&self) -> Result<Arc<Discovered>, ProviderError> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(nonsense)?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.http).await;
        let metadata = metadata.map_err(|error| match error {
            openidconnect::DiscoveryError::Request(error) => error,
            other => nonsense(other),
        })?;
        let discovered = Arc::new(Discovered { metadata, at: Instant::now() });
        *self.discovered.write().await = Some(Arc::clone(&discovered));
        Ok(discovered)
    }

    /// Whether the keys are old enough to be read again for a signature that none of them made.
    pub(super) async fn may_look_for_new_keys(&self) -> bool {
        let discovered = self.discovered.read().await;
        discovered.as_ref().is_none_or(|it| it.at.elapsed() >= Duration::from_secs(60))
    }

    fn client(&self, discovered: &Discovered) -> Result<Client, ProviderError> {
        let settings = &self.settings;
        let redirect =
            RedirectUrl::new(format!("{}/callback", settings.origin)).map_err(nonsense)?;
        let metadata = discovered.metadata.clone();
        let id = ClientId::new(settings.client_id.clone());
        let secret = ClientSecret::new(settings.client_secret.clone());
        Ok(CoreClient::from_provider_metadata(metadata, id, Some(secret))
            .set_redirect_uri(redirect)
            // The platform takes the secret in the form only.
            .set_auth_type(AuthType::RequestBody))
    }
}

fn nonsense(error: impl std::error::Error) -> ProviderError {
    ProviderError::Nonsense(super::error::causes(&error))
}

fn nonsense_text(text: &str) -> ProviderError {
    ProviderError::Nonsense(text.to_owned())
}
