//! The keys that sign ID tokens and Security Event Tokens.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::clock::Seconds;

/// How long an ID token is good, in seconds: it is read at once.
pub const ID_TOKEN_LIFETIME: Seconds = 10 * 60;

/// An RSA key of 2048 bits, for RS256.
pub struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    id: String,
}

/// The `typ` of an ID token.
const ID_TOKEN_TYPE: &str = "JWT";

/// Whether a token is an ID token and no Security Event Token.
fn is_id_token(header: &Header) -> bool {
    header.typ.as_deref() == Some(ID_TOKEN_TYPE)
}

/// The key cannot be read.
#[derive(Debug)]
pub struct BadKey;

impl std::fmt::Display for BadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key that signs tokens cannot be read")
    }
}

impl std::error::Error for BadKey {}

impl SigningKey {
    /// A fresh key, as PKCS #8.
    #[must_use]
    pub fn generate() -> Vec<u8> {
        let pair =
            KeyPair::generate(KeySize::Rsa2048).expect("2048 bits is a size that keys are made in");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("a key that was just made can be written");
        der.as_ref().to_vec()
    }

    /// Reads PKCS #8.
    ///
    /// # Errors
    /// When it is not an RSA key.
    pub fn read(pkcs8: &[u8]) -> Result<Self, BadKey> {
        // The library takes PKCS #8 only in its PEM clothes.
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(pkcs8)
        );
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| BadKey)?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(|_| BadKey)?;
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(|_| BadKey)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { private, public, id })
    }

    /// The public half, for `/.well-known/jwks.json`.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// The name of the key: its thumbprint (RFC 7638).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Signs the claims of an ID token.
    #[must_use]
    pub fn sign(&self, claims: &impl Serialize) -> String {
        self.sign_as(ID_TOKEN_TYPE, claims)
    }

    /// Signs the claims of a Security Event Token (RFC 8417, 2.3).
    #[must_use]
    pub fn sign_security_event(&self, claims: &impl Serialize) -> String {
        self.sign_as("secevent+jwt", claims)
    }

    fn sign_as(&self, token_type: &str, claims: &impl Serialize) -> String {
        let header = Header {
            typ: Some(token_type.to_owned()),
            kid: Some(self.id.clone()),
            ..Header::new(Algorithm::RS256)
        };
        jsonwebtoken::encode(&header, claims, &self.private)
            .expect("a key that was read can sign claims that are JSON")
    }
}

/// The public keys of ID tokens that come back to this server. Also those that the key set does not have
/// any more: a hint may be a token that has expired (OpenID Connect Core, 3.1.2.1).
pub struct IdTokenKeys(JwkSet);

impl IdTokenKeys {
    #[must_use]
    pub fn new(keys: JwkSet) -> Self {
        Self(keys)
    }

    /// The claims of an ID token that one of these keys has signed, whatever they are.
    #[must_use]
    pub fn verified(&self, token: &str) -> Option<Map<String, Value>> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        self.claims(token, validation)
    }

    /// Audiences and subject of an ID token that one of these keys has signed for this issuer. An
    /// expired one is good, too.
    #[must_use]
    pub fn hint(&self, id_token: &str, issuer: &str) -> Option<(Vec<String>, String)> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Audience {
            One(String),
            Several(Vec<String>),
        }
        #[derive(Deserialize)]
        struct Hint {
            aud: Audience,
            sub: String,
        }
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        let hint: Hint = self.claims(id_token, validation)?;
        let audiences = match hint.aud {
            Audience::One(audience) => vec![audience],
            Audience::Several(audiences) => audiences,
        };
        Some((audiences, hint.sub))
    }

    /// The claims of an ID token, whatever its `exp` and `aud`.
    fn claims<T: DeserializeOwned>(&self, token: &str, mut validation: Validation) -> Option<T> {
        // By the clock of this server, which tests move.
        validation.validate_exp = false;
        // It may have been given to another service.
        validation.validate_aud = false;
        let header = jsonwebtoken::decode_header(token).ok()?;
        let key = DecodingKey::from_jwk(self.0.find(header.kid.as_deref()?)?).ok()?;
        let token = jsonwebtoken::decode(token, &key, &validation).ok()?;
        is_id_token(&token.header).then_some(token.claims)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::read(&SigningKey::generate()).unwrap()
    }

    #[test]
    fn tokens_of_every_key_of_the_ring_come_back() {
        let (old, new, other) = (key(), key(), key());
        let keys = vec![new.public().clone(), old.public().clone()];
        let keys = IdTokenKeys::new(JwkSet { keys });
        let claims = json!({ "iss": "https://id.example", "aud": "shop", "sub": "s", "exp": 1 });
        for key in [&old, &new] {
            let token = key.sign(&claims);
            assert_eq!(json!(keys.verified(&token)), claims);
            let hint = keys.hint(&token, "https://id.example");
            assert_eq!(hint, Some((vec!["shop".to_owned()], "s".to_owned())));
            assert_eq!(keys.hint(&token, "https://other.example"), None);
            let event = key.sign_security_event(&claims);
            assert_eq!(keys.verified(&event), None, "an event is no ID token");
        }
        assert_eq!(keys.verified(&other.sign(&claims)), None);
        // A token under the name of another key.
        let forged = SigningKey { id: old.id.clone(), ..other }.sign(&claims);
        assert_eq!(keys.verified(&forged), None);
        assert_eq!(keys.verified("no token"), None);
    }
}
