//! Random names, digests and MACs, in the encodings that this backend uses.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    digest, hmac, rand,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

/// A fresh secret of 256 bits, as 43 characters of base64url.
#[must_use]
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// Random bytes from the operating system.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A machine without randomness must not hand out guessable codes.
    rand::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}

/// What is stored of a secret: a reader of the database cannot use it.
#[must_use]
pub fn fingerprint(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// The SHA-256 of these parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().try_into().expect("a SHA-256 has 32 bytes")
}

/// The first eight hexadecimal digits of a SHA-256: enough to recognise a known value in a
/// log.
#[must_use]
pub fn digest_prefix(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A digest as it is written in the contract, in the notation of SRI: `sha256-` and base64.
#[must_use]
pub fn sri(bytes: &[u8]) -> String {
    format!("sha256-{}", STANDARD.encode(digest::digest(&digest::SHA256, bytes)))
}

/// A name for some content that changes with it, fit for an address.
#[must_use]
pub fn content_name(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, bytes))
}

/// The S256 challenge of a PKCE verifier (RFC 7636, 4.2).
#[must_use]
pub fn pkce_challenge(verifier: &str) -> String {
    content_name(verifier.as_bytes())
}

/// Whether two secrets are the same, in constant time.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// The same for bytes.
#[must_use]
pub fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}

/// A key that values are derived from: the same parts give the same value, and no one without the
/// key can make it.
#[derive(Clone)]
pub struct DerivationKey(hmac::Key);

impl DerivationKey {
    /// A key from 32 stored bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The value for these parts, as 43 characters of base64url. `purpose` keeps values of different
    /// kinds apart.
    #[must_use]
    pub fn derive(&self, purpose: &str, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, parts))
    }

    /// Encrypts a text into base64url. Only this key opens it, for the same purpose and parts.
    #[must_use]
    pub fn seal(&self, purpose: &str, parts: &[&[u8]], text: &str) -> String {
        let mut sealed = text.as_bytes().to_vec();
        let nonce = self
            .sealing_key(purpose, parts)
            .seal_in_place_append_tag(Aad::empty(), &mut sealed)
            .expect("a short text can be encrypted");
        URL_SAFE_NO_PAD.encode([&nonce.as_ref()[..], &sealed].concat())
    }

    /// The text that [`Self::seal`] encrypted; none for anything else.
    #[must_use]
    pub fn open(&self, purpose: &str, parts: &[&[u8]], sealed: &str) -> Option<String> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = self.sealing_key(purpose, parts);
        let text = key.open_in_place(nonce, Aad::empty(), text).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }

    /// One key for each purpose and parts: what is sealed for others cannot be opened.
    fn sealing_key(&self, purpose: &str, parts: &[&[u8]]) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&AES_256_GCM, self.mac(purpose, parts).as_ref())
            .expect("a SHA-256 is as long as a key of AES-256")
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> hmac::Tag {
        let mut mac = hmac::Context::with_key(&self.0);
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            // With the length before each part, no two lists of parts run together.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.sign()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pkce_follows_the_example_of_rfc_7636() {
        assert_eq!(
            pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn parts_do_not_run_together() {
        let key = DerivationKey::new(&[7; 32]);
        assert_ne!(key.derive("x", &[b"ab", b"c"]), key.derive("x", &[b"a", b"bc"]));
        assert_ne!(key.derive("x", &[b"ab"]), key.derive("y", &[b"ab"]));
        assert_eq!(key.derive("x", &[b"ab"]), key.derive("x", &[b"ab"]));
    }

    #[test]
    fn only_the_same_key_purpose_and_parts_open_a_text() {
        let key = DerivationKey::new(&[7; 32]);
        let sealed = key.seal("x", &[b"a"], "비밀");
        assert_eq!(key.open("x", &[b"a"], &sealed).as_deref(), Some("비밀"));
        assert_ne!(key.seal("x", &[b"a"], "비밀"), sealed, "each has a nonce of its own");
        assert_eq!(key.open("y", &[b"a"], &sealed), None);
        assert_eq!(key.open("x", &[b"b"], &sealed), None);
        assert_eq!(DerivationKey::new(&[8; 32]).open("x", &[b"a"], &sealed), None);
        for bad in ["", "AAAA", &sealed[1..], &sealed[..sealed.len() - 2], "한글"] {
            assert_eq!(key.open("x", &[b"a"], bad), None, "{bad}");
        }
    }

    #[test]
    fn tokens_are_long_and_different() {
        assert_eq!(random_token().len(), 43);
        assert_ne!(random_token(), random_token());
    }
}
