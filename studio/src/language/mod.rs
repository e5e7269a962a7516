//! The studio's own language, as gettext has it: the English text in the code is the key of its
//! translation. What a preview shows has a language of its own, [`crate::state::Language`].
//!
//! The languages are files below `studio/texts`, and not part of the program. A text without a translation
//! stays English.

mod choice;
mod message;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt::Display, sync::OnceLock};

use crate::{address, browser};
use choice::{ENGLISH, chosen};

pub use choice::{LANGUAGES, choose};

/// What was loaded, once it is.
static LOADED: OnceLock<Loaded> = OnceLock::new();

struct Loaded {
    tag: &'static str,
    texts: HashMap<String, String>,
}

/// Loads the texts of the user's language. To be called before anything is drawn.
pub async fn load() {
    let mut tag = chosen();
    let mut texts = HashMap::new();
    if tag != ENGLISH {
        let path = format!("{}texts/{tag}.json", address::gallery());
        let json = browser::fetched_text(&path).await;
        match json.and_then(|json| serde_json::from_str(&json).ok()) {
            Some(loaded) => texts = loaded,
            None => tag = ENGLISH,
        }
    }
    browser::set_page_language(tag);
    // It is loaded once.
    drop(LOADED.set(Loaded { tag, texts }));
}

/// The tag of the language that the studio is in.
pub fn current() -> &'static str {
    LOADED.get().map_or(ENGLISH, |it| it.tag)
}

fn translation(key: &str) -> Option<&'static str> {
    LOADED.get()?.texts.get(key).map(String::as_str)
}

/// A text in the studio's language.
pub fn t(english: &str) -> &str {
    translation(english).unwrap_or(english)
}

/// A text whose English has another meaning elsewhere. Its key is `context|English`.
pub fn t_in<'a>(context: &str, english: &'a str) -> &'a str {
    translation(&format!("{context}|{english}")).unwrap_or(english)
}

/// A text with values in the place of `{name}`.
pub fn tf(english: &str, values: &[(&str, &dyn Display)]) -> String {
    filled(t(english), values)
}

/// A text with a number in the place of `{count}`: English has a form for one.
pub fn tn(count: usize, one: &str, other: &str) -> String {
    tf(if count == 1 { one } else { other }, &[("count", &count)])
}

/// A text before and after `{name}`, for a value that is an element of its own.
pub fn around<'a>(text: &'a str, name: &str) -> [&'a str; 2] {
    let (before, after) = text.split_once(&format!("{{{name}}}")).unwrap_or((text, ""));
    [before, after]
}

/// A message that another crate wrote in English, by the pattern that it was written with: keys
/// `message|"{name}" is ticked`. None for a message that no pattern matches, as in English.
pub fn translated_message(english: &str) -> Option<String> {
    message::translated(english, &LOADED.get()?.texts)
}

/// Values are no patterns: a value with braces stays as it is.
fn filled(pattern: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, from)) = rest.split_once('{') {
        text.push_str(before);
        let found = from.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(it, _)| *it == name)?;
            Some((value, after))
        });
        match found {
            Some((value, after)) => {
                text.push_str(&value.to_string());
                rest = after;
            }
            None => {
                text.push('{');
                rest = from;
            }
        }
    }
    text + rest
}
