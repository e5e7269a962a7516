//! The rules about the full texts of terms, which come beside a request.

use consent_contract::request::ConsentRequest;

use crate::Findings;

rules! {
    TEXT_IS_THERE = "KR-P15" Error Medium
        "A term has a full text that the user can read."
        "Supreme Court 2014Du2638; the screen lets no one agree to a term whose text it cannot show"
        "Enter the full text of the term.";
}

/// `has_text`: whether the term with a tag has one.
pub fn check(findings: &mut Findings, request: &ConsentRequest, has_text: &dyn Fn(&str) -> bool) {
    for term in request.terms.iter().filter(|term| !has_text(&term.tag)) {
        let what = format!("\"{}\" has no full text", term.title);
        findings.add(TEXT_IS_THERE, format!("/documents/{}", term.tag), what);
    }
}
