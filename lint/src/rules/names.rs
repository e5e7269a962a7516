//! The rules about names and labels as such: they must be what they look like.

use consent_contract::{
    name::{self, NameFault},
    request::ConsentRequest,
};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::{Role, is_blank, texts};
use crate::{Findings, words};

rules! {
    SHOWN_WHOLE = "SEC-51" Error High
        "A text has no invisible, reordering or stacked characters."
        "UTS 39; CVE-2021-42574 (Trojan Source)"
        "Remove the characters. The screen leaves them out.";
    LOOKS_LIKE_ITSELF = "SEC-51" Error Medium
        "A name does not imitate another with letters that look alike."
        "UTS 39, 4 and 5.2"
        "Write it in the letters of one language.";
    SHORT_NAME = "SEC-51" Warning Medium
        "A name has at most 40 characters."
        "SEC-51; the number is this project's"
        "Use a shorter name."
        settled_by "Whether the name fits its place on the screen.";
    ORDINARY_FORMS = "SEC-52" Warning Medium
        "Letters have their ordinary form: composed Hangul, full-width Katakana, half-width Latin letters."
        "UAX 15 (NFC, NFKC)"
        "Normalise the text."
        settled_by "Whether the unusual form is how the name is registered.";
    NO_IMITATION = "SEC-54" Warning Medium
        "A name does not imitate the screen's own marks: \"verified\", a check mark."
        "SEC-54; consent phishing with names such as \"Google Docs\", 2017"
        "Remove the mark: the screen shows whether a service is verified."
        settled_by "Whether users take the words for those of the screen.";
    LABELLED = "WCAG-2.4.6" Error High
        "Every term and every channel has a visible title."
        "WCAG 2.2, 2.4.6 (AA)"
        "Fill in the title.";
}

/// Checks the texts as they were written.
pub fn check(findings: &mut Findings, request: &ConsentRequest) {
    for (at, role, text) in texts(request) {
        if name::clean(text).is_empty() || is_blank(&name::clean(text)) {
            let needs_one =
                role == Role::Title || role == Role::Name && at.starts_with("/channels");
            if needs_one {
                findings.add(LABELLED, at, "there is no visible title".to_owned());
            } else if at == "/service/name" {
                findings.add(LABELLED, at, "the service has no visible name".to_owned());
            }
            continue;
        }
        let fault = match role {
            Role::Name => name::check(text),
            Role::Title | Role::Label => name::check_title(text),
            Role::Recipient | Role::Statement => name::check_text(text),
        };
        if let Err(fault) = fault {
            let rule = match &fault {
                NameFault::Blank => continue,
                NameFault::TooLong => SHORT_NAME,
                NameFault::Invisible(_) | NameFault::StackedMarks => SHOWN_WHOLE,
                NameFault::MixedScripts(_) | NameFault::LookAlike(_) | NameFault::LooksLatin(_) => {
                    LOOKS_LIKE_ITSELF
                }
            };
            findings.add(rule, at.as_str(), format!("\"{}\": {fault}", name::clean(text)));
        }
        if !is_nfc(text) || text.chars().any(is_unusual_form) {
            let what = format!("\"{}\" has letters in an unusual form", name::clean(text));
            findings.add(ORDINARY_FORMS, at.as_str(), what);
        }
        if role == Role::Name
            && (text.chars().any(is_check_mark)
                || words::affirms(&words::read(text), |it| &it.imitates_the_screen))
        {
            let what = format!("\"{}\" looks like a mark of the screen", name::clean(text));
            findings.add(NO_IMITATION, at, what);
        }
    }
}

/// What looks like the mark of a verified service.
pub fn is_check_mark(c: char) -> bool {
    matches!(c, '✅' | '✓' | '✔' | '☑' | '🗹')
}

/// The text with letters in their ordinary form. Other characters stay: "㈜" is a word of its own.
pub fn in_ordinary_form(text: &str) -> String {
    let mut ordinary = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_unusual = is_unusual_form(first);
        let end = rest.find(|c| is_unusual_form(c) != is_unusual).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        match is_unusual {
            true => ordinary.extend(run.nfkc().filter(|c| !is_unusual_form(*c))),
            false => ordinary.push_str(run),
        }
        rest = after;
    }
    ordinary.nfc().collect()
}

/// Half-width Katakana and Hangul, and Hangul fillers (Unicode, Halfwidth and Fullwidth Forms).
fn is_unusual_form(c: char) -> bool {
    matches!(c, '\u{ff66}'..='\u{ffdc}' | '\u{115f}' | '\u{1160}' | '\u{3164}')
}
