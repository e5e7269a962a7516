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
use serde_json::{Map, Value};

/// An RSA key of 2048 bits, for RS256.
pub struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    id: String,
}

/// The `typ` of an ID token.
const ID_TOKEN_TYPE: &str = "JWT";

/// Whether a token is an ID token and no Security Event Token, which the same key signs.
fn is_id_token(header: &Header) -> bool {
    header.typ.as_deref() == Some(ID_TOKEN_TYPE)
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

    /// The claims of an ID token that this key has signed, whatever they are.
    #[must_use]
    pub fn verified(&self, token: &str) -> Option<Map<String, Value>> {
        let key = DecodingKey::from_jwk(&self.public).ok()?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        // By the clock of this server, which tests move, and for any client.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let token = jsonwebtoken::decode(token, &key, &validation).ok()?;
        is_id_token(&token.header).then_some(token.claims)
    }

    /// Signs claims.
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

    /// Audiences and subject of an ID token that this key has signed for this issuer. An expired one is
    /// good, too (OpenID Connect Core, 3.1.2.1).
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
        let key = DecodingKey::from_jwk(&self.public).ok()?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        validation.validate_exp = false;
        // It may have been given to another service.
        validation.validate_aud = false;
        let token = jsonwebtoken::decode(id_token, &key, &validation).ok()?;
        let hint: Hint = Some(token.claims).filter(|_| is_id_token(&token.header))?;
        let audiences = match hint.aud {
            Audience::One(audience) => vec![audience],
            Audience::Several(audiences) => audiences,
        };
        Some((audiences, hint.sub))
    }
}
