//! Recognising a decision that is sent again (idempotency).
//!
//! What is stored of a decision for that holds nothing that the person typed: a digest of a phone
//! number or a birthday is guessed in no time. Typed values are compared with the ones that are
//! kept beside the agreement, which can be erased.

use consent_contract::{
    decision::{Agreement, Decision},
    value,
};

use crate::{config::Attribute, crypto, store::Grant};

/// By which a decision is recognised, as JSON or as a form. The token is left out: it says where
/// the decision came from, not what it is.
#[must_use]
pub fn fingerprint(decision: &Decision) -> Vec<u8> {
    let mut decision = decision.clone();
    match &mut decision {
        Decision::Agree(agreement) => {
            agreement.csrf_token.clear();
            for answer in &mut agreement.personal_info {
                // The receipt shows that a value was typed, too, but not the value.
                answer.value = answer.value.take().map(|_| String::new());
            }
        }
        Decision::Cancel(cancellation) => cancellation.csrf_token = None,
    }
    let json = serde_json::to_string(&decision).expect("a decision is always JSON");
    crypto::fingerprint(&json)
}

/// Whether a decision is the one with this fingerprint, whose typed values are in this grant.
#[must_use]
pub fn is_same(decision: &Decision, stored: &[u8], grant: &Grant) -> bool {
    let has_same_values = match decision {
        Decision::Agree(agreement) => typed_what_is_kept(agreement, grant),
        Decision::Cancel(_) => true,
    };
    fingerprint(decision) == stored && has_same_values
}

fn typed_what_is_kept(agreement: &Agreement, grant: &Grant) -> bool {
    agreement.personal_info.iter().all(|answer| {
        let Some(typed) = &answer.value else { return true };
        let kind = Attribute::of(&answer.id).and_then(Attribute::collect);
        let typed = kind.and_then(|kind| value::normalise(kind, typed).ok());
        let kept = grant.items.get(&answer.id).and_then(|(_, value)| value.as_ref());
        typed.is_some() && typed.as_ref() == kept
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_contract::decision::{Cancellation, ItemAnswer};

    fn decision(typed: Option<&str>, csrf_token: &str) -> Decision {
        Decision::Agree(Agreement {
            csrf_token: csrf_token.into(),
            locale: "ko".into(),
            terms: Vec::new(),
            personal_info_digest: "sha256-p".into(),
            personal_info: vec![ItemAnswer {
                id: "birthday".into(),
                agreed: true,
                value: typed.map(str::to_owned),
            }],
            channels: Vec::new(),
        })
    }

    fn grant(kept: Option<&str>) -> Grant {
        let mut grant = Grant::default();
        grant.items.insert("birthday".into(), (0, kept.map(str::to_owned)));
        grant
    }

    #[test]
    fn nothing_of_a_typed_value_is_in_the_fingerprint() {
        let one = fingerprint(&decision(Some("1999-12-31"), "a"));
        assert_eq!(one, fingerprint(&decision(Some("2001-01-01"), "b")));
        assert_ne!(one, fingerprint(&decision(None, "a")));
        assert_ne!(one, fingerprint(&Decision::Cancel(Cancellation::default())));
    }

    #[test]
    fn another_typed_value_is_another_decision() {
        let stored = fingerprint(&decision(Some("1999-12-31"), "a"));
        let same = |typed, kept| is_same(&decision(Some(typed), "b"), &stored, &grant(kept));
        assert!(same("1999-12-31", Some("1999-12-31")));
        assert!(same("1999. 12. 31.", Some("1999-12-31")), "as it is provided");
        assert!(!same("2001-01-01", Some("1999-12-31")));
        assert!(!same("1999-12-31", None), "erased");
        assert!(!same("no day", Some("no day")));
        assert!(!is_same(&decision(Some("1999-12-31"), "a"), &stored, &Grant::default()));
        assert!(!is_same(&decision(Some("1999-12-31"), "a"), &[], &grant(Some("1999-12-31"))));
    }
}
