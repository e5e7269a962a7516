//! A copy of receipts with everything that is needed to verify them offline.

use std::collections::BTreeSet;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use consent_contract::document::Document;
use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Checkpoint, Event, ReceiptClaims,
    key::{self, is_named_by_thumbprint, leaf_data},
    merkle::{Hash, verify_inclusion},
};
use crate::crypto;

/// The value of `format`.
pub const FORMAT: &str = "consent-receipts/1";

/// Receipts, the texts that they refer to, and the head of the log that they are in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bundle {
    pub format: String,
    /// The public keys of receipts and checkpoints.
    pub keys: JwkSet,
    /// A signed note; none while no receipt is sealed.
    pub checkpoint: Option<String>,
    pub receipts: Vec<BundledReceipt>,
    /// The terms that the receipts refer to, by digest.
    pub texts: Vec<Document>,
    /// The statements about the provision that the receipts refer to, by digest.
    pub statements: Vec<Statements>,
    /// Members of the file that are none of this format, at any depth, each with its place.
    #[serde(skip)]
    pub unknown_members: Vec<String>,
}

/// A receipt, and the proof that it is in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledReceipt {
    /// A compact JWS.
    pub jws: String,
    /// base64url.
    pub salt: String,
    /// The place in the log; none until it is sealed.
    pub leaf: Option<u64>,
    /// The hashes from the leaf to the root (RFC 9162, 2.1.3), in base64. Empty until it is sealed.
    pub path: Vec<String>,
}

/// Statements about the provision of personal information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statements {
    pub digest: String,
    pub text: String,
}

/// What is known of a bundle after its verification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The receipts whose signature is good.
    pub receipts: Vec<ReceiptClaims>,
    /// Receipts that are not in the log yet, by id.
    pub unsealed: Vec<String>,
    /// What is wrong, each with the part of the file. Empty for a good bundle.
    pub faults: Vec<String>,
}

impl Bundle {
    /// Reads a bundle.
    ///
    /// # Errors
    /// When it is not JSON of this form.
    pub fn read(json: &str) -> Result<Self, String> {
        let mut bundle: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let given: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let known = serde_json::to_value(&bundle).map_err(|error| error.to_string())?;
        unknown_members(&given, &known, "", &mut bundle.unknown_members);
        match bundle.format == FORMAT {
            true => Ok(bundle),
            false => Err(format!("`format` is `{}`, expected `{FORMAT}`", bundle.format)),
        }
    }

    /// Checks every part. `trusted` are keys from elsewhere, such as the JWKS of the server; without
    /// them the keys of the bundle itself are used, which prove only that its parts fit together.
    #[must_use]
    pub fn verify(&self, trusted: Option<&JwkSet>) -> Report {
        let mut report = Report::default();
        let unknown = self.unknown_members.iter();
        report.faults.extend(unknown.map(|place| format!("{place}: it is no member of a copy")));
        if self.receipts.is_empty() {
            report.faults.push("receipts: there is none".to_owned());
        }
        for key in self.keys.keys.iter().filter(|key| !is_named_by_thumbprint(key)) {
            let kid = key.common.key_id.as_deref().unwrap_or_default();
            report.faults.push(format!("keys: {kid} is not the thumbprint of its key"));
        }
        let keys = trusted.unwrap_or(&self.keys);
        let checkpoint = self.checkpoint.as_ref().and_then(|note| {
            let verified = Checkpoint::verify(note, keys);
            verified.map_err(|reason| report.faults.push(format!("checkpoint: {reason}"))).ok()
        });
        let mut ids = BTreeSet::new();
        for (at, receipt) in self.receipts.iter().enumerate() {
            match receipt.verify(keys, checkpoint.as_ref()) {
                Ok(claims) => {
                    if !ids.insert(claims.jti.clone()) {
                        report
                            .faults
                            .push(format!("receipts[{at}]: {} is there twice", claims.jti));
                    }
                    if receipt.leaf.is_none() {
                        report.unsealed.push(claims.jti.clone());
                    }
                    report.receipts.push(claims);
                }
                Err(reason) => report.faults.push(format!("receipts[{at}]: {reason}")),
            }
        }
        self.check_texts(&mut report);
        report
    }

    /// Every text is there, has its digest, and is one that a receipt refers to.
    fn check_texts(&self, report: &mut Report) {
        let mut terms = BTreeSet::new();
        let mut statements = BTreeSet::new();
        for claims in &report.receipts {
            let Event::Decision(decision) = &claims.event else { continue };
            let Some(shown) = &decision.shown else { continue };
            for it in &shown.terms {
                let (term, from) = (&it.term, &*it.effective_from);
                let locale = &*decision.locale;
                terms.insert((&*term.tag, &*term.version, &*term.digest, locale, from));
            }
            if !shown.personal_info.items.is_empty() {
                statements.insert(&*shown.personal_info.digest);
            }
        }
        let mut found_terms = BTreeSet::new();
        for (at, text) in self.texts.iter().enumerate() {
            let digest = crypto::sri(&Document::digest_input(&text.title, &text.blocks));
            let key =
                (&*text.tag, &*text.version, &*text.digest, &*text.locale, &*text.effective_from);
            if digest != text.digest {
                report.faults.push(format!("texts[{at}]: it has not the digest {}", text.digest));
            } else if !terms.contains(&key) {
                report.faults.push(format!("texts[{at}]: no receipt refers to it"));
            }
            if !found_terms.insert(key) {
                report.faults.push(format!("texts[{at}]: it is there twice"));
            }
        }
        for (tag, version, digest, ..) in terms.difference(&found_terms) {
            report.faults.push(format!("texts: `{tag}` {version} with {digest} is missing"));
        }
        let mut found_statements = BTreeSet::new();
        for (at, it) in self.statements.iter().enumerate() {
            if crypto::sri(it.text.as_bytes()) != it.digest {
                report
                    .faults
                    .push(format!("statements[{at}]: it has not the digest {}", it.digest));
            } else if !statements.contains(&*it.digest) {
                report.faults.push(format!("statements[{at}]: no receipt refers to it"));
            }
            if !found_statements.insert(&*it.digest) {
                report.faults.push(format!("statements[{at}]: it is there twice"));
            }
        }
        for digest in statements.difference(&found_statements) {
            report.faults.push(format!("statements: {digest} is missing"));
        }
    }
}

/// Finds members that were not read.
fn unknown_members(given: &Value, known: &Value, place: &str, found: &mut Vec<String>) {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => {
            for (name, value) in given {
                let dot = if place.is_empty() { "" } else { "." };
                let place = format!("{place}{dot}{name}");
                match known.get(name) {
                    Some(known) => unknown_members(value, known, &place, found),
                    None => found.push(place),
                }
            }
        }
        (Value::Array(given), Value::Array(known)) => {
            for (at, (given, known)) in given.iter().zip(known).enumerate() {
                unknown_members(given, known, &format!("{place}[{at}]"), found);
            }
        }
        _ => {}
    }
}

impl BundledReceipt {
    /// The claims, when the signature is good and the receipt is where it is said to be in the log.
    fn verify(
        &self,
        keys: &JwkSet,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<ReceiptClaims, String> {
        let claims = key::verify(&self.jws, keys)?;
        let salt = URL_SAFE_NO_PAD.decode(&self.salt).map_err(|_| "`salt` is not base64url")?;
        let hash =
            |text: &String| STANDARD.decode(text).ok().and_then(|it| Hash::try_from(it).ok());
        let path: Option<Vec<Hash>> = self.path.iter().map(hash).collect();
        let path = path.ok_or("`path` is not a list of hashes in base64")?;
        match (self.leaf, checkpoint) {
            (None, _) if path.is_empty() => {}
            (None, _) => return Err("it has a path and no leaf".to_owned()),
            (Some(_), None) => return Err("its checkpoint is missing or wrong".to_owned()),
            (Some(leaf), Some(Checkpoint { size, root, .. })) => {
                if !verify_inclusion(&leaf_data(&salt, &self.jws), leaf, &path, *size, root) {
                    return Err(format!("it is not leaf {leaf} of the log"));
                }
            }
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::{
        CheckpointKey, Edge, ReceiptKey, inclusion_ranges, leaf_hash, log_name, samples,
    };

    fn bundle() -> Bundle {
        let key = ReceiptKey::read(&ReceiptKey::generate()).unwrap();
        let checkpoint_key = CheckpointKey::read(&CheckpointKey::generate()).unwrap();
        let (jws, other) = (key.sign(&samples::decision()), key.sign(&samples::change()));
        let (mut edge, salts) = (Edge::default(), [[1; 16], [2; 16]]);
        let leaves = [&jws, &other].map(|it| leaf_hash(&leaf_data(&salts[0], it)));
        for leaf in leaves {
            edge.push(leaf);
        }
        let origin = log_name("https://id.example");
        let note = Checkpoint { origin, size: 2, root: edge.root() }.sign(&checkpoint_key);
        assert_eq!(inclusion_ranges(0, 2).unwrap(), [(1, 2)]);
        let (text, statements) = samples::texts();
        Bundle {
            format: FORMAT.to_owned(),
            keys: JwkSet { keys: vec![key.public().clone(), checkpoint_key.public().clone()] },
            checkpoint: Some(note),
            receipts: vec![BundledReceipt {
                jws,
                salt: URL_SAFE_NO_PAD.encode(salts[0]),
                leaf: Some(0),
                path: vec![STANDARD.encode(leaves[1])],
            }],
            texts: vec![text],
            statements: vec![statements],
            unknown_members: Vec::new(),
        }
    }

    #[test]
    fn a_bundle_survives_json_and_verifies() {
        let json = serde_json::to_string(&bundle()).unwrap();
        let report = Bundle::read(&json).unwrap().verify(None);
        assert_eq!(report.faults, Vec::<String>::new());
        assert_eq!(report.receipts, [samples::decision()]);
        assert!(report.unsealed.is_empty());
    }

    #[test]
    fn every_changed_character_of_a_bundle_is_found() {
        let json = serde_json::to_string(&bundle()).unwrap();
        let trusted = Bundle::read(&json).unwrap().keys;
        for (at, byte) in json.bytes().enumerate().filter(|(_, byte)| byte.is_ascii()) {
            let other = if byte == b'1' { b'2' } else { b'1' };
            let mut changed = json.clone().into_bytes();
            changed[at] = other;
            let changed = String::from_utf8(changed).unwrap();
            let is_found = match Bundle::read(&changed) {
                Err(_) => true,
                Ok(bundle) => {
                    !bundle.verify(Some(&trusted)).faults.is_empty()
                        // Keys and their names are checked against each other; what they are for is not.
                        || bundle.keys != trusted
                }
            };
            assert!(
                is_found,
                "{at}: {}",
                &changed[at.saturating_sub(20)..(at + 20).min(changed.len())]
            );
        }
    }

    #[test]
    fn receipts_of_another_signer_need_other_keys() {
        let (ours, theirs) = (bundle(), bundle());
        assert!(theirs.verify(None).faults.is_empty());
        let faults = theirs.verify(Some(&ours.keys)).faults;
        assert!(faults.iter().any(|fault| fault.starts_with("receipts[0]: the key")), "{faults:?}");
        assert!(faults.iter().any(|fault| fault.starts_with("checkpoint: ")), "{faults:?}");
    }

    /// How the fault begins, and what is done to the bundle.
    type Change = (&'static str, fn(&mut Bundle));

    #[test]
    fn missing_parts_are_found() {
        let change: [Change; 9] = [
            ("receipts: there is none", |it| it.receipts.clear()),
            ("receipts[1]: receipt-1 is there twice", |it| {
                it.receipts.push(it.receipts[0].clone());
            }),
            ("texts[1]: it is there twice", |it| it.texts.push(it.texts[0].clone())),
            ("statements[1]: it is there twice", |it| it.statements.push(it.statements[0].clone())),
            ("texts: ", |it| it.texts.clear()),
            ("statements: ", |it| it.statements.clear()),
            ("receipts[0]: its checkpoint", |it| it.checkpoint = None),
            ("receipts[0]: it has a path", |it| it.receipts[0].leaf = None),
            ("texts[0]: no receipt", |it| it.receipts.clear()),
        ];
        for (expected, change) in change {
            let mut bundle = bundle();
            change(&mut bundle);
            let faults = bundle.verify(None).faults;
            assert!(faults.iter().any(|it| it.starts_with(expected)), "{expected}: {faults:?}");
        }
    }

    /// Also in what other formats and protocols define.
    #[test]
    fn unknown_members_are_found_at_any_depth() {
        let good = serde_json::to_value(bundle()).unwrap();
        for (parent, place) in [
            ("", "other"),
            ("/receipts/0", "receipts[0].other"),
            ("/texts/0", "texts[0].other"),
            ("/texts/0/blocks/0", "texts[0].blocks[0].other"),
            ("/statements/0", "statements[0].other"),
            ("/keys", "keys.other"),
            ("/keys/keys/1", "keys.keys[1].other"),
        ] {
            let mut changed = good.clone();
            changed.pointer_mut(parent).unwrap()["other"] = Value::from("x");
            let bundle = Bundle::read(&changed.to_string());
            let is_found = match &bundle {
                Ok(bundle) => {
                    let expected = format!("{place}: it is no member of a copy");
                    bundle.verify(None).faults == [expected]
                }
                // What this program's other formats refuse.
                Err(error) => error.contains("unknown field"),
            };
            assert!(is_found, "{place}: {bundle:?}");
        }
    }

    #[test]
    fn an_unsealed_receipt_is_named_as_such() {
        let mut bundle = bundle();
        bundle.receipts[0].leaf = None;
        bundle.receipts[0].path.clear();
        let report = bundle.verify(None);
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        assert_eq!(report.unsealed, [samples::decision().jti]);
    }
}
