use proptest::prelude::*;

use super::*;

fn identity(email: Option<&str>) -> Identity {
    Identity {
        sub: "1".into(),
        email: email.map(str::to_owned),
        email_verified: true,
        phone: Some("+821055556666".into()),
        ..Identity::default()
    }
}

fn candidate(email: Option<&str>) -> Candidate {
    Candidate {
        id: 7,
        name: Some("김하나".into()),
        email: email.map(str::to_owned),
        phone: None,
        joined_at: 0,
        has_password: true,
    }
}

const HANA: Option<&str> = Some("hana@example.com");

#[test]
fn who_is_new_is_ready_at_once() {
    let sign_up = SignUp::begin(identity(HANA), vec![]);
    assert_eq!(sign_up.stage, Stage::Ready { link: None });
}

#[test]
fn a_verified_address_finds_a_member_of_before() {
    let sign_up = SignUp::begin(identity(HANA), vec![candidate(HANA)]);
    assert!(matches!(&sign_up.stage, Stage::Matched(it) if it.by == MatchedBy::Email));
}

#[test]
fn an_unverified_address_finds_no_one() {
    let typed = Identity { email_verified: false, ..identity(HANA) };
    assert_eq!(SignUp::begin(typed, vec![candidate(HANA)]).stage, Stage::Ready { link: None });
}

#[test]
fn a_phone_number_finds_a_member_of_before_and_the_code_goes_to_the_old_address() {
    let before = Candidate { phone: Some("+821055556666".into()), ..candidate(Some("old@a.kr")) };
    let mut sign_up = SignUp::begin(identity(HANA), vec![before]);
    assert!(matches!(&sign_up.stage, Stage::Matched(it) if it.by == MatchedBy::Phone));
    assert_eq!(sign_up.send_code("digest".into(), 0).as_deref(), Ok("old@a.kr"));
    assert_eq!(sign_up.prove_by_code("digest", 1), Ok(()));
    assert_eq!(sign_up.stage, Stage::Ready { link: Some(7) });
}

#[test]
fn who_cannot_prove_it_is_not_asked() {
    let before = Candidate {
        has_password: false,
        email: None,
        phone: Some("+821055556666".into()),
        ..candidate(None)
    };
    assert_eq!(SignUp::begin(identity(HANA), vec![before]).stage, Stage::Ready { link: None });
}

#[test]
fn two_people_without_a_phone_number_are_not_one() {
    let unnamed = Identity { phone: None, email: None, ..identity(None) };
    let sign_up = SignUp::begin(unnamed, vec![candidate(None)]);
    assert_eq!(sign_up.stage, Stage::Missing { link: None });
}

#[test]
fn the_password_links_and_five_wrong_ones_end_that_way() {
    let mut sign_up = SignUp::begin(identity(HANA), vec![candidate(HANA)]);
    for _ in 1..PASSWORD_TRIES {
        assert_eq!(sign_up.prove_by_password(false), Err(Refused::WrongPassword));
    }
    let mut patient = sign_up.clone();
    assert_eq!(patient.prove_by_password(true), Ok(()));
    assert_eq!(patient.stage, Stage::Ready { link: Some(7) });
    assert_eq!(sign_up.prove_by_password(false), Err(Refused::TooManyPasswords));
    assert_eq!(sign_up.prove_by_password(true), Err(Refused::TooManyPasswords));
    assert_eq!(sign_up.send_code("digest".into(), 0).as_deref(), Ok("hana@example.com"));
}

#[test]
fn codes_are_not_sent_without_end() {
    let mut sign_up = SignUp::begin(identity(HANA), vec![candidate(HANA)]);
    for _ in 0..MOST_SENT {
        assert!(sign_up.send_code("digest".into(), 0).is_ok());
    }
    assert_eq!(sign_up.send_code("digest".into(), 0), Err(Refused::NoCode));
}

#[test]
fn a_missing_address_is_collected_and_not_verified() {
    let mut sign_up = SignUp::begin(identity(None), vec![]);
    assert_eq!(sign_up.stage, Stage::Missing { link: None });
    assert_eq!(sign_up.collect("nonsense"), Err(Refused::NotAnEmail));
    assert_eq!(sign_up.collect(" Hana@example.com"), Ok(()));
    assert_eq!(sign_up.stage, Stage::Ready { link: None });
    assert_eq!(sign_up.identity.email.as_deref(), HANA);
    assert!(!sign_up.identity.email_verified);
}

#[derive(Clone, Debug)]
enum Step {
    NotMe,
    Password(bool),
    Send,
    Code(bool),
    Collect(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::NotMe),
        any::<bool>().prop_map(Step::Password),
        Just(Step::Send),
        any::<bool>().prop_map(Step::Code),
        any::<bool>().prop_map(Step::Collect),
    ]
}

proptest! {
    /// Whatever is pressed in whatever order: a row of before is linked only after a proof, and a
    /// sign-up is ready only with an address.
    #[test]
    fn nothing_is_linked_without_proof(
        has_email in any::<bool>(),
        is_known in any::<bool>(),
        steps in prop::collection::vec(step(), 0..20),
    ) {
        let email = HANA.filter(|_| has_email);
        let before = if is_known {
            vec![Candidate { phone: Some("+821055556666".into()), ..candidate(HANA) }]
        } else {
            vec![]
        };
        let mut sign_up = SignUp::begin(identity(email), before);
        let mut is_proven = false;
        for (now, step) in (0..).zip(steps) {
            let was_matched = matches!(sign_up.stage, Stage::Matched(_));
            let (result, proves) = match step {
                Step::NotMe => (sign_up.not_me(), false),
                Step::Password(is_right) => (sign_up.prove_by_password(is_right), is_right),
                Step::Send => (sign_up.send_code("right".into(), now).map(drop), false),
                Step::Code(is_right) => {
                    let digest = if is_right { "right" } else { "wrong" };
                    (sign_up.prove_by_code(digest, now), is_right)
                }
                Step::Collect(is_right) => {
                    (sign_up.collect(if is_right { "a@b.kr" } else { "a" }), false)
                }
            };
            is_proven |= was_matched && proves && result.is_ok();
            match sign_up.stage {
                Stage::Ready { link } | Stage::Missing { link } => {
                    prop_assert_eq!(link.is_some(), is_proven);
                }
                Stage::Matched(_) => prop_assert!(!is_proven),
            }
            if let Stage::Ready { link: None } = sign_up.stage {
                prop_assert!(sign_up.identity.email.is_some());
            }
        }
    }
}
