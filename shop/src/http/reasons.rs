//! Why the consent screen, or a part of it, does not appear for a member. Pure.

use crate::{
    pages::developers::{Reason, ReasonKind},
    provider::api::{Relation, Scope, Term},
};

/// What the API has about a member.
pub struct Facts<'a> {
    pub terms: &'a [Term],
    pub scopes: &'a [Scope],
    /// None where the shop has no channel, or the API does not return it.
    pub channel: Option<Relation>,
    /// The account has no e-mail address although the item was agreed to.
    pub email_without_value: bool,
    /// The last sign-in of this browser was silent.
    pub silent: bool,
    pub test_app: bool,
    /// The term that is asked for at its own moment only.
    pub coupons_term: Option<&'a str>,
}

// sample: explain_screen
/// Each reason, whether it holds, and the evidence.
#[must_use]
pub fn reasons(facts: &Facts<'_>) -> Vec<Reason> {
    let at_sign_up = |term: &&Term| Some(&*term.tag) != facts.coupons_term;
    let required: Vec<&Term> =
        facts.terms.iter().filter(at_sign_up).filter(|term| term.required).collect();
    let open: Vec<&str> = required.iter().filter(|it| !it.agreed).map(|it| &*it.tag).collect();
    let agreed = facts.terms.iter().filter(at_sign_up).filter(|term| term.agreed).count();
    let channel = |relation: Relation| facts.channel.map(|it| it == relation);
    let reason = |kind, holds, evidence: String| Reason { kind, holds, evidence };
    vec![
        // A connected user gets a code at once. Only `service_terms` with a required term, or `scope`
        // with an item, that was not agreed to shows a screen again.
        reason(ReasonKind::EverythingAgreed, Some(open.is_empty()), terms_line(facts.terms)),
        // Plain login: connected, but none of the shop's terms was ever asked.
        reason(
            ReasonKind::NotAskedYet,
            Some(agreed == 0 && !open.is_empty()),
            format!(
                "not agreed: {}",
                if open.is_empty() { "none".into() } else { open.join(", ") }
            ),
        ),
        reason(ReasonKind::ChannelAdded, channel(Relation::Added), relation_line(facts.channel)),
        reason(
            ReasonKind::ChannelBlocked,
            channel(Relation::Blocked),
            relation_line(facts.channel),
        ),
        reason(
            ReasonKind::NoMessenger,
            channel(Relation::NoMessenger),
            relation_line(facts.channel),
        ),
        reason(
            ReasonKind::ItemWithoutValue,
            Some(facts.email_without_value),
            scopes_line(facts.scopes),
        ),
        reason(
            ReasonKind::Silent,
            Some(facts.silent),
            format!("prompt: {}", if facts.silent { "none" } else { "not sent" }),
        ),
        reason(ReasonKind::TestApp, Some(facts.test_app), format!("test_app: {}", facts.test_app)),
    ]
}
// end sample

fn terms_line(terms: &[Term]) -> String {
    let term = |term: &Term| match &term.agreed_at {
        Some(at) if term.agreed => format!("{}: agreed {at}", term.tag),
        _ => format!("{}: agreed {}", term.tag, term.agreed),
    };
    terms.iter().map(term).collect::<Vec<_>>().join(", ")
}

fn scopes_line(scopes: &[Scope]) -> String {
    let scope = |scope: &Scope| format!("{}: agreed {}", scope.id, scope.agreed);
    scopes.iter().map(scope).collect::<Vec<_>>().join(", ")
}

fn relation_line(channel: Option<Relation>) -> String {
    let relation = match channel {
        Some(Relation::Added) => "ADDED",
        Some(Relation::Blocked) => "BLOCKED",
        Some(Relation::None) => "NONE",
        Some(Relation::NoMessenger) => "-501",
        None => "unknown",
    };
    format!("relation: {relation}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(tag: &str, required: bool, agreed: bool) -> Term {
        Term { tag: tag.into(), required, agreed, agreed_at: None }
    }

    fn holding(terms: &[Term], channel: Option<Relation>) -> Vec<ReasonKind> {
        let facts = Facts {
            terms,
            scopes: &[],
            channel,
            email_without_value: false,
            silent: false,
            test_app: false,
            coupons_term: Some("coupons"),
        };
        let holding = reasons(&facts).into_iter().filter(|reason| reason.holds == Some(true));
        holding.map(|reason| reason.kind).collect()
    }

    #[test]
    fn a_member_in_one_step_has_nothing_left_to_agree_to() {
        let terms = [
            term("tos", true, true),
            term("marketing", false, false),
            term("coupons", true, false),
        ];
        assert_eq!(holding(&terms, Some(Relation::None)), [ReasonKind::EverythingAgreed]);
    }

    #[test]
    fn a_member_by_plain_login_was_not_asked() {
        let terms = [term("tos", true, false), term("marketing", false, false)];
        assert_eq!(holding(&terms, None), [ReasonKind::NotAskedYet]);
    }

    #[test]
    fn each_relation_to_the_channel_has_its_reason() {
        let terms = [term("tos", true, true)];
        for (relation, kind) in [
            (Relation::Added, ReasonKind::ChannelAdded),
            (Relation::Blocked, ReasonKind::ChannelBlocked),
            (Relation::NoMessenger, ReasonKind::NoMessenger),
        ] {
            assert_eq!(holding(&terms, Some(relation)), [ReasonKind::EverythingAgreed, kind]);
        }
    }
}
