//! The keys of receipts and of checkpoints, and the signature of a receipt (JWS, RFC 7515).

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};

use serde::Serialize;

use super::{ReceiptClaims, merkle::Hash};
use crate::crypto;

/// The `typ` of a receipt: no other token of this server can be taken for one.
pub const TYPE: &str = "consent-receipt+jwt";

/// The key cannot be read.
#[derive(Debug)]
pub struct BadKey;

/// A key that signs receipts: P-256, for ES256.
pub struct ReceiptKey {
    /// Read once: the library reads and checks a key again for each token, under the write lock of a
    /// decision.
    pair: EcdsaKeyPair,
    /// In base64url.
    header: String,
    public: Jwk,
}

impl ReceiptKey {
    /// A fresh key, as PKCS #8.
    #[must_use]
    pub fn generate() -> Vec<u8> {
        let random = SystemRandom::new();
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .expect("the operating system gives random numbers")
            .as_ref()
            .to_vec()
    }

    /// Reads PKCS #8.
    ///
    /// # Errors
    /// When it is not a key of P-256.
    pub fn read(pkcs8: &[u8]) -> Result<Self, BadKey> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8);
        let pair = pair.map_err(|_| BadKey)?;
        let public = public(&EncodingKey::from_ec_der(pkcs8), Algorithm::ES256)?;
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: public.common.key_id.clone(),
            ..Header::new(Algorithm::ES256)
        };
        let header = part(&header);
        Ok(Self { pair, header, public })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Signs a receipt.
    #[must_use]
    pub fn sign(&self, claims: &ReceiptClaims) -> String {
        let message = format!("{}.{}", self.header, part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        let signature = signature.expect("the operating system gives random numbers");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A part of a JWS.
fn part(content: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(content).expect("headers and claims become JSON"))
}

/// A key that signs checkpoints: Ed25519, as C2SP signed notes have it.
pub struct CheckpointKey {
    pub(super) pair: Ed25519KeyPair,
    public: Jwk,
}

impl CheckpointKey {
    /// A fresh key, as PKCS #8.
    #[must_use]
    pub fn generate() -> Vec<u8> {
        let pair = Ed25519KeyPair::generate().expect("the operating system gives random numbers");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("a key that was just made can be written");
        der.as_ref().to_vec()
    }

    /// Reads PKCS #8.
    ///
    /// # Errors
    /// When it is not a key of Ed25519.
    pub fn read(pkcs8: &[u8]) -> Result<Self, BadKey> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| BadKey)?;
        let public = public(&EncodingKey::from_ed_der(pkcs8), Algorithm::EdDSA)?;
        Ok(Self { pair, public })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    pub(super) fn public_bytes(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }
}

/// The public half of a key, named by its thumbprint (RFC 7638).
fn public(private: &EncodingKey, algorithm: Algorithm) -> Result<Jwk, BadKey> {
    let mut public = Jwk::from_encoding_key(private, algorithm).map_err(|_| BadKey)?;
    public.common.key_id = Some(thumbprint(&public)?);
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(public)
}

fn thumbprint(key: &Jwk) -> Result<String, BadKey> {
    key.thumbprint(ThumbprintHash::SHA256).map_err(|_| BadKey)
}

/// Whether the name of a key is its thumbprint.
#[must_use]
pub fn is_named_by_thumbprint(key: &Jwk) -> bool {
    thumbprint(key).is_ok_and(|thumbprint| key.common.key_id == Some(thumbprint))
}

/// Whether a key signs receipts or checkpoints. The server's other keys do neither.
#[must_use]
pub fn is_of_receipts(key: &Jwk) -> bool {
    match &key.algorithm {
        AlgorithmParameters::EllipticCurve(key) => key.curve == EllipticCurve::P256,
        AlgorithmParameters::OctetKeyPair(key) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    }
}

/// Reads a receipt whose signature is good.
///
/// # Errors
/// Why it is not one of these keys' receipts.
pub fn verify(jws: &str, keys: &JwkSet) -> Result<ReceiptClaims, String> {
    let header = jsonwebtoken::decode_header(jws).map_err(|error| format!("no JWS: {error}"))?;
    if header.typ.as_deref() != Some(TYPE) {
        return Err(format!("`typ` is not {TYPE}"));
    }
    let kid = header.kid.ok_or("the JWS names no key")?;
    let key = keys.find(&kid).ok_or_else(|| format!("the key {kid} is not known"))?;
    let key = DecodingKey::from_jwk(key).map_err(|error| format!("the key {kid}: {error}"))?;
    let mut validation = Validation::new(Algorithm::ES256);
    // A receipt has no audience and never expires.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let token = jsonwebtoken::decode(jws, &key, &validation)
        .map_err(|error| format!("the signature is wrong, or it is no receipt: {error}"))?;
    Ok(token.claims)
}

/// The data of a receipt's leaf in the log: SHA-256 of the salt and the JWS.
#[must_use]
pub fn leaf_data(salt: &[u8], jws: &str) -> Hash {
    crypto::sha256(&[salt, jws.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::samples;

    #[test]
    fn a_receipt_is_read_with_the_key_that_signed_it_only() {
        let key = ReceiptKey::read(&ReceiptKey::generate()).unwrap();
        let other = ReceiptKey::read(&ReceiptKey::generate()).unwrap();
        let claims = samples::decision();
        let jws = key.sign(&claims);
        let set = |key: &ReceiptKey| JwkSet { keys: vec![key.public().clone()] };
        assert_eq!(verify(&jws, &set(&key)), Ok(claims));
        assert!(verify(&jws, &set(&other)).unwrap_err().contains("not known"));
        assert!(is_named_by_thumbprint(key.public()) && is_of_receipts(key.public()));
        // A key under the name of another one.
        let mut forged = other.public().clone();
        forged.common.key_id.clone_from(&key.public().common.key_id);
        assert!(!is_named_by_thumbprint(&forged));
        let forged = JwkSet { keys: vec![forged] };
        assert!(verify(&jws, &forged).unwrap_err().contains("signature"));
    }

    #[test]
    fn every_byte_of_a_receipt_is_covered() {
        let key = ReceiptKey::read(&ReceiptKey::generate()).unwrap();
        let keys = JwkSet { keys: vec![key.public().clone()] };
        let jws = key.sign(&samples::change());
        for at in 0..jws.len() {
            let mut changed = jws.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(verify(&changed, &keys).is_err(), "{at}");
        }
    }

    #[test]
    fn other_tokens_are_no_receipts() {
        let pkcs8 = ReceiptKey::generate();
        let key = ReceiptKey::read(&pkcs8).unwrap();
        let keys = JwkSet { keys: vec![key.public().clone()] };
        let kid = key.public().common.key_id.clone();
        let header = Header { kid, ..Header::new(Algorithm::ES256) };
        let private = EncodingKey::from_ec_der(&pkcs8);
        let token = jsonwebtoken::encode(&header, &samples::change(), &private).unwrap();
        assert!(verify(&token, &keys).unwrap_err().contains("typ"));
        for bad in ["", "a.b.c", "한글", &key.sign(&samples::change())[1..]] {
            assert!(verify(bad, &keys).is_err(), "{bad}");
        }
    }
}
