//! Every page in its states, with people who do not exist.

use consent_shop::catalogue::GOODS;
use consent_shop::pages::basket::Line;
use consent_shop::pages::form::{Field, FieldError, FieldView};
use consent_shop::pages::join::{
    Code, CodeError, IsThisYou, MatchedBy, Missing, PasswordError, Spent,
};
use consent_shop::pages::sign_in::NeededFor;
use consent_shop::pages::{
    Frame, MadeRequest, Notice, Outcome, basket, good, home, join, onward, order, sign_in,
};
use consent_shop::texts::Language;
use maud::Markup;

mod members;

type States = Vec<(String, Markup)>;

/// Name and page of every state.
pub fn all(language: Language) -> States {
    let mut states = States::new();
    goods(language, &mut states);
    orders(language, &mut states);
    joining(language, &mut states);
    members::account(language, &mut states);
    members::developer_pages(language, &mut states);
    members::problems(language, &mut states);
    states
}

fn visitor(language: Language, path: &str) -> Frame {
    Frame {
        language,
        csrf: "token".to_owned(),
        path: path.to_owned(),
        mailbox: true,
        demo_url: Some("http://127.0.0.1:8080/demo".to_owned()),
        ..Frame::default()
    }
}

fn name(language: Language) -> &'static str {
    language.pick(&["하나", "Hana", "ハナ"])
}

fn member(language: Language, path: &str) -> Frame {
    Frame { member: Some(name(language).to_owned()), basket: 2, ..visitor(language, path) }
}

fn add(states: &mut States, name: &str, page: Markup) {
    states.push((name.to_owned(), page));
}

fn requests() -> Vec<MadeRequest> {
    let request = |method: &str, url: &str, sent: &[(&str, &str)], outcome, millis| MadeRequest {
        method: method.to_owned(),
        url: url.to_owned(),
        sent: sent.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        outcome,
        millis,
    };
    vec![
        request(
            "POST",
            "http://127.0.0.1:8080/oauth/token",
            &[("grant_type", "authorization_code"), ("code", "q7Zk…"), ("client_secret", "hano…")],
            Outcome::Status(200),
            12,
        ),
        request(
            "GET",
            "http://127.0.0.1:8080/v2/user/me",
            &[("authorization", "Bearer x81f…")],
            Outcome::Status(200),
            4,
        ),
        request(
            "GET",
            "http://127.0.0.1:8080/v2/user/service_terms",
            &[("authorization", "Bearer x81f…")],
            Outcome::TimedOut,
            5000,
        ),
    ]
}

fn lines() -> Vec<Line> {
    vec![Line { good: &GOODS[0], quantity: 1 }, Line { good: &GOODS[6], quantity: 2 }]
}

fn goods(language: Language, states: &mut States) {
    add(states, "home", home::page(&visitor(language, "/")));
    let signed_up = Frame { notice: Some(Notice::SignedUp), ..member(language, "/") };
    add(states, "home-member", home::page(&signed_up));
    let test_app = Frame {
        test_app: true,
        name_suffix: language.pick(&["(테스트)", "(test)", "（テスト）"]).to_owned(),
        ..visitor(language, "/")
    };
    add(states, "home-test-app", home::page(&test_app));
    for (index, each) in GOODS.iter().enumerate() {
        let view = good::View {
            good: each,
            share_url: format!("http://127.0.0.1:8090{}", each.path()),
            in_app: false,
            silent: None,
        };
        let frame = Frame {
            notice: (index == 1).then_some(Notice::Added),
            ..visitor(language, &each.path())
        };
        add(states, &format!("good-{}", each.slug), good::page(&frame, &view));
    }
    let in_app = |silent| good::View {
        good: &GOODS[4],
        share_url: "http://127.0.0.1:8090/goods/celadon-cup".to_owned(),
        in_app: true,
        silent: Some(silent),
    };
    let path = "/goods/celadon-cup";
    let welcomed = Frame { requests: requests(), ..member(language, path) };
    add(states, "good-in-app-member", good::page(&welcomed, &in_app(good::SilentLogin::Member)));
    for (name, silent) in
        [("browsing", good::SilentLogin::Browsing), ("unavailable", good::SilentLogin::Unavailable)]
    {
        let page = good::page(&visitor(language, path), &in_app(silent));
        add(states, &format!("good-in-app-{name}"), page);
    }
}

fn orders(language: Language, states: &mut States) {
    add(
        states,
        "basket-empty",
        basket::page(&visitor(language, "/basket"), &basket::View { lines: vec![] }),
    );
    let frame = Frame { basket: 3, ..visitor(language, "/basket") };
    add(states, "basket", basket::page(&frame, &basket::View { lines: lines() }));
    let field = |field, error| FieldView { field, value: String::new(), error };
    for (name, error) in [("order-needs", None), ("order-needs-error", Some(FieldError::Empty))] {
        let view = order::Needs {
            lines: lines(),
            fields: vec![
                field(Field::Name, None),
                field(Field::Phone, None),
                field(Field::Address, error),
            ],
            offer_item: true,
        };
        add(states, name, order::needs(&member(language, "/order"), &view));
    }
    let view = order::Needs { lines: lines(), fields: vec![], offer_item: false };
    add(states, "order-review", order::needs(&member(language, "/order"), &view));
    let view = order::Placed {
        number: "20261127-0042".to_owned(),
        lines: lines(),
        recipient: name(language).to_owned(),
        address: language
            .pick(&[
                "서울 종로구 북촌로 12, 301호",
                "12 Bukchon-ro, Jongno-gu, Seoul",
                "ソウル特別市鍾路区北村路12、301号",
            ])
            .to_owned(),
        offer_channel: true,
    };
    add(
        states,
        "order-placed",
        order::placed(&Frame { basket: 0, ..member(language, "/order") }, &view),
    );
}

fn joining(language: Language, states: &mut States) {
    let frame = visitor(language, "/join");
    add(
        states,
        "sign-in",
        sign_in::page(&visitor(language, "/sign-in"), &sign_in::View::default()),
    );
    for needed_for in NeededFor::ALL {
        let view =
            sign_in::View { return_to: Some("/basket".to_owned()), needed_for: Some(needed_for) };
        add(
            states,
            &format!("sign-in-for-{needed_for:?}").to_lowercase(),
            sign_in::page(&frame, &view),
        );
    }
    add(
        states,
        "onward",
        onward::page(
            &frame,
            &onward::View { to: "http://127.0.0.1:8080/oauth/authorize".to_owned() },
        ),
    );
    let you = |matched_by, password_error, code| {
        join::View::IsThisYou(IsThisYou {
            name: language.pick(&["네*", "N***", "ネ*"]).to_owned(),
            email: Some("ne***@example.com".to_owned()),
            matched_by,
            joined_on: "2019-03-02".to_owned(),
            has_password: true,
            password_error,
            code,
        })
    };
    let sent = |error| Code::Sent { tries_left: 4, error };
    for (name, view) in [
        ("join-you", you(MatchedBy::Email, None, Code::NotSent)),
        ("join-you-phone", you(MatchedBy::Phone, None, Code::Unavailable)),
        ("join-wrong-password", you(MatchedBy::Email, Some(PasswordError::Wrong), Code::NotSent)),
        ("join-many-passwords", you(MatchedBy::Email, Some(PasswordError::TooMany), Code::NotSent)),
        ("join-code", you(MatchedBy::Email, None, sent(None))),
        ("join-wrong-code", you(MatchedBy::Email, None, sent(Some(CodeError::Wrong)))),
        ("join-bad-code", you(MatchedBy::Email, None, sent(Some(CodeError::Malformed)))),
        ("join-spent-tries", you(MatchedBy::Email, None, Code::Spent { reason: Spent::Tries })),
        ("join-spent-time", you(MatchedBy::Email, None, Code::Spent { reason: Spent::Time })),
    ] {
        add(states, name, join::page(&frame, &view));
    }
    let missing = |refused, value: &str, error| {
        let field = FieldView { field: Field::Email, value: value.to_owned(), error };
        join::View::Missing(Missing { fields: vec![field], refused })
    };
    for (name, view) in [
        ("join-missing", missing(false, "", None)),
        ("join-missing-refused", missing(true, "", None)),
        ("join-missing-error", missing(false, "hana@", Some(FieldError::Malformed))),
        ("join-missing-taken", missing(false, "nemo@example.com", Some(FieldError::Taken))),
    ] {
        add(states, name, join::page(&frame, &view));
    }
}
