//! The rules of consent law and of layout: what is wrong with a screen, found before users see it.
//!
//! This is engineering advice, not legal advice: each rule is an engineer's reading of a legal text, with
//! the certainty of that reading. A lawyer must confirm compliance.

macro_rules! rules {
    ($($name:ident = $id:literal $severity:ident $certainty:ident
        $requirement:literal $source:literal $fix:literal $(settled_by $settled_by:literal)?;)*) => {
        $(pub(super) const $name: $crate::Rule = $crate::Rule {
            id: $id,
            severity: $crate::Severity::$severity,
            requirement: $requirement,
            source: $source,
            certainty: $crate::Certainty::$certainty,
            fix: $fix,
            settled_by: $crate::first(&[$($settled_by,)?]),
        };)*

        /// The rules of this module.
        pub const ALL: &[$crate::Rule] = &[$($name,)*];
    };
}

/// The only element, if there is one: an optional part of the macro above.
const fn first(all: &[&'static str]) -> Option<&'static str> {
    match all {
        [first, ..] => Some(first),
        [] => None,
    }
}

pub mod corpus;
pub mod rendered;
mod rules;
mod text;
/// The design tokens of the screen: colours, fonts and shapes.
pub mod theme;
mod words;

use serde::Serialize;

use consent_contract::{name, request::ConsentRequest};

pub use rules::fixes::{Fixed, Fixes};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
    Info,
}

impl Severity {
    /// Its name in JSON and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// How certain the reading of the source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The primary text was read.
    High,
    /// A reliable secondary source, or one clear step from a primary text.
    Medium,
    /// A single source.
    Low,
}

impl Certainty {
    /// Its name in JSON and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// A rule that a screen can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// `KR-P07`: this project's id of the rule.
    pub id: &'static str,
    pub severity: Severity,
    /// What the screen must do.
    pub requirement: &'static str,
    /// The legal text.
    pub source: &'static str,
    pub certainty: Certainty,
    /// How to comply.
    pub fix: &'static str,
    /// What settles whether a finding is right. None where the data proves it: the others are guesses
    /// by words, which are never errors.
    pub settled_by: Option<&'static str>,
}

/// A broken rule, and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    #[serde(flatten)]
    pub rule: Rule,
    /// The place in the message: a JSON Pointer (RFC 6901).
    pub at: String,
    /// What is wrong there.
    pub what: String,
}

/// Every rule: those about the data, then those about the rendered page.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    rules::ALL.into_iter().flatten().chain(rendered::ALL)
}

/// Collects findings.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, rule: Rule, at: impl Into<String>, what: String) {
        self.0.push(Finding { rule, at: at.into(), what });
    }

    /// By severity, then in the order in which they were added.
    fn sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.rule.severity);
        self.0
    }
}

/// Every finding in a request, by severity, then in the order of the screen.
#[must_use]
pub fn lint(request: &ConsentRequest) -> Vec<Finding> {
    rules::check(request).sorted()
}

/// Every finding in the full texts of a request's terms. `has_text`: whether the term with a tag has one.
#[must_use]
pub fn lint_documents(request: &ConsentRequest, has_text: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    rules::check_documents(request, has_text).sorted()
}

/// The request with the texts as a user sees them: an invisible character must not hide a phrase from the
/// rules, nor count as text.
fn as_shown(request: &ConsentRequest) -> ConsentRequest {
    let mut shown = request.clone();
    let info = &mut shown.personal_info;
    let terms = shown.terms.iter_mut().flat_map(|term| {
        let highlights = term.highlights.iter_mut().map(|it| &mut it.text);
        std::iter::once(&mut term.title).chain(highlights)
    });
    terms
        .chain(info.items.iter_mut().flat_map(|it| {
            let own = [&mut it.recipient, &mut it.purpose, &mut it.retention];
            let own = own.into_iter().chain([&mut it.refusal_effect]).flatten();
            std::iter::once(&mut it.label).chain(own)
        }))
        .chain(shown.channels.iter_mut().map(|it| &mut it.name))
        .chain([&mut info.recipient, &mut info.purpose, &mut info.retention])
        .chain([&mut info.refusal_effect, &mut shown.service.name, &mut shown.service.company])
        .for_each(|text| *text = name::clean(text));
    shown
}

#[cfg(test)]
mod tests;
