//! Signatures of Standard Webhooks 1.0 (<https://github.com/standard-webhooks/standard-webhooks>): an
//! HMAC-SHA256 of the id, the time and the body.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::clock::Seconds;

/// How a secret begins.
const PREFIX: &str = "whsec_";

/// How a signature of this kind begins. `v1a` is one of Ed25519.
const VERSION: &str = "v1,";

/// How far the time of a message may be from ours.
pub const TOLERANCE: Seconds = 5 * 60;

/// Signatures that are compared; a sender has one for each of its secrets.
const MOST_SIGNATURES: usize = 10;

/// The longest id.
const LONGEST_ID: usize = 255;

/// A secret that sender and receiver share.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Reads `whsec_` and 24 to 64 bytes in base64.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (24..=64).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// Whether this is its MAC of the message, in constant time.
    fn made(&self, mac: &[u8], message: &[u8]) -> bool {
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), message, mac).is_ok()
    }
}

/// Without the secret.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

/// The headers of a message, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    /// `webhook-id`
    pub id: Option<&'a str>,
    /// `webhook-timestamp`
    pub timestamp: Option<&'a str>,
    /// `webhook-signature`
    pub signature: Option<&'a str>,
}

/// Why a message is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This header is missing, or cannot be read.
    Header(&'static str),
    /// Its time is too far from ours.
    Time,
    /// No signature of this kind is by one of the secrets.
    Signature,
}

/// Verifies a message, and returns its id.
///
/// # Errors
/// See [`Fault`].
pub fn verify<'a>(
    secrets: &[Secret],
    headers: &Headers<'a>,
    body: &[u8],
    now: Seconds,
) -> Result<&'a str, Fault> {
    let id = headers.id.filter(|it| {
        (1..=LONGEST_ID).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_graphic())
    });
    let id = id.ok_or(Fault::Header("webhook-id"))?;
    let digits = |it: &&str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let sent = headers.timestamp.filter(digits).ok_or(Fault::Header("webhook-timestamp"))?;
    let sent_at: Seconds = sent.parse().map_err(|_| Fault::Header("webhook-timestamp"))?;
    let signatures = headers.signature.ok_or(Fault::Header("webhook-signature"))?;
    if now.abs_diff(sent_at) > TOLERANCE.unsigned_abs() {
        return Err(Fault::Time);
    }
    let message = [id.as_bytes(), b".", sent.as_bytes(), b".", body].concat();
    let macs = signatures.split(' ').filter_map(|it| it.strip_prefix(VERSION));
    let macs = macs.take(MOST_SIGNATURES).filter_map(|it| STANDARD.decode(it).ok());
    // All are compared, whichever is the right one.
    let is_signed = macs.fold(false, |found, mac| {
        secrets.iter().fold(found, |found, secret| found | secret.made(&mac, &message))
    });
    if is_signed { Ok(id) } else { Err(Fault::Signature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SENT: &str = "1614265330";
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    const GOOD: Headers<'static> =
        Headers { id: Some(ID), timestamp: Some(SENT), signature: Some(SIGNATURE) };

    fn checked(headers: Headers<'_>, now: Seconds) -> Result<&str, Fault> {
        verify(&[Secret::parse(SECRET).unwrap()], &headers, BODY, now)
    }

    #[test]
    fn the_published_example_is_verified() {
        assert_eq!(checked(GOOD, 1_614_265_330), Ok(ID));
    }

    #[test]
    fn one_of_several_signatures_and_secrets_is_enough() {
        let other = Secret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let secrets = [other.clone(), Secret::parse(SECRET).unwrap()];
        let several = format!("v1,AAAA v1a,{} {SIGNATURE} v2,x", &SIGNATURE[3..]);
        let headers = Headers { signature: Some(&several), ..GOOD };
        assert_eq!(verify(&secrets, &headers, BODY, 1_614_265_330), Ok(ID));
        assert_eq!(verify(&[other], &headers, BODY, 1_614_265_330), Err(Fault::Signature));
        assert_eq!(verify(&[], &headers, BODY, 1_614_265_330), Err(Fault::Signature));
    }

    #[test]
    fn what_is_old_changed_or_not_signed_is_refused() {
        for (now, expected) in [
            (1_614_265_330 + 300, Ok(ID)),
            (1_614_265_330 - 300, Ok(ID)),
            (1_614_265_330 + 301, Err(Fault::Time)),
            (1_614_265_330 - 301, Err(Fault::Time)),
            (Seconds::MAX, Err(Fault::Time)),
        ] {
            assert_eq!(checked(GOOD, now), expected, "{now}");
        }
        let longest = "x".repeat(256);
        for (headers, fault) in [
            (Headers { id: None, ..GOOD }, Fault::Header("webhook-id")),
            (Headers { id: Some(""), ..GOOD }, Fault::Header("webhook-id")),
            (Headers { id: Some("a b"), ..GOOD }, Fault::Header("webhook-id")),
            (Headers { id: Some(&longest), ..GOOD }, Fault::Header("webhook-id")),
            (Headers { id: Some("msg_other"), ..GOOD }, Fault::Signature),
            (Headers { timestamp: None, ..GOOD }, Fault::Header("webhook-timestamp")),
            (Headers { timestamp: Some("-1"), ..GOOD }, Fault::Header("webhook-timestamp")),
            (
                Headers { timestamp: Some("+1614265330"), ..GOOD },
                Fault::Header("webhook-timestamp"),
            ),
            (Headers { timestamp: Some("1614265331"), ..GOOD }, Fault::Signature),
            (Headers { timestamp: Some("01614265330"), ..GOOD }, Fault::Signature),
            (Headers { signature: None, ..GOOD }, Fault::Header("webhook-signature")),
            (Headers { signature: Some(""), ..GOOD }, Fault::Signature),
            (Headers { signature: Some(&SIGNATURE[3..]), ..GOOD }, Fault::Signature),
        ] {
            assert_eq!(checked(headers, 1_614_265_330), Err(fault), "{headers:?}");
        }
        let secret = [Secret::parse(SECRET).unwrap()];
        assert_eq!(verify(&secret, &GOOD, b"{}", 1_614_265_330), Err(Fault::Signature));
    }

    #[test]
    fn a_secret_has_24_to_64_bytes() {
        for (bytes, is_good) in [(0, false), (23, false), (24, true), (64, true), (65, false)] {
            let text = format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
            assert_eq!(Secret::parse(&text).is_some(), is_good, "{bytes}");
        }
        for bad in
            ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_!", "whsk_MfKQ9r8GKYqrTwjU"]
        {
            assert_eq!(Secret::parse(bad), None, "{bad}");
        }
        assert!(!format!("{:?}", Secret::parse(SECRET)).contains("MfKQ"));
    }
}
