//! The rules about channels.

use std::collections::BTreeSet;

use consent_contract::{
    channel,
    item::ItemKey,
    request::{ConsentRequest, Purpose, Reason, ReasonCode, Term, TermKind},
};

use crate::Findings;

rules! {
    ONE_PRIMARY = "KR-N09" Error Medium
        "A service has one primary channel."
        "Kakao Developers, \"Dynamic channel\": one representative channel"
        "Mark one channel as primary, and request the other one (channel_public_id).";
    ONCE = "KS-02" Error High
        "A channel, a term and an item are asked once."
        "The contract: answers are recorded by public_id, tag and id"
        "Remove the second one.";
    NO_SECOND_APPEAL = "KR-E03" Warning Medium
        "The screen does not come back to ask for advertising or a channel alone."
        "E-Commerce Act 21-2(1)5; Kakao Developers, \"Dynamic channel\""
        "Ask when the user signs up, or on a page that the user opens."
        settled_by "Whether the user has asked for this screen.";
    NOT_AGAIN = "KR-E03" Error Medium
        "What the user has agreed to is not asked again in the same version."
        "E-Commerce Act 21-2(1)5"
        "Remove the term from the request, or name the reason: expired, withdrawn, requested.";
}

pub fn check(findings: &mut Findings, request: &ConsentRequest) {
    let primary = request.channels.iter().enumerate().filter(|(_, channel)| channel.primary);
    if let Some((place, channel)) = primary.clone().nth(1) {
        let what = format!("\"{}\" is a second primary channel", channel.name);
        findings.add(ONE_PRIMARY, format!("/channels/{place}/primary"), what);
    }
    let terms = request.terms.iter().enumerate().map(|(place, it)| ("terms", place, &it.tag));
    let items = request.personal_info.items.iter().enumerate();
    let items = items.map(|(place, it)| ("personal_info/items", place, &it.id));
    let channels = request.channels.iter().enumerate();
    let channels = channels.map(|(place, it)| ("channels", place, &it.public_id));
    let mut seen = BTreeSet::new();
    for (of, place, id) in terms.chain(items).chain(channels) {
        if !seen.insert((of, id)) {
            let what = format!("\"{id}\" is asked twice");
            findings.add(ONCE, format!("/{of}/{place}"), what);
        }
    }
    if request.purpose == Purpose::AdditionalConsent && asks_for_advertising_only(request) {
        let what = "nothing but advertising or a channel is asked".to_owned();
        findings.add(NO_SECOND_APPEAL, "/purpose", what);
    }
    findings.asked_again(request);
}

fn asks_for_advertising_only(request: &ConsentRequest) -> bool {
    let marketing = request.terms.iter().all(|term| term.kind == TermKind::Marketing);
    let any = !request.terms.is_empty() || !channel::offered(request).is_empty();
    marketing && any && request.personal_info.items.is_empty()
}

impl Findings {
    fn asked_again(&mut self, request: &ConsentRequest) {
        for (place, term) in request.terms.iter().enumerate() {
            let listed = request.already_agreed.terms.iter();
            let listed = listed.filter(|it| it.tag == term.tag).map(|it| &it.version);
            let mut agreed = listed.chain(&term.agreed_version);
            if agreed.any(|version| *version == term.version)
                && !is_asked_for_a_reason(request, term)
            {
                let what = format!("\"{}\" is agreed to in this version", term.title);
                self.add(NOT_AGAIN, format!("/terms/{place}"), what);
            }
        }
    }
}

/// An agreement can expire or be withdrawn, and a service can ask for what was refused.
fn is_asked_for_a_reason(request: &ConsentRequest, term: &Term) -> bool {
    let key = ItemKey::Term(term.tag.clone()).to_string();
    let again = |it: &&Reason| {
        matches!(it.code, ReasonCode::Expired | ReasonCode::Withdrawn | ReasonCode::Requested)
    };
    request.reasons.0.iter().filter(again).any(|it| it.items.contains(&key))
}
