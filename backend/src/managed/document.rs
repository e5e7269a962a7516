//! A managed service as JSON, and its secrets apart from it.
//!
//! What is read back never has a secret: each is `{"kept":true}`, which keeps it when it is sent again.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{config::ServiceFault, crypto, store::ManagedService};

/// Where secrets stand that this server sends or compares as they are: JSON pointers.
const SECRETS: [&str; 2] = ["/kakao/admin_key", "/events/authorization_header"];

/// The shortest secret of a client that may be sent, in characters: only its digest is stored, and a
/// guessable one could be found from it.
const SHORTEST_SECRET: usize = 32;

/// A service without its secrets, and these by JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// An object.
    pub value: Value,
    pub secrets: BTreeMap<String, String>,
}

/// What a document has as `client_secret`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientSecret {
    /// A public client.
    None,
    /// The one that it has.
    Kept,
    /// One that the server makes.
    Generated,
    /// The SHA-256 of one that the client has already.
    Digest([u8; 32]),
}

impl Document {
    /// The document of a stored service.
    ///
    /// # Errors
    /// When what is stored is no JSON.
    pub fn stored(stored: &ManagedService) -> Result<Self, ServiceFault> {
        let fault = |error: serde_json::Error| ServiceFault {
            at: String::new(),
            reason: format!("what is stored cannot be read: {error}"),
        };
        Ok(Self {
            value: serde_json::from_str(&stored.document).map_err(fault)?,
            secrets: serde_json::from_str(&stored.secrets).map_err(fault)?,
        })
    }

    /// Takes the secrets out of an object that was sent. Those that are to be kept are the ones of the
    /// document before.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn sent(
        sent: Map<String, Value>,
        before: Option<&Self>,
    ) -> Result<(Self, ClientSecret), Vec<ServiceFault>> {
        let mut faults = Vec::new();
        let mut fault = |at: &str, reason: &str| {
            faults.push(ServiceFault { at: at.to_owned(), reason: reason.to_owned() });
        };
        if sent.contains_key("approved") {
            fault("/approved", "the admin API approves a service by a call: leave the key out");
        }
        if sent.contains_key("previous_client_secret") {
            let reason = "the admin API rotates a secret by a call: leave the key out";
            fault("/previous_client_secret", reason);
        }
        let client_secret = match client_secret(sent.get("client_secret")) {
            Ok(client_secret) => client_secret,
            Err(reason) => {
                fault("/client_secret", reason);
                ClientSecret::None
            }
        };
        let mut value = Value::Object(sent);
        if let (Some(entries), true) = (value.as_object_mut(), client_secret != ClientSecret::None)
        {
            entries.insert("client_secret".to_owned(), kept());
        }
        let mut secrets = BTreeMap::new();
        for at in SECRETS {
            let Some(found) = value.pointer_mut(at) else { continue };
            let secret = match &*found {
                Value::String(secret) => Some(secret.clone()),
                other if *other == kept() => {
                    let before = before.and_then(|before| before.secrets.get(at)).cloned();
                    if before.is_none() {
                        fault(at, "there is no secret to keep");
                    }
                    before
                }
                _ => {
                    let reason = "expected a string: files, credentials and the environment are the \
                                  server's";
                    fault(at, reason);
                    None
                }
            };
            if let Some(secret) = secret {
                *found = kept();
                secrets.insert(at.to_owned(), secret);
            }
        }
        if faults.is_empty() { Ok((Self { value, secrets }, client_secret)) } else { Err(faults) }
    }

    /// The document as the reader of the configuration takes it.
    #[must_use]
    pub fn with_secrets(&self) -> Value {
        let mut value = self.value.clone();
        for (at, secret) in &self.secrets {
            if let Some(found) = value.pointer_mut(at) {
                *found = Value::String(secret.clone());
            }
        }
        // The reader needs to know that there is one. Which one it is does not stand in a document.
        if let Some(found) = value.pointer_mut("/client_secret") {
            *found = json!({ "sha256": "0".repeat(64) });
        }
        value
    }

    /// Its secrets, as they are stored.
    #[must_use]
    pub fn stored_secrets(&self) -> String {
        serde_json::to_string(&self.secrets).expect("a map of strings is always JSON")
    }
}

/// What stands in the place of a secret.
fn kept() -> Value {
    json!({ "kept": true })
}

fn client_secret(sent: Option<&Value>) -> Result<ClientSecret, &'static str> {
    const EXPECTED: &str = "expected {\"generate\": true}, {\"kept\": true}, a string of at least 32 \
                            characters, or its SHA-256 as {\"sha256\": \"…\"} in 64 hexadecimal digits";
    let Some(sent) = sent else { return Ok(ClientSecret::None) };
    if let Value::String(secret) = sent {
        return match secret.chars().count() >= SHORTEST_SECRET {
            true => Ok(ClientSecret::Digest(crypto::sha256(&[secret.as_bytes()]))),
            false => Err(EXPECTED),
        };
    }
    if *sent == kept() {
        return Ok(ClientSecret::Kept);
    }
    if *sent == json!({ "generate": true }) {
        return Ok(ClientSecret::Generated);
    }
    let entries = sent.as_object().filter(|entries| entries.len() == 1);
    let digest = entries.and_then(|entries| entries.get("sha256")?.as_str());
    digest.and_then(of_hexadecimal).map(ClientSecret::Digest).ok_or(EXPECTED)
}

fn of_hexadecimal(digits: &str) -> Option<[u8; 32]> {
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    let bytes: Option<Vec<u8>> = (0..64).step_by(2).map(byte).collect();
    bytes.and_then(|bytes| bytes.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(entries) = value else { panic!("{value}") };
        entries
    }

    #[test]
    fn secrets_are_apart_from_the_document_and_can_be_kept() {
        let sent = json!({
            "client_id": "shop", "client_secret": { "generate": true },
            "kakao": { "admin_key": "the admin key of the shop" },
            "events": { "url": "https://shop.example/", "authorization_header": "Bearer x" },
        });
        let (document, client) = Document::sent(object(sent), None).unwrap();
        assert_eq!(client, ClientSecret::Generated);
        let text = document.value.to_string();
        assert!(!text.contains("the admin key") && !text.contains("Bearer"), "{text}");
        assert_eq!(document.with_secrets()["kakao"]["admin_key"], "the admin key of the shop");
        // What was read is sent back.
        let (again, client) =
            Document::sent(object(document.value.clone()), Some(&document)).unwrap();
        assert_eq!((again, client), (document.clone(), ClientSecret::Kept));
        // One is left out, the other is another one.
        let mut changed = document.value.clone();
        changed["kakao"] = json!({});
        changed["events"]["authorization_header"] = json!("Bearer y");
        let (changed, _) = Document::sent(object(changed), Some(&document)).unwrap();
        assert_eq!(changed.secrets.values().collect::<Vec<_>>(), ["Bearer y"]);
    }

    #[test]
    fn what_is_no_secret_of_the_api_is_refused() {
        for (sent, at) in [
            (json!({ "client_secret": "short" }), "/client_secret"),
            (json!({ "client_secret": { "file": "/etc/passwd" } }), "/client_secret"),
            (json!({ "client_secret": { "env": "PATH" } }), "/client_secret"),
            (json!({ "client_secret": { "sha256": "00" } }), "/client_secret"),
            (json!({ "client_secret": { "sha256": "é".repeat(32) } }), "/client_secret"),
            (json!({ "client_secret": { "kept": true, "generate": true } }), "/client_secret"),
            (json!({ "client_secret": 1 }), "/client_secret"),
            (json!({ "previous_client_secret": "x" }), "/previous_client_secret"),
            (json!({ "approved": true }), "/approved"),
            (json!({ "kakao": { "admin_key": { "file": "/etc/passwd" } } }), "/kakao/admin_key"),
            (json!({ "kakao": { "admin_key": { "kept": true } } }), "/kakao/admin_key"),
            (
                json!({ "events": { "authorization_header": { "credential": "x" } } }),
                "/events/authorization_header",
            ),
        ] {
            let faults = Document::sent(object(sent.clone()), None).unwrap_err();
            assert_eq!(faults.iter().map(|it| &*it.at).collect::<Vec<_>>(), [at], "{sent}");
        }
    }

    #[test]
    fn a_secret_of_before_can_be_brought_along() {
        let secret = "a secret that a client has had for years";
        let digest = crypto::sha256(&[secret.as_bytes()]);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        for sent in [json!(secret), json!({ "sha256": hex })] {
            let sent = object(json!({ "client_secret": sent }));
            let (document, client) = Document::sent(sent, None).unwrap();
            assert_eq!(client, ClientSecret::Digest(digest));
            assert_eq!(document.value, json!({ "client_secret": { "kept": true } }));
        }
    }
}
