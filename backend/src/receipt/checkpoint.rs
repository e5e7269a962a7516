//! Signed heads of the log: checkpoints (c2sp.org/tlog-checkpoint) in signed notes
//! (c2sp.org/signed-note) with Ed25519.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, JwkSet};

use super::{CheckpointKey, merkle::Hash};
use crate::crypto;

/// The signature type of Ed25519 (c2sp.org/signed-note).
const ED25519_NOTE: u8 = 1;

/// A head of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log, which is also the name of its key.
    pub origin: String,
    /// How many leaves there were.
    pub size: u64,
    pub root: Hash,
}

/// The name of the log of a server: its origin without the scheme, and a path.
#[must_use]
pub fn log_name(issuer: &str) -> String {
    let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
    format!("{host}/consent-receipts")
}

impl Checkpoint {
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let origin = lines.next().filter(|origin| !origin.is_empty())?.to_owned();
        let size = lines.next()?.parse().ok()?;
        let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
        let checkpoint = Self { origin, size, root };
        // Nothing else in it, and numbers as they are written here.
        (checkpoint.text() == text).then_some(checkpoint)
    }

    /// The checkpoint as a signed note.
    #[must_use]
    pub fn sign(&self, key: &CheckpointKey) -> String {
        let text = self.text();
        let signature = key.pair.sign(text.as_bytes());
        let id = key_id(&self.origin, key.public_bytes());
        let line = STANDARD.encode([&id[..], signature.as_ref()].concat());
        format!("{text}\n\u{2014} {} {line}\n", self.origin)
    }

    /// Reads a signed note that one of these keys has signed.
    ///
    /// # Errors
    /// Why it is none.
    pub fn verify(note: &str, keys: &JwkSet) -> Result<Self, String> {
        let (text, signatures) = note.split_once("\n\n").ok_or("no signed note")?;
        let text = format!("{text}\n");
        let checkpoint = Self::read(&text).ok_or("no checkpoint")?;
        let signature = signatures
            .strip_suffix('\n')
            .and_then(|line| line.strip_prefix("\u{2014} "))
            .and_then(|line| line.split_once(' '))
            .filter(|(name, _)| *name == checkpoint.origin)
            .and_then(|(_, signature)| STANDARD.decode(signature).ok())
            .ok_or("no signature of this log")?;
        let (id, signature) = signature.split_at_checked(4).ok_or("the signature is too short")?;
        let keys = keys.keys.iter().filter_map(|key| match &key.algorithm {
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                URL_SAFE_NO_PAD.decode(&key.x).ok()
            }
            _ => None,
        });
        let mut named = keys.filter(|key| key_id(&checkpoint.origin, key) == id);
        let key = named.next().ok_or("the key of the checkpoint is not known")?;
        UnparsedPublicKey::new(&ED25519, key)
            .verify(text.as_bytes(), signature)
            .map_err(|_| "the signature of the checkpoint is wrong")?;
        Ok(checkpoint)
    }
}

/// The id of a key (c2sp.org/signed-note).
fn key_id(name: &str, public: &[u8]) -> [u8; 4] {
    let hash = crypto::sha256(&[name.as_bytes(), b"\n", &[ED25519_NOTE], public]);
    [hash[0], hash[1], hash[2], hash[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: log_name("https://id.example"), size: 7, root: [9; 32] }
    }

    #[test]
    fn a_checkpoint_is_read_back_and_every_byte_is_covered() {
        let key = CheckpointKey::read(&CheckpointKey::generate()).unwrap();
        let keys = JwkSet { keys: vec![key.public().clone()] };
        let note = checkpoint().sign(&key);
        assert_eq!(Checkpoint::verify(&note, &keys), Ok(checkpoint()));
        assert!(note.starts_with("id.example/consent-receipts\n7\n"), "{note}");
        for at in 0..note.len() {
            let mut changed = note.clone().into_bytes();
            changed[at] ^= 1;
            if let Ok(changed) = String::from_utf8(changed) {
                assert!(Checkpoint::verify(&changed, &keys).is_err(), "{at}: {changed}");
            }
        }
        for bad in ["", "\n\n", "a\n1\n\n", &note[..note.len() - 1], &format!("{note}\n")] {
            assert!(Checkpoint::verify(bad, &keys).is_err(), "{bad}");
        }
    }

    #[test]
    fn another_key_is_not_accepted() {
        let key = CheckpointKey::read(&CheckpointKey::generate()).unwrap();
        let other = CheckpointKey::read(&CheckpointKey::generate()).unwrap();
        let others = JwkSet { keys: vec![other.public().clone()] };
        assert!(Checkpoint::verify(&checkpoint().sign(&key), &others).is_err());
    }

    /// The key and the note of the documentation of Go's golang.org/x/mod/sumdb/note.
    #[test]
    fn key_ids_are_those_of_the_go_implementation() {
        let (_, key) = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
            .rsplit_once('+')
            .unwrap();
        let key = STANDARD.decode(key).unwrap();
        assert_eq!(key[0], ED25519_NOTE);
        assert_eq!(key_id("PeterNeumann", &key[1..]), [0xc7, 0x4f, 0x20, 0xa3]);
    }
}
