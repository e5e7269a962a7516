//! Pages of members and of developers, and everything that can go wrong.

use consent_shop::pages::developers::{Checked, Reason, ReasonKind};
use consent_shop::pages::form::{Field, FieldError, FieldView};
use consent_shop::pages::problem::Problem;
use consent_shop::pages::profile::{Agreements, Channel, Item, OrderSummary, Term};
use consent_shop::pages::{
    Frame, MemberRow, Notice, Way, coupons, developers, home, leave, mailbox, problem, profile,
};
use consent_shop::texts::Language;

use super::{States, add, member, name, requests, visitor};

fn row(language: Language) -> MemberRow {
    MemberRow {
        id: 42,
        user_id: Some("2941203377".to_owned()),
        name: Some(name(language).to_owned()),
        email: Some("hana@example.com".to_owned()),
        phone: Some("+82 10-1234-5678".to_owned()),
        address: None,
        terms: ["tos", "privacy", "marketing"].map(str::to_owned).to_vec(),
        joined_by: "login".to_owned(),
        joined_on: "2026-11-27".to_owned(),
        has_password: false,
    }
}

fn fields(language: Language, error: Option<FieldError>) -> Vec<FieldView> {
    let field = |field, value: &str, error| FieldView { field, value: value.to_owned(), error };
    vec![
        field(Field::Name, name(language), None),
        field(Field::Email, "hana@example.com", None),
        field(Field::Phone, "010-1234-5678", error),
    ]
}

fn agreements(language: Language) -> Agreements {
    let term = |tag: &str, required, agreed| Term {
        tag: tag.to_owned(),
        required,
        agreed,
        agreed_at: agreed.then(|| "2026-11-27 18:20".to_owned()),
    };
    let item = |id: &str, name: &'static str, required, agreed| Item {
        id: id.to_owned(),
        name: name.to_owned(),
        required,
        agreed,
    };
    Agreements::Known {
        terms: vec![
            term("tos", true, true),
            term("privacy", true, true),
            term("marketing", false, true),
            term("coupons", true, false),
        ],
        items: vec![
            item(
                "profile_nickname",
                language.pick(&["닉네임", "Nickname", "ニックネーム"]),
                true,
                true,
            ),
            item(
                "account_email",
                language.pick(&["이메일", "Email", "メールアドレス"]),
                true,
                true,
            ),
            item(
                "phone_number",
                language.pick(&["전화번호", "Phone number", "電話番号"]),
                false,
                false,
            ),
        ],
    }
}

pub fn account(language: Language, states: &mut States) {
    let view = |upgraded: bool, agreements, error| profile::View {
        row: row(language),
        before: upgraded.then(|| MemberRow { phone: None, terms: vec![], ..row(language) }),
        fields: fields(language, error),
        agreements,
        channel: Channel::NotAdded,
        offer_upgrade: !upgraded,
        account_url: Some("http://127.0.0.1:8080/account".to_owned()),
        orders: if upgraded {
            vec![OrderSummary {
                number: "20261127-0042".to_owned(),
                placed_on: "2026-11-27".to_owned(),
                total_won: 62_000,
            }]
        } else {
            vec![]
        },
    };
    let frame = Frame { requests: requests(), ..member(language, "/profile") };
    add(states, "profile", profile::page(&frame, &view(false, agreements(language), None)));
    let upgraded = Frame { notice: Some(Notice::Upgraded), ..frame.clone() };
    add(
        states,
        "profile-upgraded",
        profile::page(&upgraded, &view(true, agreements(language), None)),
    );
    let error = view(true, Agreements::Unavailable, Some(FieldError::Malformed));
    add(states, "profile-error", profile::page(&frame, &error));
    for notice in Notice::ALL {
        let frame = Frame { notice: Some(notice), ..member(language, "/") };
        add(states, &format!("notice-{}", notice.as_str()), home::page(&frame));
    }
    let nameless = Frame { member: Some(String::new()), ..member(language, "/") };
    add(states, "home-nameless", home::page(&nameless));
    let view = leave::View {
        orders: 3,
        channel_added: true,
        account_url: Some("http://127.0.0.1:8080/account".to_owned()),
    };
    add(states, "leave", leave::page(&member(language, "/leave"), &view));
    for unlink_later in [false, true] {
        let page = leave::done(
            &visitor(language, "/leave"),
            &leave::Done { unlink_later, channel_added: true },
        );
        add(states, if unlink_later { "left-unlink-later" } else { "left" }, page);
    }
    for (name, view) in [
        ("coupons-ask", coupons::View::Ask),
        ("coupons-refused", coupons::View::Refused),
        ("coupons-given", coupons::View::Given { agreed_at: Some("2026-11-27 18:20".to_owned()) }),
        ("coupons-unavailable", coupons::View::Unavailable),
    ] {
        add(states, name, coupons::page(&member(language, "/coupons"), &view));
    }
}

pub fn developer_pages(language: Language, states: &mut States) {
    let frame = Frame { requests: requests(), ..member(language, "/developers") };
    let checked = |row| developers::View {
        checked: Some(Checked {
            user_id: "2941203377".to_owned(),
            reasons: ReasonKind::ALL
                .into_iter()
                .enumerate()
                .map(|(index, kind)| Reason {
                    kind,
                    holds: [Some(true), Some(false), None][index % 3],
                    evidence: "agreed: true, agreed_at: 2026-11-27T09:20:00Z".to_owned(),
                })
                .collect(),
            row,
        }),
        unavailable: false,
    };
    add(states, "developers", developers::page(&frame, &checked(Some(row(language)))));
    add(states, "developers-no-row", developers::page(&frame, &checked(None)));
    let signed_out = developers::View { checked: None, unavailable: true };
    add(
        states,
        "developers-signed-out",
        developers::page(&visitor(language, "/developers"), &signed_out),
    );
    let frame = visitor(language, "/mailbox");
    add(states, "mailbox-empty", mailbox::page(&frame, &mailbox::View { mails: vec![] }));
    let mail = mailbox::Mail {
        to: "nemo@example.com".to_owned(),
        code: "482913".to_owned(),
        sent_at: "2026-11-27 18:20".to_owned(),
    };
    add(states, "mailbox", mailbox::page(&frame, &mailbox::View { mails: vec![mail] }));
}

pub fn problems(language: Language, states: &mut States) {
    for problem in Problem::ALL {
        let view = problem::View {
            problem,
            retry: matches!(problem.status(), 400 | 409 | 502 | 504)
                .then(|| problem::Retry { way: Way::SignUp, return_to: Some("/".to_owned()) }),
            reference: (problem.status() >= 500).then(|| "7c1f-40aa".to_owned()),
            code: (problem == Problem::CodeRefused).then(|| "KOE320".to_owned()),
        };
        let frame = Frame { requests: requests(), ..visitor(language, "/callback") };
        add(states, &format!("problem-{}", problem.as_str()), problem::page(&frame, &view));
    }
}
