//! The key that signs ID tokens.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use serde::{Deserialize, Serialize};

/// An RSA key of 2048 bits, for RS256.
pub struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    id: String,
}

/// What an ID token of this server shows of the login that it was issued for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Hint {
    #[serde(rename = "aud")]
    pub client_id: String,
    /// The name of the account at that client.
    #[serde(rename = "sub")]
    pub subject: String,
}

/// The key cannot be read.
#[derive(Debug)]
pub struct BadKey;

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
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }

    /// Reads an ID token of this server that comes back as `id_token_hint`. An expired one is good:
    /// it proves no more than that it was issued (OpenID Connect Core, 3.1.2.1; RP-Initiated Logout,
    /// 4).
    #[must_use]
    pub fn hint(&self, token: &str, issuer: &str) -> Option<Hint> {
        let key = DecodingKey::from_jwk(&self.public).ok()?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        jsonwebtoken::decode::<Hint>(token, &key, &validation).ok().map(|token| token.claims)
    }

    /// Signs claims.
    #[must_use]
    pub fn sign(&self, claims: &impl Serialize) -> String {
        let header = Header { kid: Some(self.id.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.private)
            .expect("a key that was read can sign claims that are JSON")
    }
}
