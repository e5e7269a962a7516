//! A receipt in the form of ISO/IEC TS 27560:2023, as the W3C Data Privacy Vocabulary's guide writes it
//! in JSON-LD (<https://w3id.org/dpv/guides/consent-27560>).
//!
//! The vocabulary has no word for the digest of a text, for the screen, or for terms of service that
//! were agreed to: members with the prefix `cr:` are this server's own.

use consent_contract::{item::ItemKey, request::PersonalInfo};
use serde_json::{Map, Value, json};

use super::{ChangeEvent, DecisionEvent, Event, ReceiptClaims, Shown};
use crate::{
    clock::rfc3339,
    config::Attribute,
    store::{ChangeKind, Outcome},
};

/// The receipt as a `dpv:ConsentReceipt` with one `dpv:ConsentRecord` for each item of personal
/// information and each channel. None for a deletion, which is no act of consent.
#[must_use]
pub fn iso27560(claims: &ReceiptClaims) -> Option<Value> {
    let (kind, records, terms) = match &claims.event {
        Event::Decision(decision) => {
            let name = json!(decision.decision);
            (name, decision_records(claims, decision), terms(decision))
        }
        Event::Change(change) => (json!(change.change), change_records(claims, change), Vec::new()),
        Event::Deletion(_) => return None,
    };
    let mut receipt = json!({
        "@context": context(&claims.iss),
        "@id": format!("{}/receipts/{}", claims.iss, claims.jti),
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": claims.jti,
        "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#receipt",
        "dct:created": rfc3339(claims.iat),
        "cr:event": kind,
        "dpv:hasRecordOfActivity": records,
    });
    if let Some(shown) = claims.shown() {
        receipt["cr:interfaceVersion"] = json!(shown.interface.version);
        receipt["cr:page"] = json!(shown.interface.page);
        receipt["cr:agreeAll"] = json!(shown.agree_all);
        receipt["cr:destination"] = json!(shown.service.destination_origin);
        receipt["cr:terms"] = json!(terms);
    }
    Some(receipt)
}

fn context(issuer: &str) -> Value {
    json!({
        "dpv": "https://w3id.org/dpv#",
        "pd": "https://w3id.org/dpv/pd#",
        "dct": "http://purl.org/dc/terms/",
        "spdx": "http://spdx.org/rdf/terms#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "cr": format!("{issuer}/ns/consent-receipt#"),
    })
}

fn decision_records(claims: &ReceiptClaims, decision: &DecisionEvent) -> Vec<Value> {
    let Some(shown) = &decision.shown else { return Vec::new() };
    let answers = decision.answers.iter().filter(|it| !matches!(it.key, ItemKey::Term(_)));
    let records = answers.map(|answer| {
        let status = match (decision.decision, answer.agreed) {
            (Outcome::Agreed, true) => "dpv:ConsentGiven",
            (Outcome::Agreed | Outcome::Cancelled | Outcome::UnderAge, _) => "dpv:ConsentRefused",
        };
        let mut record = record(claims, &answer.key, status);
        if decision.guardian.is_some() {
            record["dpv:hasConsentStatus"][0]["dpv:isIndicatedBy"] =
                json!("dpv:GuardianOfDataSubject");
        }
        record.insert("dpv:hasService".into(), json!(shown.service.name));
        record.insert("dpv:hasDataController".into(), controller(claims, shown));
        if let ItemKey::Item(id) = &answer.key {
            record.insert("dpv:hasNotice".into(), notice(id, decision, shown));
        }
        record.insert("dpv:hasProcess".into(), json!([process(&answer.key, shown)]));
        Value::Object(record)
    });
    records.collect()
}

fn change_records(claims: &ReceiptClaims, change: &ChangeEvent) -> Vec<Value> {
    let status = match change.change {
        ChangeKind::Agree => "dpv:ConsentGiven",
        ChangeKind::Withdraw => "dpv:ConsentWithdrawn",
        ChangeKind::Expire => "dpv:ConsentExpired",
        ChangeKind::Unlink | ChangeKind::Erase => "dpv:ConsentTerminated",
    };
    let items = change.items.iter().map(|item| {
        let mut record = record(claims, &item.key, status);
        record.insert("dpv:hasService".into(), json!(change.service));
        if let Some(version) = &item.version {
            record.insert("dct:hasVersion".into(), json!(version));
        }
        Value::Object(record)
    });
    items.collect()
}

/// What every record has.
fn record(claims: &ReceiptClaims, key: &ItemKey, status: &str) -> Map<String, Value> {
    let account = format!("{}/account", claims.iss);
    let record = json!({
        "@type": "dpv:ConsentRecord",
        "dct:identifier": format!("{}/{key}", claims.jti),
        "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#record",
        "dpv:hasDataSubject": { "@id": format!("urn:cr:subject:{}", claims.sub.as_deref().unwrap_or_default()) },
        "dpv:hasConsentControl": { "@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": account },
        "dpv:hasRight": { "@type": "dpv:DataSubjectRight", "dpv:isExercisedAt": account },
        "dpv:hasConsentStatus": [{
            "@type": status,
            "dpv:isIndicatedBy": "dpv:DataSubject",
            "dpv:isIndicatedAtTime": rfc3339(claims.iat),
        }],
    });
    match record {
        Value::Object(record) => record,
        _ => unreachable!("an object was written"),
    }
}

/// The operator gives the data; the service receives it.
fn controller(claims: &ReceiptClaims, shown: &Shown) -> Value {
    json!({
        "@id": claims.iss,
        "cr:partyType": "controller",
        "dpv:hasRecipient": {
            "@id": shown.service.destination_origin,
            "dct:title": shown.service.company,
            "cr:privacyPolicy": shown.service.privacy_policy_url,
        },
    })
}

/// What was stated about an item; what the items share, where it was not shown.
fn statements<'a>(id: &str, info: &'a PersonalInfo) -> [&'a String; 4] {
    match info.items.iter().find(|item| item.id == id) {
        Some(item) => info.statements_of(item),
        None => [&info.recipient, &info.purpose, &info.retention, &info.refusal_effect],
    }
}

fn notice(id: &str, decision: &DecisionEvent, shown: &Shown) -> Value {
    let info = &shown.personal_info;
    let [_, purpose, _, refusal_effect] = statements(id, info);
    json!({
        "@type": "dpv:ConsentNotice",
        "dct:language": decision.locale,
        "spdx:checksum": checksum(&info.digest),
        "cr:purpose": purpose,
        "cr:refusalEffect": refusal_effect,
    })
}

fn process(key: &ItemKey, shown: &Shown) -> Value {
    let info = &shown.personal_info;
    match key {
        ItemKey::Item(id) => {
            let item = info.items.iter().find(|item| item.id == *id);
            let is_required = item.is_some_and(|item| item.required);
            let [recipient, purpose, retention, _] = statements(id, info);
            json!({
                "@type": "dpv:Process",
                "dpv:hasPurpose": { "@type": "dpv:Purpose", "dct:description": purpose },
                "dpv:hasPersonalData": personal_data(id),
                "dct:title": item.map(|item| &item.label),
                "dpv:hasNecessity": if is_required { "dpv:Required" } else { "dpv:Optional" },
                "dpv:hasRecipient": { "@type": "dpv:Recipient", "dct:title": recipient },
                "dpv:hasStorageCondition": [{
                    "@type": "dpv:StorageDuration",
                    "dpv:hasDuration": { "@type": "dpv:UntilEventDuration", "rdf:value": retention },
                }],
            })
        }
        ItemKey::Channel(id) => {
            let channel = shown.channels.iter().find(|channel| channel.public_id == *id);
            json!({
                "@type": "dpv:Process",
                "dpv:hasPurpose": "dpv:CommunicationManagement",
                "dct:title": channel.map(|channel| &channel.name),
                "dpv:hasNecessity": "dpv:Optional",
                "cr:channel": id,
            })
        }
        ItemKey::Term(tag) => json!({ "@type": "dpv:Process", "cr:term": tag }),
    }
}

/// The personal data of an item in DPV's extension. Items that it has no concept for keep their id.
fn personal_data(id: &str) -> String {
    let concept = match Attribute::of(id) {
        Some(Attribute::Email) => "pd:EmailAddress",
        Some(Attribute::Phone) => "pd:TelephoneNumber",
        Some(Attribute::Name | Attribute::LegalName) => "pd:Name",
        Some(Attribute::Gender | Attribute::LegalGender) => "pd:Gender",
        Some(Attribute::AgeRange) => "pd:AgeRange",
        Some(Attribute::Birthday | Attribute::LegalBirthDate) => "pd:BirthDate",
        Some(Attribute::Address) => "pd:PhysicalAddress",
        Some(Attribute::ProfileImage) => "pd:Picture",
        Some(Attribute::Nickname) => "pd:Username",
        _ => return format!("cr:{id}"),
    };
    concept.to_owned()
}

/// Terms of service are a contract: an agreement to them is no consent in the vocabulary.
fn terms(decision: &DecisionEvent) -> Vec<Value> {
    let Some(shown) = &decision.shown else { return Vec::new() };
    let terms = shown.terms.iter().map(|it| {
        let key = ItemKey::Term(it.term.tag.clone());
        let is_agreed = decision.answers.iter().any(|answer| answer.key == key && answer.agreed);
        let highlights = it.term.highlights.iter();
        let highlights: Vec<Value> =
            highlights.map(|it| json!({ "cr:kind": it.kind, "cr:text": it.text })).collect();
        json!({
            "@type": "cr:Term",
            "dct:identifier": key.to_string(),
            "dct:title": it.term.title,
            "dct:hasVersion": it.term.version,
            "dct:language": decision.locale,
            "cr:kind": it.term.kind,
            "cr:required": it.term.required,
            "cr:effectiveFrom": it.effective_from,
            "cr:highlights": highlights,
            "cr:agreed": is_agreed,
            "spdx:checksum": checksum(&it.term.digest),
        })
    });
    terms.collect()
}

fn checksum(digest: &str) -> Value {
    json!({ "spdx:algorithm": "SHA256", "spdx:checksumValue": digest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::samples;

    #[test]
    fn a_receipt_has_a_record_for_each_item_and_channel() {
        let receipt = iso27560(&samples::decision()).unwrap();
        let expected: Value = serde_json::from_str(include_str!("samples/iso27560.json")).unwrap();
        assert_eq!(receipt, expected, "{}", serde_json::to_string_pretty(&receipt).unwrap());
    }

    #[test]
    fn a_record_has_the_statements_of_its_item() {
        let mut claims = samples::decision();
        let Event::Decision(decision) = &mut claims.event else { panic!("a decision") };
        let item = &mut decision.shown.as_mut().unwrap().personal_info.items[2];
        item.recipient = Some("한옥페이 주식회사".into());
        item.purpose = Some("결제".into());
        item.retention = Some("5년".into());
        item.refusal_effect = Some("간편결제 불가".into());
        let receipt = iso27560(&claims).unwrap();
        let texts = |id: &str| {
            let mut records = receipt["dpv:hasRecordOfActivity"].as_array().unwrap().iter();
            let of_item = |it: &&Value| {
                it["dct:identifier"].as_str().unwrap().ends_with(&format!("/item:{id}"))
            };
            let record = records.find(of_item).unwrap();
            let process = &record["dpv:hasProcess"][0];
            let storage = &process["dpv:hasStorageCondition"][0]["dpv:hasDuration"];
            json!([
                process["dpv:hasRecipient"]["dct:title"],
                process["dpv:hasPurpose"]["dct:description"],
                storage["rdf:value"],
                record["dpv:hasNotice"]["cr:purpose"],
                record["dpv:hasNotice"]["cr:refusalEffect"],
            ])
        };
        let own = json!(["한옥페이 주식회사", "결제", "5년", "결제", "간편결제 불가"]);
        assert_eq!(texts("phone_number"), own);
        assert_eq!(texts("profile_nickname")[0], "한옥마켓 주식회사");
    }

    #[test]
    fn the_prefix_of_every_name_is_in_the_context() {
        fn names(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    for (name, value) in members.iter().filter(|(name, _)| *name != "@context") {
                        found.push(name.clone());
                        names(value, found);
                    }
                }
                Value::Array(values) => values.iter().for_each(|value| names(value, found)),
                _ => {}
            }
        }
        for claims in [samples::decision(), samples::change()] {
            let receipt = iso27560(&claims).unwrap();
            let mut found = Vec::new();
            names(&receipt, &mut found);
            for name in found.iter().filter(|name| !name.starts_with('@')) {
                let prefix = name.split(':').next().unwrap();
                assert!(receipt["@context"][prefix].is_string(), "{name}");
            }
        }
    }

    #[test]
    fn every_record_has_the_mandatory_members() {
        let receipt = iso27560(&samples::decision()).unwrap();
        for member in ["@context", "dct:identifier", "dct:conformsTo", "dct:created"] {
            assert!(!receipt[member].is_null(), "{member}");
        }
        for record in receipt["dpv:hasRecordOfActivity"].as_array().unwrap() {
            for member in [
                "dct:identifier",
                "dct:conformsTo",
                "dpv:hasDataSubject",
                "dpv:hasDataController",
                "dpv:hasProcess",
                "dpv:hasConsentControl",
                "dpv:hasRight",
                "dpv:hasConsentStatus",
            ] {
                assert!(!record[member].is_null(), "{member}: {record}");
            }
        }
    }

    #[test]
    fn a_withdrawal_names_what_ended() {
        let receipt = iso27560(&samples::change()).unwrap();
        let record = &receipt["dpv:hasRecordOfActivity"][0];
        assert_eq!(record["dct:identifier"], "receipt-2/term:marketing");
        assert_eq!(record["dpv:hasConsentStatus"][0]["@type"], "dpv:ConsentWithdrawn");
    }
}
