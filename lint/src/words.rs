//! Phrases that indicate what a text is about, in the screen's three languages. They find the usual
//! wording only: a text can say the same in other words.

use std::{collections::BTreeMap, sync::LazyLock};

use consent_contract::request::TermKind;
use serde::Deserialize;

/// The phrases, from `words.json`.
pub static WORDS: LazyLock<Words> =
    LazyLock::new(|| serde_json::from_str(include_str!("../words.json")).expect("words.json"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    advertising: Vec<String>,
    /// An advertiser, or an advertising identifier.
    advertising_terms_without_consent: Vec<String>,
    /// Whole words. Korean "등" is also the start of other words (등록).
    open_ended_words: Vec<String>,
    open_ended_endings: Vec<String>,
    open_ended_phrases: Vec<String>,
    /// By language.
    negations: BTreeMap<String, Vec<String>>,
    /// Whole words: "night" is also a part of "Knight".
    night_words: Vec<String>,
    night_phrases: Vec<String>,
    day: Vec<String>,
    email: Vec<String>,
    other_media: Vec<String>,
    terms_of_service: Vec<String>,
    third_party: Vec<String>,
    overseas_transfer: Vec<String>,
    sensitive_data: Vec<String>,
    /// Whole texts.
    no_effect: Vec<String>,
    no_disadvantage: Vec<String>,
    impossible: Vec<String>,
    no_registration: Vec<String>,
    withdrawal_of_a_purchase: Vec<String>,
    withdrawal: Vec<Withdrawal>,
    pub privacy_policy: Vec<String>,
    pub resident_number: Vec<String>,
    /// The other unique identifiers of rule KR-P21.
    pub unique_identifier: Vec<String>,
    pub urgency: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    of: String,
    verbs: Vec<String>,
}

/// Whether a text contains one of these phrases, ignoring ASCII case and spaces: Korean is written with
/// and without them (처리방침, 처리 방침).
pub fn contains(text: &str, phrases: &[String]) -> bool {
    let text = normalized(text);
    phrases.iter().any(|phrase| text.contains(&normalized(phrase)))
}

fn normalized(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == '’' { '\'' } else { c.to_ascii_lowercase() })
        .collect()
}

/// The text without these phrases.
fn without(text: &str, phrases: &[String]) -> String {
    phrases.iter().fold(normalized(text), |text, phrase| text.replace(phrase, ""))
}

/// The words of a text.
fn words(text: &str) -> impl Iterator<Item = String> {
    let separates = |c: char| c.is_whitespace() || ",.;:()[]·/、。・".contains(c);
    text.split(separates).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

/// Whether a list in the text is open-ended.
pub fn is_open_ended(text: &str) -> bool {
    let ends = |word: String| {
        WORDS.open_ended_words.contains(&word)
            || WORDS.open_ended_endings.iter().any(|ending| word.ends_with(ending))
    };
    words(text).any(ends) || contains(text, &WORDS.open_ended_phrases)
}

/// Whether a text has two negations in one language.
pub fn is_double_negative(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let count = |phrases: &Vec<String>| -> usize {
        phrases.iter().map(|phrase| text.matches(phrase.as_str()).count()).sum()
    };
    WORDS.negations.values().any(|phrases| count(phrases) > 1)
}

/// Whether a text is about advertising.
pub fn is_advertising(text: &str) -> bool {
    contains(&without(text, &WORDS.advertising_terms_without_consent), &WORDS.advertising)
}

/// Whether a text mentions the night.
pub fn is_by_night(text: &str) -> bool {
    contains(text, &WORDS.night_phrases)
        || words(text).any(|word| WORDS.night_words.contains(&word))
}

/// Whether a text that mentions the night also mentions the day.
pub fn is_by_day_too(text: &str) -> bool {
    contains(text, &WORDS.day)
}

/// Whether a text is about email only, which is allowed by night (Network Act, Decree 61(2)).
pub fn is_email_only(text: &str) -> bool {
    contains(text, &WORDS.email) && !contains(text, &WORDS.other_media)
}

/// What a title asks for besides its own kind of consent.
pub fn other_kind(title: &str, kind: TermKind) -> Option<&'static str> {
    if kind != TermKind::Marketing && is_advertising(title) {
        return Some("advertising");
    }
    let signs = [
        (Some(TermKind::Service), "the terms of service", &WORDS.terms_of_service),
        (None, "the provision to a third party", &WORDS.third_party),
        (Some(TermKind::Overseas), "a transfer abroad", &WORDS.overseas_transfer),
        (Some(TermKind::Sensitive), "sensitive data", &WORDS.sensitive_data),
    ];
    let other = signs.iter().find(|(of, _, signs)| *of != Some(kind) && contains(title, signs));
    other.map(|(_, what, _)| *what)
}

/// Whether a text states that refusing has no effect, which cannot be true of a required item.
pub fn denies_effect(text: &str) -> bool {
    let whole = normalized(text.trim_end_matches('.'));
    // The same text may name the effect for required items, and none for optional ones.
    let names_effect = denies_registration(text) || contains(text, &WORDS.impossible);
    WORDS.no_effect.contains(&whole) || (contains(text, &WORDS.no_disadvantage) && !names_effect)
}

/// Whether a text states that the user cannot register.
pub fn denies_registration(text: &str) -> bool {
    contains(text, &WORDS.no_registration)
}

/// Whether a text states that consent can be withdrawn. A purchase can be withdrawn too (청약철회).
pub fn mentions_withdrawal(text: &str) -> bool {
    let text = without(text, &WORDS.withdrawal_of_a_purchase);
    let mentions =
        |it: &Withdrawal| text.contains(&normalized(&it.of)) && contains(&text, &it.verbs);
    WORDS.withdrawal.iter().any(mentions)
}
