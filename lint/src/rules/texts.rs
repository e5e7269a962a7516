//! The rules for every text that is visible without opening anything.

use super::{Role, Screen, texts};
use crate::{
    Findings, Rule,
    text::Text,
    words::{self, Of},
};

rules! {
    CLOSED_LISTS = "KR-P14a" Warning Medium
        "Lists are complete: \"and so on\" asks for consent to something unknown."
        "ISMS-P 3.1.1, defect examples"
        "Name everything, or remove the rest."
        settled_by "Whether the words leave a list open.";
    NO_PRESSURE = "KR-E08" Warning Medium
        "Texts create no time pressure, and do not point to what others did."
        "KFTC voluntary guideline on dark patterns, 2023"
        "Remove the urgency, or the number of users."
        settled_by "Whether the text urges users to agree.";
    NEUTRAL = "EDPB-01" Warning Low
        "Texts do not steer by feelings: refusing is not described as a loss."
        "EDPB 03/2022 on deceptive patterns, \"stirring\""
        "Describe what the consent is for."
        settled_by "Whether the text plays on a feeling, or states a fact.";
    SILENCE_IS_NO_CONSENT = "KR-T05" Warning Medium
        "Consent is given by ticking a box: silence, use or sign-up is no consent."
        "Act on the Regulation of Terms and Conditions 12; CJEU C-673/17 (Planet49)"
        "Remove the clause, and ask with a box."
        settled_by "Whether the service acts without a tick.";
    ADVERTISING_IS_ASKED = "KR-N04" Warning Medium
        "Consent to advertising is not taken from another agreement."
        "Network Act 50(1); KISA guide to commercial messages, 5th ed."
        "Ask with a term of kind marketing."
        settled_by "Whether advertising is sent without a tick at its own box.";
    NOTHING_TO_PAY = "KR-E07" Warning Medium
        "Payments, and changes from free to paid, are not agreed to on this screen."
        "E-Commerce Act 13(6); Decree 20-2"
        "Ask for the payment where it is made, within 30 days before it."
        settled_by "Whether the service charges users on the ground of this text.";
    WITHDRAWAL_IS_FREE = "KR-N07" Warning Medium
        "Withdrawing costs nothing."
        "Network Act 50(6)"
        "Remove the cost."
        settled_by "Whether a user pays for withdrawing.";
    WITHDRAWAL_IS_EASY = "EU-06" Warning Medium
        "Withdrawing is as easy as agreeing: not by letter, fax or visit only."
        "GDPR 7(3); PIPA 38(4)"
        "Offer withdrawal on the settings page."
        settled_by "Whether there is also a way online.";
}

pub fn check(findings: &mut Findings, screen: &Screen<'_>) {
    for (at, role, text) in texts(screen.request) {
        // A name is no part of what is read without names.
        let read = if role == Role::Name { words::read(text) } else { screen.read(text) };
        for (rule, what) in broken(&read, role) {
            findings.add(rule, at.as_str(), format!("\"{text}\" {what}"));
        }
    }
}

fn broken(text: &Text, role: Role) -> Vec<(Rule, &'static str)> {
    let affirms = |of: Of| words::affirms(text, of);
    let mut broken = Vec::new();
    let is_name = role == Role::Name;
    if !is_name && words::is_open_ended(text) {
        broken.push((CLOSED_LISTS, "leaves the list open"));
    }
    if affirms(|it| &it.urgency) {
        broken.push((NO_PRESSURE, "creates time pressure"));
    } else if affirms(|it| &it.social_proof) {
        broken.push((NO_PRESSURE, "points to other users"));
    }
    if words::has(text, |it| &it.steering) {
        broken.push((NEUTRAL, "plays on a feeling"));
    }
    if affirms(|it| &it.deemed_consent) {
        let advertising = words::has(text, |it| &it.advertising);
        let rule = if advertising || words::has(text, |it| &it.promotion) {
            ADVERTISING_IS_ASKED
        } else {
            SILENCE_IS_NO_CONSENT
        };
        broken.push((rule, "takes something else for consent"));
    }
    if !is_name && affirms(|it| &it.paid) {
        broken.push((NOTHING_TO_PAY, "is about payments"));
    }
    if words::has(text, |it| &it.cost_of_withdrawal) {
        broken.push((WITHDRAWAL_IS_FREE, "names a cost of withdrawing"));
    }
    if words::has(text, |it| &it.hard_withdrawal) {
        broken.push((WITHDRAWAL_IS_EASY, "makes withdrawing harder than agreeing"));
    }
    broken
}
