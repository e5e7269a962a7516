//! When members are asked again, and the reasons.

use consent_contract::{
    item::ItemKey,
    request::{Purpose, ReasonCode},
};
use proptest::prelude::*;
use time::{Date, Month};

use super::{super::reasons::reasons, *};
use crate::{
    config::{AskAgain, Catalog, EarlierWording, Localised, OwnStatements, Source, Text},
    consent::statements,
    crypto,
    store::LastChange,
};

/// A service with versions of terms; `{tos}` and `{news}` are more keys of the newest ones.
fn catalog(of_service: &str, of_tos: &str, of_news: &str, of_info: &str) -> Catalog {
    let term = |tag: &str, required: bool, version: &str, day: &str, more: &str| {
        let kind = if required { "service" } else { "marketing" };
        format!(
            "[[service.terms]]\ntag = \"{tag}\"\nkind = \"{kind}\"\nrequired = {required}\n\
             version = \"{version}\"\neffective_from = {day}\ntitle = \"{tag}\"\n\
             text = \"{tag} {version}\"\n{more}\n"
        )
    };
    let toml = format!(
        "[[service]]\nclient_id = \"shop\"\nname = \"가게\"\ncompany = \"가게\"\n\
         redirect_uris = [\"https://shop.example/callback\"]\napproved = true\n{of_service}\n\
         {}{}{}{}\
         [service.personal_info]\nrecipient = \"가게\"\npurpose = \"주문\"\nretention = \"1년\"\n\
         refusal_effect = \"없음\"\n{of_info}\n\
         [[service.personal_info.items]]\nid = \"profile_nickname\"\nlabel = \"닉네임\"\nrequired = true\n\
         [[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\nrequired = false\n\
         [[account]]\nid = \"hana\"\nnickname = \"하나\"\nemail = \"hana@example.com\"\n",
        term("tos", true, "1", "2026-01-01", ""),
        term("tos", true, "2", "2026-06-01", of_tos),
        term("news", false, "1", "2026-01-01", ""),
        term("news", false, "2", "2026-06-01", of_news),
    );
    Source::built_in("test.toml", toml).catalog().unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn day(month: u8, day: u8) -> Date {
    Date::from_calendar_date(2026, Month::try_from(month).unwrap(), day).unwrap()
}

/// A member who agreed to these versions and to the nickname.
fn member(terms: &[(&str, &str)]) -> Standing {
    let mut standing = Standing::default();
    standing.grant.link = Some(How::Combined);
    let agreed = terms.iter().map(|(tag, version)| ((*tag).into(), ((*version).into(), 0)));
    standing.grant.terms.extend(agreed);
    standing.grant.items.insert("profile_nickname".into(), (0, None));
    standing
}

impl Standing {
    fn changed(mut self, key: &str, change: AgreementChange) -> Self {
        self.last_changes.insert(key.parse().unwrap(), LastChange { change, at: 0 });
        self
    }
}

/// The reasons of what is asked, as `code key key`. Empty when nothing is asked.
fn asked_for(catalog: &Catalog, standing: &Standing, wanted: &Wanted, today: Date) -> Vec<String> {
    let (service, account) = (&catalog.services["shop"], &catalog.accounts["hana"]);
    let Some(asked) = asked(service, account, standing, wanted, today) else { return Vec::new() };
    let reasons = reasons(service, &asked, standing);
    let keys: usize = reasons.0.iter().map(|reason| reason.items.len()).sum();
    assert_eq!(keys, asked.terms.len() + asked.items.len(), "each has one reason");
    let named = reasons.0.iter().map(|reason| {
        let code = serde_plain::to_string(&reason.code).unwrap();
        [&[code], &reason.items[..]].concat().join(" ")
    });
    named.collect()
}

fn wants(terms: &[&str], items: &[&str]) -> Wanted {
    let set = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    Wanted { terms: set(terms), items: set(items), ..Wanted::default() }
}

#[test]
fn a_new_version_is_asked_as_configured() {
    let required_and_optional = [("tos", "1"), ("news", "1")];
    for (of_service, of_tos, first_day) in [
        ("", "", None),
        ("ask_again = \"requested\"", "", None),
        ("", "ask_again = \"at_once\"", Some(day(6, 1))),
        ("ask_again = \"at_once\"", "ask_again = \"requested\"", None),
        ("", "ask_again = \"after_grace\"", Some(day(7, 1))),
        ("", "ask_again = \"after_grace\"\ngrace = \"10 days\"", Some(day(6, 11))),
        ("ask_again = \"after_grace\"\ngrace = \"1 day\"", "", Some(day(6, 2))),
        ("grace = \"2 days\"", "ask_again = \"after_grace\"", Some(day(6, 3))),
    ] {
        let of_news = "ask_again = \"requested\"";
        let catalog = catalog(of_service, of_tos, of_news, "");
        let member = member(&required_and_optional);
        let nothing = Wanted::default();
        let first = first_day.unwrap_or(day(12, 31));
        for before in [day(5, 31), first.previous_day().unwrap()] {
            let asked = asked_for(&catalog, &member, &nothing, before);
            assert_eq!(asked, [""; 0], "{of_service} {of_tos} {before}");
        }
        let after = asked_for(&catalog, &member, &nothing, first);
        let expected: &[&str] = if first_day.is_some() { &["terms_changed term:tos"] } else { &[] };
        assert_eq!(after, expected, "{of_service} {of_tos}");
        // Who agreed to the new version is not asked.
        let newer = self::member(&[("tos", "2"), ("news", "1")]);
        assert_eq!(asked_for(&catalog, &newer, &nothing, day(12, 31)), [""; 0]);
        // A request asks on the first day, whatever is configured.
        let named = asked_for(&catalog, &member, &wants(&["tos"], &[]), day(6, 1));
        assert_eq!(named, ["terms_changed term:tos"]);
    }
}

#[test]
fn an_optional_term_is_due_for_those_who_agreed_to_it() {
    let catalog = catalog("ask_again = \"at_once\"", "", "", "");
    let nothing = Wanted::default();
    let agreed = member(&[("tos", "2"), ("news", "1")]);
    assert_eq!(asked_for(&catalog, &agreed, &nothing, day(6, 1)), ["terms_changed term:news"]);
    let never = member(&[("tos", "2")]);
    assert_eq!(asked_for(&catalog, &never, &nothing, day(6, 1)), [""; 0]);
    for change in [AgreementChange::Refuse, AgreementChange::Withdraw] {
        let over = never.clone().changed("term:news", change);
        assert_eq!(asked_for(&catalog, &over, &nothing, day(6, 1)), [""; 0], "{change:?}");
    }
    // A required term that was never asked.
    let without = member(&[]);
    assert_eq!(asked_for(&catalog, &without, &nothing, day(6, 1)), ["new_items term:tos"]);
}

#[test]
fn a_version_between_two_is_due_though_the_last_one_is_not() {
    let mut catalog = catalog("", "ask_again = \"at_once\"", "", "");
    let service = catalog.services.get_mut("shop").unwrap();
    let mut third = service.terms.iter().find(|it| it.version == "2").unwrap().clone();
    third.version = "3".into();
    third.effective_from = day(9, 1);
    third.ask_again = AskAgain::Requested;
    service.terms.push(third);
    let nothing = Wanted::default();
    let since = |version| member(&[("tos", version)]);
    assert_eq!(asked_for(&catalog, &since("1"), &nothing, day(9, 1)), ["terms_changed term:tos"]);
    assert_eq!(asked_for(&catalog, &since("2"), &nothing, day(9, 1)), [""; 0]);
    // Of a version that the file no longer has, only the last one counts.
    assert_eq!(asked_for(&catalog, &since("0"), &nothing, day(9, 1)), [""; 0]);
}

/// The digest of what a screen states about an item.
fn shown(catalog: &Catalog, id: &str) -> String {
    let service = &catalog.services["shop"];
    let item = service.item(id).unwrap();
    let texts = service.personal_info.statements_of(item).map(|text| text.get("ko").as_str());
    let [recipient, purpose, retention, refusal_effect] = texts;
    let info = serde_json::json!({
        "recipient": recipient, "purpose": purpose, "retention": retention,
        "refusal_effect": refusal_effect, "digest": "",
        "items": [{ "id": id, "label": "", "required": true }],
    });
    let info: consent_contract::request::PersonalInfo = serde_json::from_value(info).unwrap();
    statements::shown(&info, &info.items[0])
}

#[test]
fn changed_statements_ask_again_unless_they_mean_the_same() {
    let now = catalog("", "", "", "");
    let agreed = |statements: Option<String>| {
        let mut member = member(&[("tos", "2")]);
        member
            .grant
            .statements
            .extend(statements.map(|digest| ("profile_nickname".to_owned(), digest)));
        member
    };
    let nothing = Wanted::default();
    let asked =
        |catalog: &Catalog, member: &Standing| asked_for(catalog, member, &nothing, day(6, 1));
    let same = agreed(Some(shown(&now, "profile_nickname")));
    assert_eq!(asked(&now, &same), [""; 0]);
    // An agreement from before the digests were kept.
    assert_eq!(asked(&now, &agreed(None)), [""; 0]);
    let changed = ["statements_changed item:profile_nickname"];
    assert_eq!(asked(&now, &agreed(Some(crypto::sri(b"others")))), changed);

    // The same member, after each statement was worded differently.
    for (key, was, is) in [
        ("recipient", "가게", "다른 가게"),
        ("purpose", "주문", "주문과 광고"),
        ("retention", "1년", "3년"),
    ] {
        let edit = |more: &str| {
            let mut catalog = catalog("", "", "", more);
            let info = &mut catalog.services.get_mut("shop").unwrap().personal_info;
            let text = match key {
                "recipient" => &mut info.recipient,
                "purpose" => &mut info.purpose,
                _ => &mut info.retention,
            };
            *text = Localised::everywhere(is.to_owned());
            catalog
        };
        assert_eq!(asked(&edit(""), &same), changed, "{key}");
        // The reader fills the others of an earlier wording with those of now: here before the edit.
        let immaterial =
            edit(&format!("[[service.personal_info.earlier_wordings]]\n{key} = \"{was}\""));
        assert_eq!(asked(&immaterial, &same), [""; 0], "{key}");
        let other =
            edit(&format!("[[service.personal_info.earlier_wordings]]\n{key} = \"또 다른 것\""));
        assert_eq!(asked(&other, &same), changed, "{key}");
    }
}

/// An item agreed to with the statements of the service, which stay as they are, and the item's own
/// statements, which change.
#[test]
fn a_changed_statement_of_an_item_asks_for_that_item_again() {
    let everywhere = |text: &str| Localised::everywhere(text.to_owned());
    let of_now = catalog("", "", "", "");
    // Agreements from before there were own statements have this digest.
    let known = "sha256-IiIgeofeQKvBPGerQIYg4xlwtQGbSp6SkxXeUJa/Lt4=";
    assert_eq!(shown(&of_now, "profile_nickname"), known);
    let member = |catalog: &Catalog| {
        let mut member = member(&[("tos", "2")]);
        member.grant.items.insert("account_email".into(), (0, None));
        for id in ["profile_nickname", "account_email"] {
            member.grant.statements.insert(id.into(), shown(catalog, id));
        }
        member
    };
    let asked = |catalog: &Catalog, member: &Standing| {
        asked_for(catalog, member, &Wanted::default(), day(6, 1))
    };
    type Own = fn(&mut OwnStatements) -> &mut Option<Text>;
    let owns: [Own; 3] = [|it| &mut it.recipient, |it| &mut it.purpose, |it| &mut it.retention];
    for own in owns {
        let with = |text: &str| {
            let mut catalog = catalog("", "", "", "");
            let info = &mut catalog.services.get_mut("shop").unwrap().personal_info;
            *own(&mut info.items[1].own_statements) = Some(everywhere(text));
            catalog
        };
        let email = ["statements_changed item:account_email"];
        let before = member(&of_now);
        assert_eq!(asked(&with("페이"), &before), email);
        let agreed = member(&with("페이"));
        assert_eq!(asked(&with("페이"), &agreed), [""; 0]);
        assert_eq!(asked(&with("다른 페이"), &agreed), email);
        assert_eq!(asked(&of_now, &agreed), email);

        // Declared to mean the same, for the item; declared for the service, where it has its own.
        let mut declared = with("다른 페이");
        let info = &mut declared.services.get_mut("shop").unwrap().personal_info;
        let mut of_before = info.items[1].own_statements.clone();
        *own(&mut of_before) = Some(everywhere("페이"));
        let text = |own: Option<Text>, shared: &Text| own.unwrap_or_else(|| shared.clone());
        let wording = EarlierWording {
            recipient: text(of_before.recipient, &info.recipient),
            purpose: text(of_before.purpose, &info.purpose),
            retention: text(of_before.retention, &info.retention),
        };
        info.earlier_wordings.push(wording.clone());
        assert_eq!(asked(&declared, &agreed), email);
        let info = &mut declared.services.get_mut("shop").unwrap().personal_info;
        info.items[1].earlier_wordings.push(wording);
        assert_eq!(asked(&declared, &agreed), [""; 0]);
    }
}

/// A new wording of the service reaches the items with statements of their own in what they share.
#[test]
fn an_earlier_wording_of_the_service_holds_for_what_an_item_shares() {
    let everywhere = |text: &str| Localised::everywhere(text.to_owned());
    let with_own = |more: &str| {
        let mut catalog = catalog("", "", "", more);
        let info = &mut catalog.services.get_mut("shop").unwrap().personal_info;
        info.items[0].own_statements.recipient = Some(everywhere("페이"));
        catalog
    };
    let mut agreed = member(&[("tos", "2")]);
    let nickname = "profile_nickname";
    agreed.grant.statements.insert(nickname.into(), shown(&with_own(""), nickname));
    let asked = |more: &str| {
        let mut catalog = with_own(more);
        let info = &mut catalog.services.get_mut("shop").unwrap().personal_info;
        info.purpose = everywhere("주문의 처리");
        asked_for(&catalog, &agreed, &Wanted::default(), day(6, 1))
    };
    assert_eq!(asked(""), ["statements_changed item:profile_nickname"]);
    let declared = "[[service.personal_info.earlier_wordings]]\npurpose = \"주문\"";
    assert_eq!(asked(declared), [""; 0]);
}

#[test]
fn each_item_has_the_reason_of_its_history() {
    let catalog = catalog("", "", "", "");
    let email = wants(&[], &["account_email"]);
    for (change, expected) in [
        (None, "new_items item:account_email"),
        (Some(AgreementChange::Expire), "expired item:account_email"),
        (Some(AgreementChange::Withdraw), "withdrawn item:account_email"),
        (Some(AgreementChange::Refuse), "requested item:account_email"),
    ] {
        let mut standing = member(&[("tos", "2")]);
        if let Some(change) = change {
            standing = standing.changed("item:account_email", change);
        }
        assert_eq!(asked_for(&catalog, &standing, &email, day(6, 1)), [expected]);
        // Without a request only what has expired is asked.
        let alone = asked_for(&catalog, &standing, &Wanted::default(), day(6, 1));
        assert_eq!(alone.is_empty(), change != Some(AgreementChange::Expire), "{change:?}");
    }
    let expired = member(&[("tos", "2")]).changed("term:news", AgreementChange::Expire);
    let asked = asked_for(&catalog, &expired, &Wanted::default(), day(6, 1));
    assert_eq!(asked, ["expired term:news"]);
}

#[test]
fn a_sign_up_has_one_reason() {
    let catalog = catalog("", "", "", "");
    let all = "term:tos term:news item:profile_nickname item:account_email";
    let reasons = |link| {
        let mut standing = Standing::default();
        standing.grant.link = link;
        asked_for(&catalog, &standing, &Wanted::default(), day(6, 1))
    };
    assert_eq!(reasons(None), [format!("new_service {all}")]);
    assert_eq!(reasons(Some(How::PlainLogin)), [format!("new_items {all}")]);
}

#[test]
fn consent_again_is_requested() {
    let catalog = catalog("", "", "", "");
    let wanted = Wanted { consent_again: true, ..Wanted::default() };
    let standing = member(&[("tos", "1"), ("news", "2")]);
    assert_eq!(
        asked_for(&catalog, &standing, &wanted, day(6, 1)),
        [
            "new_items item:account_email",
            "terms_changed term:tos",
            "requested term:news item:profile_nickname"
        ]
    );
}

/// What was due is due again for an agreement that answers the same screen from another tab.
#[test]
fn an_answer_to_what_was_due_can_be_given_twice() {
    let catalog = catalog("ask_again = \"at_once\"", "", "", "");
    let (service, account) = (&catalog.services["shop"], &catalog.accounts["hana"]);
    let nothing = Wanted::default();
    let agreement = |tag: &str| Agreement {
        csrf_token: String::new(),
        locale: "ko".into(),
        terms: vec![consent_contract::decision::TermAnswer {
            tag: tag.into(),
            version: "2".into(),
            digest: String::new(),
            agreed: true,
        }],
        personal_info_digest: String::new(),
        personal_info: Vec::new(),
        channels: Vec::new(),
    };
    let answered =
        member(&[("tos", "2"), ("news", "2")]).changed("term:news", AgreementChange::Agree);
    for tag in ["tos", "news"] {
        let purpose = Purpose::AdditionalConsent;
        let asked = asked_before(
            service,
            account,
            &answered,
            &nothing,
            purpose,
            &agreement(tag),
            day(6, 1),
        );
        let tags: Vec<_> = asked.iter().flat_map(|it| &it.terms).map(|it| &*it.tag).collect();
        assert_eq!(tags, [tag]);
    }
}

fn standings() -> impl Strategy<Value = Standing> {
    let version = prop::option::of(prop::sample::select(vec!["1", "2"]));
    let change = prop::option::of(prop::sample::select(vec![
        AgreementChange::Agree,
        AgreementChange::Refuse,
        AgreementChange::Withdraw,
        AgreementChange::Expire,
    ]));
    let changes = [change.clone(), change.clone(), change.clone(), change];
    (version.clone(), version, any::<[bool; 2]>(), changes).prop_map(
        |(tos, news, items, changes)| {
            let mut standing = member(&[]);
            standing.grant.items.clear();
            for (tag, version) in [("tos", tos), ("news", news)] {
                standing
                    .grant
                    .terms
                    .extend(version.map(|version| (tag.into(), (version.into(), 0))));
            }
            for (id, agreed) in ["profile_nickname", "account_email"].into_iter().zip(items) {
                if agreed {
                    standing.grant.items.insert(id.into(), (0, None));
                }
            }
            let keys = ["term:tos", "term:news", "item:profile_nickname", "item:account_email"];
            for (key, change) in keys.into_iter().zip(changes) {
                if let Some(change) = change {
                    standing = standing.changed(key, change);
                }
            }
            standing
        },
    )
}

proptest! {
    /// Agreeing to everything that is asked leaves nothing to ask.
    #[test]
    fn what_was_agreed_to_is_not_asked_again(
        mut standing in standings(),
        policy in prop::sample::select(vec!["requested", "at_once", "after_grace"]),
        month in 1..12_u8,
    ) {
        let catalog = catalog(&format!("ask_again = \"{policy}\""), "", "", "");
        let (service, account) = (&catalog.services["shop"], &catalog.accounts["hana"]);
        let (nothing, today) = (Wanted::default(), day(month, 1));
        if let Some(asked) = asked(service, account, &standing, &nothing, today) {
            for term in &asked.terms {
                standing.grant.terms.insert(term.tag.clone(), (term.version.clone(), 1));
                let key = ItemKey::Term(term.tag.clone());
                standing.last_changes.insert(key, LastChange { change: AgreementChange::Agree, at: 1 });
            }
            for item in &asked.items {
                standing.grant.items.insert(item.attribute.id().into(), (1, None));
            }
        }
        prop_assert_eq!(asked_for(&catalog, &standing, &nothing, today), Vec::<String>::new());
    }

    /// Nothing that was refused or withdrawn is asked without a request, unless it is required.
    #[test]
    fn a_refused_choice_is_left_alone(standing in standings(), month in 1..12_u8) {
        let catalog = catalog("ask_again = \"at_once\"", "", "", "");
        let (service, account) = (&catalog.services["shop"], &catalog.accounts["hana"]);
        let asked = asked(service, account, &standing, &Wanted::default(), day(month, 1));
        let was_refused = |key: ItemKey| {
            let last = standing.last_changes.get(&key).map(|it| it.change);
            matches!(last, Some(AgreementChange::Refuse | AgreementChange::Withdraw))
        };
        for term in asked.iter().flat_map(|it| &it.terms) {
            let is_agreed = standing.grant.terms.contains_key(&term.tag);
            prop_assert!(term.required || is_agreed || !was_refused(ItemKey::Term(term.tag.clone())));
        }
        for item in asked.iter().flat_map(|it| &it.items) {
            let id = item.attribute.id().to_owned();
            prop_assert!(standing.grant.items.contains_key(&id) || !was_refused(ItemKey::Item(id)));
        }
    }

    /// Codes are in one order, each once.
    #[test]
    fn reasons_are_ordered(standing in standings()) {
        let catalog = catalog("ask_again = \"at_once\"", "", "", "");
        let (service, account) = (&catalog.services["shop"], &catalog.accounts["hana"]);
        let wanted = wants(&["tos", "news"], &["profile_nickname", "account_email"]);
        let asked = asked(service, account, &standing, &wanted, day(6, 1));
        let codes: Vec<ReasonCode> = asked
            .map(|asked| reasons(service, &asked, &standing))
            .map(|reasons| reasons.0.iter().map(|it| it.code).collect())
            .unwrap_or_default();
        prop_assert!(codes.is_sorted_by(|a, b| a < b), "{:?}", codes);
    }
}
