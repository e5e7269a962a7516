//! A receipt in the form of Kantara's Consent Receipt 1.1.0.
//!
//! `jurisdiction`, and `address`, `email` and `phone` of the controller are left out: this server knows
//! the name of a company only. The form has consents only: no refusal, no withdrawal, no digest of a text, no terms. Members with
//! the prefix `x_` are this server's own.

use aws_lc_rs::digest::{SHA256, digest};
use consent_contract::{item::ItemKey, request::TermKind};
use serde_json::{Value, json};

use super::{Event, ReceiptClaims};
use crate::store::Outcome;

/// The receipt. None for what is no consent: a cancelled screen, a change, a deletion, or an agreement
/// that shares nothing.
#[must_use]
pub fn kantara(claims: &ReceiptClaims) -> Option<Value> {
    let Event::Decision(decision) = &claims.event else { return None };
    let shown = decision.shown.as_ref()?;
    if decision.decision != Outcome::Agreed {
        return None;
    }
    let info = &shown.personal_info;
    let agreed = |key: &ItemKey| decision.answers.iter().any(|it| it.key == *key && it.agreed);
    let account = format!("{}/account", claims.iss);
    let purpose =
        |purpose: &str, category: &str, data: Vec<&str>, recipient: &str, is_primary: bool| {
            json!({
                "purpose": purpose,
                "purposeCategory": [category],
                "consentType": "EXPLICIT",
                "piiCategory": data,
                "primaryPurpose": is_primary,
                "termination": format!("withdraw at {account}"),
                "thirdPartyDisclosure": true,
                "thirdPartyName": recipient,
            })
        };
    let mut purposes = Vec::new();
    for group in info.groups() {
        let items = group.iter().filter(|item| agreed(&ItemKey::Item(item.id.clone())));
        let items: Vec<&str> = items.map(|item| &*item.id).collect();
        if !items.is_empty() {
            let [recipient, of_group, ..] = info.statements_of(&group[0]);
            purposes.push(purpose(of_group, "Core Function", items, recipient, true));
        }
    }
    for channel in &shown.channels {
        if agreed(&ItemKey::Channel(channel.public_id.clone())) {
            let about = format!("messages on the channel {}", channel.name);
            let data = vec!["channel membership"];
            purposes.push(purpose(&about, "Contracted Service", data, &info.recipient, false));
        }
    }
    if purposes.is_empty() {
        return None;
    }
    let is_sensitive = |kind| kind == TermKind::Sensitive;
    let terms = shown.terms.iter().map(|it| {
        let is_agreed = agreed(&ItemKey::Term(it.term.tag.clone()));
        let term = &it.term;
        json!({
            "tag": term.tag, "version": term.version, "digest": term.digest,
            "agreed": is_agreed, "sensitive": is_sensitive(term.kind),
        })
    });
    let sensitive = shown
        .terms
        .iter()
        .filter(|it| is_sensitive(it.term.kind) && agreed(&ItemKey::Term(it.term.tag.clone())));
    let sensitive: Vec<&str> = sensitive.map(|it| &*it.term.title).collect();
    let refused = decision.answers.iter().filter(|answer| !answer.agreed);
    let policy = shown.service.privacy_policy_url.clone();
    Some(json!({
        "version": "KI-CR-v1.1.0",
        "consentTimestamp": claims.iat,
        "collectionMethod": "consent screen: a control for each item, and an Agree button",
        "consentReceiptID": uuid(&claims.jti),
        "language": decision.locale,
        "piiPrincipalId": format!("urn:cr:subject:{}", claims.sub.as_deref().unwrap_or_default()),
        // The texts that were shown are in the bundle, by digest.
        "policyUrl": policy.unwrap_or(account),
        "piiControllers": [{
            "piiController": shown.service.company,
            "onBehalf": false,
            "contact": shown.service.company,
            "piiControllerUrl": shown.service.destination_origin,
        }],
        "services": [{ "service": shown.service.name, "purposes": purposes }],
        "sensitive": !sensitive.is_empty(),
        "spiCat": sensitive,
        "x_receipt": claims.jti,
        "x_terms": terms.collect::<Vec<_>>(),
        "x_statements": info.digest,
        "x_refused": refused.map(|answer| answer.key.to_string()).collect::<Vec<_>>(),
    }))
}

/// A UUID that follows from the id of a receipt (RFC 9562, 5.8: version 8).
fn uuid(receipt_id: &str) -> String {
    let hash = digest(&SHA256, format!("consent-receipt {receipt_id}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::samples;

    #[test]
    fn an_agreement_is_written_in_kantara_s_form() {
        let receipt = kantara(&samples::decision()).unwrap();
        let expected: Value = serde_json::from_str(include_str!("samples/kantara.json")).unwrap();
        assert_eq!(receipt, expected, "{}", serde_json::to_string_pretty(&receipt).unwrap());
        assert!(receipt["consentTimestamp"].as_i64().unwrap() < 10_000_000_000, "in seconds");
    }

    #[test]
    fn each_recipient_has_a_purpose_of_its_own() {
        let mut claims = samples::decision();
        let Event::Decision(decision) = &mut claims.event else { panic!("a decision") };
        let item = &mut decision.shown.as_mut().unwrap().personal_info.items[2];
        item.recipient = Some("한옥페이 주식회사".into());
        item.purpose = Some("결제".into());
        let receipt = kantara(&claims).unwrap();
        let purposes = receipt["services"][0]["purposes"].as_array().unwrap();
        let of = |it: &Value| {
            let [name, purpose] = ["thirdPartyName", "purpose"].map(|key| it[key].clone());
            (name, purpose, it["piiCategory"].clone())
        };
        let shared = json!(["한옥마켓 주식회사", "회원 가입과 주문 처리", ["profile_nickname"]]);
        let own = json!(["한옥페이 주식회사", "결제", ["phone_number"]]);
        for (at, expected) in [shared, own].into_iter().enumerate() {
            assert_eq!(json!(of(&purposes[at])), expected);
        }
    }

    #[test]
    fn what_is_no_consent_has_no_receipt_of_this_form() {
        assert_eq!(kantara(&samples::change()), None);
        let mut cancelled = samples::decision();
        let Event::Decision(decision) = &mut cancelled.event else { panic!("a decision") };
        decision.decision = Outcome::Cancelled;
        assert_eq!(kantara(&cancelled), None);
    }

    #[test]
    fn uuids_are_of_version_8() {
        let uuid = uuid("receipt-1");
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "8");
        assert_ne!(uuid, super::uuid("receipt-2"));
    }
}
