//! Single rules; many more wordings are in the corpus.

use std::collections::BTreeSet;

use consent_contract::request::{
    AgreeAllPolicy, ConsentState, HighlightKind, PersonalInfoItem, Term, TermKind,
};

use super::*;

/// The request that the contract's own tests use.
fn sample() -> ConsentRequest {
    match ConsentState::from_json(include_str!("../../contract/samples/ask.json")) {
        Ok(ConsentState::Ask(request)) => *request,
        other => panic!("the sample asks: {other:?}"),
    }
}

fn found(change: impl FnOnce(&mut ConsentRequest)) -> Vec<(&'static str, String)> {
    let mut request = sample();
    change(&mut request);
    lint(&request).into_iter().map(|finding| (finding.rule.id, finding.at)).collect()
}

#[test]
fn the_sample_is_good() {
    assert_eq!(lint(&sample()), []);
}

fn found_in(locale: &str, change: Change) -> Vec<(&'static str, String)> {
    let mut request = corpus::base(locale).unwrap();
    change(&mut request);
    lint(&request).into_iter().map(|finding| (finding.rule.id, finding.at)).collect()
}

type Change = fn(&mut ConsentRequest);

/// A change that breaks each rule, and the place of the finding.
const BROKEN: [(&str, &str, Change); 29] = [
    ("SEC-53", "/service/icon_url", |it| {
        it.service.icon_url = Some("data:image/png;base64,AAAA".into());
    }),
    ("SEC-53", "/account/avatar_url", |it| {
        it.account.avatar_url = Some("https://elsewhere.example/a.png".into());
    }),
    ("SEC-53", "/channels/0/icon_url", |it| it.channels[0].icon_url = Some("//x.example".into())),
    ("KR-P02", "/terms/1", |it| {
        it.terms[1].kind = TermKind::PrivacyCollection;
        it.terms[1].title = "개인정보 수집 및 이용".into();
        it.terms[1].highlights.clear();
    }),
    ("KR-P03", "/personal_info/recipient", |it| it.personal_info.recipient = " ".into()),
    ("KR-P03", "/personal_info/purpose", |it| it.personal_info.purpose.clear()),
    ("KR-P03", "/personal_info/retention", |it| it.personal_info.retention.clear()),
    ("KR-P03", "/personal_info/refusal_effect", |it| it.personal_info.refusal_effect.clear()),
    ("KR-P05", "/terms/1", |it| {
        it.terms[1].kind = TermKind::Overseas;
        it.terms[1].title = "개인정보 국외 이전".into();
    }),
    ("KR-P06", "/personal_info/refusal_effect", |it| {
        it.personal_info.refusal_effect = "불이익 없음".into();
    }),
    ("KR-P06", "/personal_info/refusal_effect", |it| {
        it.personal_info.items.iter_mut().for_each(|item| item.required = false);
        it.personal_info.refusal_effect = "제공하지 않으면 가입할 수 없습니다".into();
    }),
    ("KR-P07", "/terms/1/required", |it| it.terms[1].required = true),
    ("KR-P12", "/terms/1/highlights", |it| {
        it.terms[1].highlights.retain(|it| it.kind != HighlightKind::Promotion);
    }),
    ("KR-P12", "/terms/0/highlights", |it| {
        it.terms[0].kind = TermKind::Sensitive;
        it.terms[0].title = "건강 정보 처리".into();
    }),
    ("KR-P14a", "/personal_info/purpose", |it| {
        it.personal_info.purpose = "회원 가입, 주문 처리 등".into();
    }),
    ("KR-P14a", "/personal_info/items/0/label", |it| {
        it.personal_info.items[0].label = "닉네임, 그 외 정보".into();
    }),
    ("KR-P14b", "/terms/1/title", |it| {
        it.terms[1].title = "광고성 정보 수신을 거부하지 않지 않음".into();
    }),
    ("KR-P17", "/terms/0/title", |it| it.terms[0].title = "개인정보 처리방침".into()),
    ("KR-P17", "/terms/0/title", |it| it.terms[0].title = "개인정보 보호방침".into()),
    ("KR-P21", "/personal_info/items/0/label", |it| {
        it.personal_info.items[0].label = "주민등록번호".into();
    }),
    ("KR-P21", "/personal_info/items/1/label", |it| {
        it.personal_info.items[1].label = "여권 번호".into();
    }),
    ("KR-P22", "/terms/0/version", |it| it.terms[0].version.clear()),
    ("KR-P23", "/agree_all", |it| it.agree_all = AgreeAllPolicy::Everything),
    ("KR-P25", "/personal_info/retention", |it| {
        it.personal_info.retention = "주문을 마친 뒤 30일".into();
    }),
    ("KR-N01", "/terms/1/title", |it| it.terms[1].title = "혜택 소식 받기".into()),
    ("KR-N02", "/terms/1/title", |it| {
        it.terms[1].title = "광고성 정보 수신 (야간 포함)".into();
    }),
    ("KR-N03", "/service/company", |it| {
        it.service.company.clear();
        it.personal_info.items.clear();
    }),
    ("EU-05", "/service/company", |it| {
        it.service.company = " ".into();
        it.terms.clear();
        it.channels.clear();
    }),
    ("KR-E08", "/terms/1/title", |it| {
        it.terms[1].title = "지금만! 광고성 정보 수신".into();
    }),
];

#[test]
fn each_rule_is_found_where_it_is_broken_and_nowhere_else() {
    for (rule, place, change) in BROKEN {
        let found = found(change);
        assert_eq!(found, [(rule, place.to_owned())], "{rule}");
    }
    let tested: BTreeSet<_> = BROKEN.iter().map(|(rule, ..)| *rule).collect();
    let cases: Vec<_> = corpus::cases().into_iter().flat_map(|(_, cases)| cases).collect();
    let in_corpus = |id: &str| cases.iter().any(|case| case.find.iter().any(|it| it == id));
    let of_data = rules::ALL.into_iter().flatten().map(|rule| rule.id);
    let has_own = |id: &str| ["EDPB-03", "KR-P15"].contains(&id);
    let untested: Vec<_> =
        of_data.filter(|id| !tested.contains(id) && !in_corpus(id) && !has_own(id)).collect();
    assert_eq!(untested, [""; 0], "EDPB-03 and KR-P15 have tests of their own");
}

#[test]
fn a_term_without_a_full_text_is_found() {
    let request = corpus::base("ko").unwrap();
    let tags: Vec<_> = request.terms.iter().map(|it| it.tag.as_str()).collect();
    assert_eq!(lint_documents(&request, &|tag| tags.contains(&tag)), []);
    let found = lint_documents(&request, &|tag| tag != tags[1]);
    let found: Vec<_> = found.iter().map(|it| (it.rule.id, &*it.at)).collect();
    assert_eq!(found, [("KR-P15", &*format!("/documents/{}", tags[1]))]);
}

#[test]
fn a_consent_for_two_kinds_at_once_is_found() {
    let both = "이용약관 및 광고성 정보 수신";
    for place in [0, 1] {
        let found = found(|it| it.terms[place].title = both.into());
        let bundled = ("KR-P01", format!("/terms/{place}/title"));
        // The terms of service are required, so the advertising in them is, too.
        let required = ("KR-P07", "/terms/0/required".to_owned());
        let expected = if place == 0 { vec![bundled, required] } else { vec![bundled] };
        assert_eq!(found, expected);
    }
    let found = found(|it| it.terms[0].title = "이용약관과 개인정보 제3자 제공".into());
    assert_eq!(found, [("KR-P01", "/terms/0/title".to_owned())]);
}

/// Texts that look like a broken rule and are not.
#[test]
fn correct_texts_have_no_findings() {
    let right: [(&str, Change); 8] = [
        ("ko", |it| {
            it.personal_info.refusal_effect =
                "필수 항목을 거부하면 가입할 수 없고, 선택 항목은 거부해도 불이익이 없습니다"
                    .into();
        }),
        ("en", |it| it.personal_info.refusal_effect = "You cannot use a login/account".into()),
        ("ko", |it| it.terms[0].title = "광고주 이용약관".into()),
        ("en", |it| it.terms[1].title = "Receive advertising from Knight Books".into()),
        ("ko", |it| it.terms[1].title = "야간 광고성 정보 수신 (이메일)".into()),
        ("en", |it| it.terms[0].title = "Do not share my data".into()),
        ("ko", |it| it.personal_info.purpose = "접수 마감 안내와 회원 등록".into()),
        ("en", |it| it.personal_info.retention = "Until you withdraw your consent".into()),
    ];
    for (number, (locale, change)) in right.into_iter().enumerate() {
        assert_eq!(found_in(locale, change), [], "number {number}");
    }
}

/// Broken rules in less usual words.
#[test]
fn less_usual_words_are_found() {
    let wrong: [(&str, Change); 7] = [
        ("KR-P06", |it| it.personal_info.refusal_effect = "없음".into()),
        ("KR-P06", |it| it.personal_info.refusal_effect = "불이익은 없습니다".into()),
        ("KR-P14a", |it| it.personal_info.purpose = "이메일, 전화번호 등의 확인".into()),
        ("KR-P17", |it| it.terms[0].title = "개인정보 처리 방침".into()),
        ("KR-P21", |it| it.personal_info.items[0].label = "주민 등록-번호".into()),
        ("KR-P25", |it| it.personal_info.retention = "계약 또는 청약철회에 관한 기록 5년".into()),
        ("KR-P03", |it| it.personal_info.purpose = "-".into()),
    ];
    let withdraws_membership = |it: &mut ConsentRequest| {
        it.personal_info.retention = "Until you withdraw from membership".into();
    };
    let in_english = found_in("en", withdraws_membership);
    assert_eq!(in_english, [("KR-P25", "/personal_info/retention".to_owned())]);
    for (rule, change) in wrong {
        let found: Vec<_> = found(change).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(found, [rule]);
    }
}

#[test]
fn separate_boxes_for_night_and_day_are_correct() {
    let found = found(|it| {
        let mut night = it.terms[1].clone();
        night.tag = "night".into();
        night.title = "야간 광고성 정보 수신".into();
        it.terms.push(night);
    });
    assert_eq!(found, []);
}

#[test]
fn one_box_for_day_and_night_is_wrong_even_beside_one_for_the_day() {
    let found = found(|it| {
        let mut both = it.terms[1].clone();
        both.tag = "both".into();
        both.title = "카카오톡 주간·야간 광고성 정보 수신".into();
        it.terms.push(both);
    });
    assert_eq!(found, [("KR-N02", "/terms/2/title".to_owned())]);
}

/// A fault in a statement of one item, and the place of the finding.
#[test]
fn the_statements_of_an_item_are_read_like_those_of_the_service() {
    type Own = fn(&mut PersonalInfoItem) -> &mut Option<String>;
    let cases: [(&str, &str, Own, &str); 12] = [
        ("KR-P03", "recipient", |it| &mut it.recipient, " "),
        ("KR-P03", "purpose", |it| &mut it.purpose, ""),
        ("KR-P03", "retention", |it| &mut it.retention, "-"),
        ("KR-P03", "refusal_effect", |it| &mut it.refusal_effect, ""),
        ("KR-P03", "recipient", |it| &mut it.recipient, "제휴사"),
        ("KR-P03", "purpose", |it| &mut it.purpose, "서비스 개선"),
        ("KR-P03", "retention", |it| &mut it.retention, "필요한 기간 동안"),
        ("KR-P05", "recipient", |it| &mut it.recipient, "Pay Inc. (미국)"),
        ("KR-P06", "refusal_effect", |it| &mut it.refusal_effect, "가입할 수 없습니다"),
        ("KR-P14a", "purpose", |it| &mut it.purpose, "결제, 환불 등"),
        ("KR-P21", "purpose", |it| &mut it.purpose, "여권 번호 확인"),
        ("SEC-51", "recipient", |it| &mut it.recipient, "한옥\u{200b}페이 주식회사"),
    ];
    for (rule, name, own, text) in cases {
        // The phone number, which is optional.
        let found = found(|it| *own(&mut it.personal_info.items[2]) = Some(text.into()));
        assert_eq!(found, [(rule, format!("/personal_info/items/2/{name}"))], "{text:?}");
    }
    // A required item, beside optional ones that can be refused.
    let found = found(|it| {
        it.personal_info.items[0].refusal_effect = Some("없음".into());
    });
    assert_eq!(found, [("KR-P06", "/personal_info/items/0/refusal_effect".to_owned())]);
}

#[test]
fn a_payment_company_is_a_second_recipient() {
    let pay = |it: &mut ConsentRequest| {
        let item = &mut it.personal_info.items[2];
        item.recipient = Some("한옥페이 주식회사".into());
        item.purpose = Some("결제와 환불".into());
        item.retention = Some("결제한 날부터 5년".into());
        item.refusal_effect = Some("계좌 이체로만 결제할 수 있습니다".into());
    };
    assert_eq!(found(pay), []);
    // As the recipient of all items, it is another company.
    let shared = found(|it| it.personal_info.recipient = "한옥페이 주식회사".into());
    assert_eq!(shared, [("KR-P28", "/personal_info/recipient".to_owned())]);
    // Statements that no item shares are not on the screen.
    let alone = found(|it| {
        pay(it);
        it.personal_info.items.drain(..2);
        it.personal_info.recipient.clear();
        it.personal_info.retention = "-".into();
    });
    assert_eq!(alone, [("KR-P25", "/personal_info/items/0/retention".to_owned())]);
}

#[test]
fn an_invisible_character_hides_no_phrase() {
    let found = found(|it| it.terms[0].title = "이용약관과 광\u{200b}고성 정보".into());
    let place = "/terms/0/title".to_owned();
    let required = ("KR-P07", "/terms/0/required".to_owned());
    assert_eq!(found, [("SEC-51", place.clone()), ("KR-P01", place), required]);
}

#[test]
fn invisible_texts_are_missing_and_their_characters_are_found() {
    let found = found(|it| it.personal_info.purpose = "\u{3164}".into());
    assert_eq!(found, [("KR-P03", "/personal_info/purpose".to_owned())]);
    let found = found_in("ko", |it| it.terms[0].title = "이용\u{200b}약관".into());
    assert_eq!(found, [("SEC-51", "/terms/0/title".to_owned())]);
}

#[test]
fn too_many_items_are_a_warning() {
    let found = found(|it| {
        let term = it.terms[0].clone();
        it.terms.extend((0..12).map(|n| Term { tag: format!("t{n}"), ..term.clone() }));
    });
    assert_eq!(found, [("EDPB-03", "/terms".to_owned())]);
}

#[test]
fn errors_come_first() {
    let mut request = sample();
    request.agree_all = AgreeAllPolicy::Everything;
    request.terms[1].required = true;
    let severities: Vec<_> = lint(&request).iter().map(|it| it.rule.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning]);
}

#[test]
fn an_uncertain_rule_is_no_error() {
    for rule in rules().filter(|rule| rule.certainty == Certainty::Low) {
        assert_ne!(rule.severity, Severity::Error, "{}", rule.id);
    }
}

/// A guess by words can be wrong: it is no error, and names what would settle it.
#[test]
fn a_guess_is_no_error() {
    for rule in rules().filter(|rule| rule.settled_by.is_some()) {
        assert_ne!(rule.severity, Severity::Error, "{}", rule.id);
    }
    assert!(rules().filter(|rule| rule.settled_by.is_some()).count() > 30);
}

#[test]
fn there_are_at_least_45_rules() {
    let ids: BTreeSet<_> = rules().map(|rule| rule.id).collect();
    assert!(ids.len() >= 45, "{}", ids.len());
}
