//! The rules about the terms: what each box asks for, and what is beside it.

use consent_contract::request::{HighlightKind, Term, TermKind};

use super::{Screen, is_blank};
use crate::{
    Findings,
    text::Text,
    words::{self, Lists, Of},
};

rules! {
    ONE_KIND = "KR-P01" Warning High
        "Each consent is of one kind: consent to advertising, for example, covers nothing else."
        "PIPA 22(1); Network Act 50(1)"
        "Move it to a separate term of its own kind."
        settled_by "Whether the text behind this box asks for both.";
    COLLECTION_ITEMS = "KR-P02" Error High
        "A consent to collection states the retention period beside its checkbox."
        "PIPA 15(2), 22(2); Decree 17(3)"
        "Add a highlight of kind retention. Purpose, items and the right to refuse belong in the text.";
    COLLECTION_PERIOD = "KR-P02" Warning Medium
        "The retention period of a collection is a period or an event, not \"as long as necessary\"."
        "PIPA 15(2)3; PIPC consent guide 2022"
        "State a period (5 years) or an event (until you leave)."
        settled_by "Whether users learn from this text when their data will be erased.";
    OVERSEAS_ITEMS = "KR-P05" Error High
        "A transfer abroad names the recipient beside its checkbox."
        "PIPA 28-8(2)"
        "Add a highlight of kind recipient with name, country and contact.";
    OVERSEAS_RECIPIENT = "KR-P05" Warning High
        "The recipient of a transfer abroad is named with country and contact."
        "PIPA 28-8(2)2 and 4"
        "Write name, country and contact: \"Example Cloud Inc., USA, privacy@cloud.example\"."
        settled_by "Whether name, country and contact can be read from this text.";
    CONTRACT_NEEDS_NO_CONSENT = "KR-P10" Warning Medium
        "What a contract with the user needs is announced, and not made a required consent."
        "PIPA 15(1)4, 22(3); PIPC campaign against forced consent, 2024"
        "State the legal basis in the privacy policy, or make the consent optional."
        settled_by "Whether the contract can be performed without these data.";
    IMPORTANT_CONTENT = "KR-P12" Error High
        "Important content is visible without opening anything: that advertising will be sent, and which sensitive data is used."
        "PIPA 22(2); Decree 17(3)"
        "Add a highlight: promotion for marketing, sensitive for sensitive data.";
    IMPORTANT_IS_SAID = "KR-P12" Warning Medium
        "A highlight states the content, not its subject."
        "PIPA 22(2); Decree 17(3)"
        "Write what is sent or used: \"Discounts, by text message\"."
        settled_by "Whether users learn from this highlight what they agree to.";
    RETENTION_BESIDE = "KR-P12" Warning Medium
        "The retention period is visible beside a consent to marketing, to sensitive data or to a transfer abroad."
        "Decree 17(3)3"
        "Add a highlight of kind retention."
        settled_by "Whether this consent lets the service keep data.";
    LABELLED_ONCE = "KR-P13" Error High
        "A title does not contradict the label \"required\" or \"optional\" that the screen puts before it."
        "PIPA Decree 17(4)"
        "Remove the label from the title: the screen adds it.";
    LABELLED_TWICE = "KR-P13" Warning Medium
        "A title has no label of its own: the screen puts \"required\" or \"optional\" before it."
        "PIPA Decree 17(4)"
        "Remove the label from the title."
        settled_by "How the row reads with the label of the screen before it.";
    PLAIN_TITLE = "KR-P14b" Warning Medium
        "Titles are plain: no double negation."
        "PIPA Decree 17(1)3"
        "Describe what the user agrees to."
        settled_by "Whether a ticked box means yes to the thing that is named.";
    AGREES_BY_TICKING = "KR-P14b" Warning Medium
        "Ticking a box agrees: no box refuses when it is ticked."
        "PIPA Decree 17(1)3; KFTC voluntary guideline on dark patterns, 2023 (trick questions)"
        "Ask for the consent (\"Receive advertising\") and leave the box unticked."
        settled_by "What the service does with a ticked box.";
    SHORT_TITLE = "KR-P14" Warning Low
        "A title is short enough to be read at a glance: at most 80 characters."
        "PIPA Decree 17(1)3; the number is this project's"
        "Move the details to highlights and the text."
        settled_by "Whether the title can be shorter without losing its meaning.";
    NO_POLICY = "KR-P17" Warning Medium
        "A privacy policy is published, not agreed to."
        "Practitioners' reading of PIPA 30"
        "Ask for the collection (kind = privacy_collection) and link to the policy with privacy_policy_url."
        settled_by "Whether the text behind this box is the policy itself.";
    VERSIONED = "KR-P22" Error High
        "Every text has a version and a digest, so that a change needs new consent."
        "PIPA 15(2), 17(2), 18(3)"
        "Give the text a version.";
}

/// The maximum length of a title.
const MAX_TITLE: usize = 80;

pub fn check(findings: &mut Findings, screen: &Screen<'_>) {
    for (place, term) in screen.request.terms.iter().enumerate() {
        let at = format!("/terms/{place}");
        let title = screen.read(&term.title);
        findings.title(&at, term, &title);
        findings.beside(&at, term, screen);
        findings.label(&format!("{at}/title"), &term.title, term.required);
        if is_blank(&term.version) || is_blank(&term.digest) {
            let what = format!("\"{}\" has no version or no digest", term.title);
            findings.add(VERSIONED, format!("{at}/version"), what);
        }
    }
    for (place, item) in screen.request.personal_info.items.iter().enumerate() {
        let at = format!("/personal_info/items/{place}/label");
        findings.label(&at, &item.label, item.required);
    }
}

impl Findings {
    fn title(&mut self, at: &str, term: &Term, title: &Text) {
        let at_title = format!("{at}/title");
        let mut broken = |rule, what: &str| {
            self.add(rule, at_title.as_str(), format!("\"{}\" {what}", term.title));
        };
        for other in other_kinds(title, term.kind) {
            broken(ONE_KIND, &format!("also asks for {other}"));
        }
        if words::has(title, |it| &it.privacy_policy) {
            broken(NO_POLICY, "is a policy");
        }
        if words::has(title, |it| &it.double_negative) {
            broken(PLAIN_TITLE, "has a double negation");
        } else if words::has(title, |it| &it.ticks_to_refuse) {
            broken(AGREES_BY_TICKING, "refuses when it is ticked");
        }
        if term.title.chars().count() > MAX_TITLE {
            broken(SHORT_TITLE, &format!("is longer than {MAX_TITLE} characters"));
        }
        let needed = words::has(title, |it| &it.contract_performance);
        if term.kind == TermKind::PrivacyCollection && term.required && needed {
            broken(CONTRACT_NEEDS_NO_CONSENT, "is required and for the performance of a contract");
        }
    }

    /// What has to be beside the box of a term.
    fn beside(&mut self, at: &str, term: &Term, screen: &Screen<'_>) {
        let title = &term.title;
        let has = |kind| term.highlights.iter().any(|it| it.kind == kind && !is_blank(&it.text));
        let missing = match term.kind {
            TermKind::PrivacyCollection if !has(HighlightKind::Retention) => {
                Some((COLLECTION_ITEMS, "", "does not state the retention"))
            }
            TermKind::Overseas if !has(HighlightKind::Recipient) => {
                Some((OVERSEAS_ITEMS, "", "does not name the recipient"))
            }
            TermKind::Sensitive if !has(HighlightKind::Sensitive) => {
                Some((IMPORTANT_CONTENT, "/highlights", "does not name the sensitive data"))
            }
            TermKind::Marketing if !has(HighlightKind::Promotion) => {
                let what = "does not describe the advertising beside its checkbox";
                Some((IMPORTANT_CONTENT, "/highlights", what))
            }
            _ => None,
        };
        if let Some((rule, below, what)) = missing {
            self.add(rule, format!("{at}{below}"), format!("\"{title}\" {what}"));
        }
        let keeps = !matches!(term.kind, TermKind::Service | TermKind::PrivacyCollection);
        if keeps && missing.is_none() && !has(HighlightKind::Retention) {
            let what = format!("\"{title}\" does not state the retention");
            self.add(RETENTION_BESIDE, format!("{at}/highlights"), what);
        }
        for (number, highlight) in term.highlights.iter().enumerate() {
            let at = format!("{at}/highlights/{number}/text");
            let text = screen.read(&highlight.text);
            if is_blank(&highlight.text) {
                continue;
            }
            let rule = match highlight.kind {
                HighlightKind::Retention if is_vague_period(&text) => COLLECTION_PERIOD,
                HighlightKind::Recipient if term.kind == TermKind::Overseas => {
                    let contact = highlight.text.contains('@')
                        || highlight.text.contains("://")
                        || highlight.text.chars().filter(char::is_ascii_digit).count() >= 7;
                    if contact && words::has(&text, |it| &it.countries) {
                        continue;
                    }
                    OVERSEAS_RECIPIENT
                }
                _ if words::is_only(&text, |it| &it.placeholder) => IMPORTANT_IS_SAID,
                _ => continue,
            };
            let what = match rule.id {
                "KR-P05" => "does not have name, country and contact",
                "KR-P02" => "is no period",
                _ => "states nothing",
            };
            self.add(rule, at, format!("\"{}\" {what}", highlight.text));
        }
    }

    /// A title or a label that begins or ends with a label of its own.
    fn label(&mut self, at: &str, title: &str, required: bool) {
        for label in in_brackets(title) {
            let label = words::read(label.inside);
            let is = |of: Of| words::is_only(&label, of);
            let (required_too, optional_too) = (is(|it| &it.required), is(|it| &it.optional));
            let rule = match (required_too, optional_too) {
                (true, false) if !required => LABELLED_ONCE,
                (false, true) if required => LABELLED_ONCE,
                (false, false) => continue,
                _ => LABELLED_TWICE,
            };
            let what = match rule.severity {
                crate::Severity::Error => "contradicts the label of the screen",
                _ => "repeats the label of the screen",
            };
            self.add(rule, at, format!("\"{title}\" {what}"));
        }
    }
}

/// Whether a retention names neither a period nor an event.
pub fn is_vague_period(text: &Text) -> bool {
    words::has(text, |it| &it.vague_retention)
        || words::is_only(text, |it| &it.placeholder)
        || !words::has(text, |it| &it.period)
}

/// What a title asks for besides its own kind of consent.
fn other_kinds(title: &Text, kind: TermKind) -> Vec<&'static str> {
    let advertising: [Of; 2] = [|it| &it.advertising, |it| &it.promotion];
    let others: [(&[TermKind], &str, Of); 5] = [
        (&[TermKind::Service], "the terms of service", |it| &it.terms_of_service),
        (
            &[
                TermKind::PrivacyCollection,
                TermKind::Marketing,
                TermKind::Overseas,
                TermKind::Sensitive,
            ],
            "the collection of personal information",
            |it| &it.collection,
        ),
        (&[TermKind::Overseas], "the provision to a third party", third_party),
        (&[TermKind::Overseas], "a transfer abroad", |it| &it.overseas_transfer),
        (&[TermKind::Sensitive], "sensitive data", |it| &it.sensitive),
    ];
    let mut found = Vec::new();
    // A service's own terms may be called "club news": only what is no consent of its own is taken for
    // advertising by another name.
    if kind != TermKind::Marketing && advertising.into_iter().any(|of| words::affirms(title, of)) {
        found.push("advertising");
    }
    for (own, what, of) in others {
        if !own.contains(&kind) && words::affirms(title, of) {
            found.push(what);
        }
    }
    found
}

fn third_party(lists: &Lists) -> &words::List {
    &lists.third_party_provision
}

/// A title or a label without "required" or "optional" in brackets at its beginning and its end.
pub fn unlabelled(title: &str) -> String {
    let is_label = |inside: &str| {
        let inside = words::read(inside);
        words::is_only(&inside, |it| &it.required) || words::is_only(&inside, |it| &it.optional)
    };
    let mut title = title.trim();
    loop {
        let found = in_brackets(title).into_iter().find(|it| is_label(it.inside));
        match found {
            Some(InBrackets { rest, .. }) => title = rest.trim(),
            None => return title.to_owned(),
        }
    }
}

/// A text in brackets at the beginning or the end of a title.
struct InBrackets<'a> {
    inside: &'a str,
    /// The title without it.
    rest: &'a str,
}

fn in_brackets(title: &str) -> Vec<InBrackets<'_>> {
    const BRACKETS: [(char, char); 6] =
        [('[', ']'), ('(', ')'), ('【', '】'), ('［', '］'), ('（', '）'), ('<', '>')];
    let title = title.trim();
    let found = BRACKETS.into_iter().filter_map(|(open, close)| {
        let first = title.strip_prefix(open).and_then(|it| it.split_once(close));
        if let Some((inside, rest)) = first {
            return Some(InBrackets { inside, rest });
        }
        let (rest, inside) = title.strip_suffix(close)?.rsplit_once(open)?;
        Some(InBrackets { inside, rest })
    });
    found.collect()
}
