//! JSON as people read it.

use serde_json::Value;

use crate::{
    language::{t, tf},
    picture, words,
};

/// What names an item of a list.
const NAMES: [&str; 7] = ["title", "label", "name", "text", "id", "tag", "public_id"];

/// The name of an item in quotation marks. None for an item without one.
pub fn name(item: &Value) -> Option<String> {
    let name = NAMES.iter().find_map(|key| item[*key].as_str().filter(|it| !it.is_empty()))?;
    Some(tf("“{name}”", &[("name", &name)]))
}

/// A value as its field shows it.
pub fn displayed(at: &str, value: &Value) -> String {
    let options = words::options(at);
    if let Some((_, label)) = options.iter().find(|(option, _)| *option == value.as_str()) {
        return t(label).to_owned();
    }
    match value {
        Value::Null => t("None").to_owned(),
        Value::Bool(true) => t("Yes").to_owned(),
        Value::Bool(false) => t("No").to_owned(),
        Value::String(text) if text.is_empty() => t("Empty").to_owned(),
        Value::String(text) if picture::is_from_disk(text) => match picture::of_url(text) {
            Some(Ok(picture)) => tf("A picture from disk: {picture}", &[("picture", &picture)]),
            _ => t("A picture from disk").to_owned(),
        },
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) if list.is_empty() => t("None").to_owned(),
        Value::Array(list) => {
            let items = list.iter().map(|it| name(it).unwrap_or_else(|| displayed(at, it)));
            items.collect::<Vec<_>>().join(", ")
        }
        Value::Object(_) => name(value).unwrap_or_else(|| value.to_string()),
    }
}

/// The name of a field that the form does not have: `Expires in` of `expires_in`.
pub fn humanized(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The kind of page, of the field `screen` of a fixture.
pub fn kind_of_page(screen: &Value) -> String {
    match screen.as_str().unwrap_or_default() {
        "consent" => t("Consent").to_owned(),
        "problem" => t("Backend error").to_owned(),
        "stopped" => t("Screen error").to_owned(),
        "auto_login" => t("Automatic login").to_owned(),
        "loading" => t("Loading").to_owned(),
        "account" => t("Account").to_owned(),
        "text_changes" => t("Text changes").to_owned(),
        "server_page" => t("Server page").to_owned(),
        other => humanized(other),
    }
}
