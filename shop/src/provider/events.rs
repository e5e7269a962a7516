//! Security Event Tokens: signed webhooks (RFC 8417, pushed as in RFC 8935).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey, JsonWebKeyId,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Provider, ProviderError};

/// An event that the provider has signed for this shop.
#[derive(Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// The same at each attempt to deliver it.
    pub id: String,
    pub sub: String,
    pub kind: Kind,
    /// When it happened, in seconds since 1970.
    pub at: i64,
}

/// What happened, as far as this shop has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The account is not linked to the shop any more, or is gone.
    Unlinked,
    Other,
}

/// Why a token is not an event: the `err` of RFC 8935, 2.3.
#[derive(Debug)]
pub enum EventError {
    /// Not a Security Event Token.
    InvalidRequest,
    /// Not signed by the provider.
    AuthenticationFailed,
    InvalidIssuer,
    InvalidAudience,
    /// The provider's keys cannot be read.
    Keys(ProviderError),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    jti: String,
    iat: i64,
    sub_id: SubjectId,
    events: Map<String, Value>,
}

#[derive(Deserialize)]
struct SubjectId {
    sub: String,
}

impl Provider {
    /// Reads a Security Event Token and checks who signed it, and for whom.
    ///
    /// # Errors
    /// [`EventError`].
    pub async fn security_event(&self, token: &str) -> Result<SecurityEvent, EventError> {
        let mut parts = token.trim().split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(EventError::InvalidRequest);
        };
        let signed = format!("{header}.{claims}");
        let header: Header = part(header)?;
        let claims: Claims = part(claims)?;
        let is_event = header.typ.as_deref().is_some_and(|typ| {
            typ.trim_start_matches("application/").eq_ignore_ascii_case("secevent+jwt")
        });
        // The algorithm is ours to choose, not the token's (RFC 8725, 3.1).
        if !is_event || header.alg != "RS256" {
            return Err(EventError::InvalidRequest);
        }
        let signature =
            URL_SAFE_NO_PAD.decode(signature).map_err(|_| EventError::InvalidRequest)?;
        let is_signed = |keys: &[CoreJsonWebKey]| {
            keys.iter().any(|key| {
                let has_id = match &header.kid {
                    Some(kid) => key.key_id() == Some(&JsonWebKeyId::new(kid.clone())),
                    None => true,
                };
                let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
                has_id && key.verify_signature(&algorithm, signed.as_bytes(), &signature).is_ok()
            })
        };
        let known = self.discovered().await.map_err(EventError::Keys)?;
        if !is_signed(known.keys()) && !self.has_new_keys(&is_signed).await? {
            return Err(EventError::AuthenticationFailed);
        }
        if claims.iss != self.settings.issuer {
            return Err(EventError::InvalidIssuer);
        }
        let client = &self.settings.client_id;
        let is_for_us = match &claims.aud {
            Value::String(audience) => audience == client,
            Value::Array(audiences) => audiences.iter().any(|it| it == client),
            _ => false,
        };
        if !is_for_us {
            return Err(EventError::InvalidAudience);
        }
        Ok(described(claims))
    }

    /// Looks for a key that the provider has published since they were read, at most once a minute:
    /// forged tokens must not become a flood of requests.
    async fn has_new_keys(
        &self,
        is_signed: &impl Fn(&[CoreJsonWebKey]) -> bool,
    ) -> Result<bool, EventError> {
        if !self.may_look_for_new_keys().await {
            return Ok(false);
        }
        Ok(is_signed(self.discover().await.map_err(EventError::Keys)?.keys()))
    }
}

fn described(claims: Claims) -> SecurityEvent {
    let ends =
        |name: &String| name.ends_with("/account-unlinked") || name.ends_with("/account-purged");
    let kind = if claims.events.keys().any(ends) { Kind::Unlinked } else { Kind::Other };
    let happened = claims.events.values().find_map(|event| event["event_timestamp"].as_i64());
    SecurityEvent {
        id: claims.jti,
        sub: claims.sub_id.sub,
        kind,
        at: happened.unwrap_or(claims.iat),
    }
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, EventError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| EventError::InvalidRequest)?;
    serde_json::from_slice(&bytes).map_err(|_| EventError::InvalidRequest)
}
