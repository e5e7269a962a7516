//! What a services.toml cannot have of what was edited.

use std::collections::BTreeMap;

use consent_contract::request::ReasonCode;
use serde_json::Value;

use crate::{Shown, attribute::Attribute};

/// A change that is not in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// A JSON Pointer into an object with `request` and `documents`.
    pub at: String,
    /// A sentence.
    pub reason: String,
}

/// Where a value of the edited data is, and the value.
type Leaves = BTreeMap<String, (String, Value)>;

/// What is not as it was edited, where the file is read again.
pub fn left_out(edited: &Shown, read: &Shown) -> Vec<LeftOut> {
    // The reason that a new user gets names everything that is asked, and follows from it.
    let reasons = &edited.request.reasons.0;
    let is_of_a_new_user = reasons.iter().all(|it| it.code == ReasonCode::NewService);
    let (edited, read) = (leaves_of(edited), leaves_of(read));
    let differing = edited.iter().filter_map(|(key, (at, value))| {
        // What is missing as a whole is in the list of its kind.
        let (_, found) = read.get(key)?;
        // What a fixture does not state is not edited.
        let is_stated = key != "/request/languages" || !value.is_null();
        let follows = is_of_a_new_user && key.starts_with("/request/reasons");
        (found != value && is_stated && !follows)
            .then(|| LeftOut { at: at.clone(), reason: reason(at, value, found) })
    });
    let has_blocks = |value: &Value| value.as_array().is_some_and(|it| !it.is_empty());
    let lost = edited.iter().filter(|(key, (_, value))| {
        key.starts_with("/documents") && !read.contains_key(*key) && has_blocks(value)
    });
    let lost = lost.map(|(_, (at, _))| LeftOut { at: at.clone(), reason: TEXT.to_owned() });
    differing.chain(lost).collect()
}

pub const TEXT: &str = "This text has no form in services.toml, which has headings, paragraphs, flat lists and \
    tables: two numbered lists in a row, for example, are one. The file has the text of before.";

pub const NO_PLACE: &str =
    "The file is written in a way that this change has no place in: edit the file itself.";

fn reason(at: &str, edited: &Value, found: &Value) -> String {
    let last = at.rsplit('/').next().unwrap_or_default();
    let about_the_user = ["/request/account", "/request/already_agreed", "/request/purpose"];
    let of_the_user = [
        "value",
        "relation",
        "requested",
        "agreed_version",
        "expires_in",
        "csrf_token",
        "heading",
        "reason",
        "reasons",
    ];
    let reason = match last {
        _ if at.starts_with("/documents") => TEXT,
        _ if about_the_user.iter().any(|it| at.starts_with(it)) || of_the_user.contains(&last) => {
            "It is about the user and the request that the preview shows, not about the service."
        }
        "destination_origin" => "It follows from `redirect_uris`.",
        "collect" => "Whether and as what a value can be typed follows from the item.",
        "icon_url" if at.starts_with("/request/channels") => {
            "Pictures of channels are the messenger's: a services.toml has none."
        }
        "icon_url" => "`icon` names a picture beside the file: give it to your developer.",
        "locale" | "languages" => "The languages are those that the texts have.",
        "items" if at.ends_with("personal_info/items") => {
            let ids = |value: &'_ Value| -> Vec<String> {
                let list = value.as_array().into_iter().flatten();
                list.filter_map(|it| it.as_str().map(str::to_owned)).collect()
            };
            let unknown: Vec<_> =
                ids(edited).into_iter().filter(|it| Attribute::of(it).is_none()).collect();
            if unknown.is_empty() || ids(found).contains(&unknown[0]) {
                return NO_PLACE.to_owned();
            }
            return format!("The platform has no consent item `{}`: choose another.", unknown[0]);
        }
        _ => NO_PLACE,
    };
    reason.to_owned()
}

fn leaves_of(shown: &Shown) -> Leaves {
    let mut leaves = Leaves::new();
    let request = serde_json::to_value(&shown.request).unwrap_or_default();
    collect(&request, "/request".into(), "/request".into(), &mut leaves);
    for (tag, blocks) in &shown.documents {
        let at = format!("/documents/{tag}");
        let blocks = serde_json::to_value(blocks).unwrap_or_default();
        leaves.insert(at.clone(), (at, blocks));
    }
    leaves
}

/// `key` is by the names of terms, items and channels, so that a moved one is the same.
fn collect(value: &Value, key: String, at: String, leaves: &mut Leaves) {
    match value {
        Value::Object(fields) => {
            // Digests are not edited.
            for (name, value) in fields.iter().filter(|(name, _)| *name != "digest") {
                collect(value, format!("{key}/{name}"), format!("{at}/{name}"), leaves);
            }
        }
        Value::Array(list) if list.iter().all(|it| name_of(it).is_some()) => {
            let names: Vec<&str> = list.iter().filter_map(name_of).collect();
            for (index, (name, value)) in names.iter().zip(list).enumerate() {
                collect(value, format!("{key}/{name}"), format!("{at}/{index}"), leaves);
            }
            leaves.insert(key, (at, names.into()));
        }
        _ => {
            leaves.insert(key, (at, value.clone()));
        }
    }
}

fn name_of(value: &Value) -> Option<&str> {
    ["tag", "id", "public_id"].iter().find_map(|key| value.get(key)?.as_str())
}
