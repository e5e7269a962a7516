//! Each item as Kakao's documents show it.

use serde_json::{Value, json};
use time::macros::date;

use super::{
    account::{self, Request},
    shipping_address::{self, shipping_addresses},
    user_info,
};
use crate::{
    config::{Account, Attribute, Catalog, Service, Source},
    store::Grant,
};

const ALL_KEYS: Request<'_> =
    Request { today: date!(2026 - 11 - 26), secure_resource: true, property_keys: None };

const CI: &str =
    "Q09OTkVDVElORy1JTkZPUk1BVElPTi1PRi1IQU5BLTAwMS1DT05ORUNUSU5HLUlORk9STUFUSU9OLU9GLUhBTg==";

/// An account with a value for every item.
fn everything() -> String {
    format!(
        r#"picture = "https://images.example/hana.png"
email = "sample@sample.com"
phone = "01012345678"
name = "홍길동"
gender = "female"
birthday = 1990-11-30
ci = "{CI}"
ci_authenticated_at = "2024-03-11T11:25:22Z"
legal_name = "홍길동"
legal_birth_date = 1990-11-30
legal_gender = "female"
is_korean = true

[[account.shipping_addresses]]
name = "회사"
updated_at = "2024-01-01T00:00:00Z"
base_address = "경기 성남시 분당구 판교역로 235"

[[account.shipping_addresses]]
name = "우리집"
is_default = true
updated_at = "2023-01-01T00:00:00Z"
type = "OLD"
base_address = "경기 성남시 분당구 삼평동 681"
detail_address = "101동 1호"
receiver_name = "홍길동"
receiver_phone_number1 = "01012345678"
receiver_phone_number2 = "0311234567"
zone_number = "13494"
zip_code = "463400"

[[account.shipping_addresses]]
name = "본가"
updated_at = "2025-01-01T00:00:00Z"
base_address = "서울 중구 세종대로 110"
"#
    )
}

/// A service with these items, each of which can be typed where it may, and an account.
fn catalog(items: &[Attribute], account: &str) -> Catalog {
    let items = items.iter().map(|attribute| {
        let id = attribute.id();
        let more = match attribute {
            Attribute::Birthday => "with_year = false\ncollect = true\n",
            Attribute::Email | Attribute::Address => "collect = true\n",
            _ => "",
        };
        format!(
            "[[service.personal_info.items]]\nid = \"{id}\"\nlabel = \"{id}\"\nrequired = false\n{more}"
        )
    });
    let toml = format!(
        "[[service]]\nclient_id = \"shop\"\nname = \"가게\"\ncompany = \"가게 주식회사\"\n\
         redirect_uris = [\"https://shop.example/callback\"]\napproved = true\n\
         [service.personal_info]\nrecipient = \"가게\"\npurpose = \"주문\"\n\
         retention = \"1년\"\nrefusal_effect = \"주문할 수 없습니다\"\n{}\n\
         [[account]]\nid = \"hana\"\nnickname = \"홍길동\"\n{account}",
        items.collect::<String>()
    );
    let source = Source::built_in("test.toml", toml);
    source.catalog().unwrap_or_else(|faults| panic!("{faults:?}"))
}

struct Case {
    catalog: Catalog,
    grant: Grant,
}

impl Case {
    /// Every item is configured, and these were agreed to.
    fn new(account: &str, agreed: &[Attribute]) -> Self {
        Self::of(&Attribute::ALL, account, agreed)
    }

    fn of(items: &[Attribute], account: &str, agreed: &[Attribute]) -> Self {
        let mut grant = Grant::default();
        grant.items.extend(agreed.iter().map(|it| (it.id().to_owned(), (0, None))));
        Self { catalog: catalog(items, account), grant }
    }

    fn typed(mut self, attribute: Attribute, value: &str) -> Self {
        self.grant.items.insert(attribute.id().to_owned(), (0, Some(value.to_owned())));
        self
    }

    fn service(&self) -> &Service {
        &self.catalog.services["shop"]
    }

    fn account(&self) -> &Account {
        &self.catalog.accounts["hana"]
    }

    fn kakao_account(&self, request: &Request<'_>) -> Value {
        let (service, account) = (self.service(), self.account());
        Value::Object(account::kakao_account(service, account, &self.grant, request))
    }

    fn properties(&self, request: &Request<'_>) -> Value {
        let (service, account) = (self.service(), self.account());
        Value::Object(account::properties(service, account, &self.grant, request))
    }

    fn addresses(&self, request: &shipping_address::Request) -> shipping_address::Addresses {
        shipping_addresses(self.service(), self.account(), &self.grant, request).unwrap()
    }
}

/// The fields of one item alone.
#[track_caller]
fn item(attribute: Attribute, expected: Value) {
    let case = Case::of(&[attribute], &everything(), &[attribute]);
    assert_eq!(case.kakao_account(&ALL_KEYS), expected);
}

#[test]
fn an_item_that_was_agreed_to_is_there_with_its_value() {
    item(
        Attribute::Nickname,
        json!({
            "profile_nickname_needs_agreement": false,
            "profile": { "nickname": "홍길동", "is_default_nickname": false }
        }),
    );
    item(
        Attribute::ProfileImage,
        json!({
            "profile_image_needs_agreement": false,
            "profile": {
                "thumbnail_image_url": "https://images.example/hana.png",
                "profile_image_url": "https://images.example/hana.png",
                "is_default_image": false
            }
        }),
    );
    item(
        Attribute::Email,
        json!({
            "email_needs_agreement": false, "is_email_valid": true, "is_email_verified": true,
            "email": "sample@sample.com"
        }),
    );
    item(Attribute::Name, json!({ "name_needs_agreement": false, "name": "홍길동" }));
    item(Attribute::Gender, json!({ "gender_needs_agreement": false, "gender": "female" }));
    item(Attribute::AgeRange, json!({ "age_range_needs_agreement": false, "age_range": "30~39" }));
    item(
        Attribute::Birthday,
        json!({
            "birthday_needs_agreement": false, "birthday": "1130", "birthday_type": "SOLAR",
            "is_leap_month": false
        }),
    );
    item(Attribute::Birthyear, json!({ "birthyear_needs_agreement": false, "birthyear": "1990" }));
    item(
        Attribute::Phone,
        json!({ "phone_number_needs_agreement": false, "phone_number": "+82 10-1234-5678" }),
    );
    item(
        Attribute::ConnectingInformation,
        json!({
            "ci_needs_agreement": false, "ci": CI, "ci_authenticated_at": "2024-03-11T11:25:22Z"
        }),
    );
    item(
        Attribute::LegalName,
        json!({ "legal_name_needs_agreement": false, "legal_name": "홍길동" }),
    );
    item(
        Attribute::LegalBirthDate,
        json!({ "legal_birth_date_needs_agreement": false, "legal_birth_date": "19901130" }),
    );
    item(
        Attribute::LegalGender,
        json!({ "legal_gender_needs_agreement": false, "legal_gender": "female" }),
    );
    item(Attribute::IsKorean, json!({ "is_korean_needs_agreement": false, "is_korean": true }));
    for attribute in [
        Attribute::Address,
        Attribute::ChannelRelations,
        Attribute::Friends,
        Attribute::SendingMessages,
        Attribute::Chats,
    ] {
        item(attribute, json!({}));
    }
}

#[test]
fn what_is_not_configured_is_not_there() {
    let case = Case::of(&[Attribute::Nickname], &everything(), &Attribute::ALL);
    assert_eq!(
        case.kakao_account(&ALL_KEYS),
        json!({
            "profile_nickname_needs_agreement": false,
            "profile": { "nickname": "홍길동", "is_default_nickname": false }
        })
    );
}

#[test]
fn what_was_not_agreed_to_needs_agreement_and_has_no_value() {
    let case = Case::new(&everything(), &[]);
    let Value::Object(fields) = case.kakao_account(&ALL_KEYS) else { panic!("an object") };
    assert_eq!(fields.len(), 14, "{fields:?}");
    for (name, value) in fields {
        assert!(name.ends_with("_needs_agreement"), "{name}");
        assert_eq!(value, json!(true), "{name}");
    }
    assert_eq!(case.properties(&ALL_KEYS), json!({}));
}

/// Consent to every other item reveals nothing of one.
#[test]
fn no_item_is_given_with_the_consent_to_another() {
    for attribute in Attribute::ALL {
        let alone = Case::of(&[attribute], &everything(), &[attribute]).kakao_account(&ALL_KEYS);
        let others = Attribute::ALL.into_iter().filter(|other| *other != attribute);
        let others = Case::new(&everything(), &others.collect::<Vec<_>>());
        let given = others.kakao_account(&ALL_KEYS);
        for (name, value) in alone.as_object().unwrap() {
            match (name.as_str(), value) {
                ("profile", Value::Object(parts)) => {
                    let profile = given["profile"].as_object().unwrap();
                    assert!(parts.keys().all(|part| !profile.contains_key(part)), "{profile:?}");
                }
                (name, _) if name.ends_with("_needs_agreement") => {
                    assert_eq!(given[name], json!(true), "{name}");
                }
                (name, _) => assert_eq!(given.get(name), None, "{name}"),
            }
        }
    }
}

/// `false` without a value: the account has none, and nothing can be done about it.
#[test]
fn what_the_account_lacks_needs_agreement_only_where_it_can_be_typed() {
    let none = Case::new("", &[]).kakao_account(&ALL_KEYS);
    for name in ["profile_nickname", "email", "birthday"] {
        assert_eq!(none[format!("{name}_needs_agreement")], json!(true), "{name}");
    }
    for name in ["profile_image", "name", "gender", "age_range", "birthyear", "phone_number", "ci"]
    {
        assert_eq!(none[format!("{name}_needs_agreement")], json!(false), "{name}");
    }
    let agreed = Case::new("", &Attribute::ALL).kakao_account(&ALL_KEYS);
    for name in ["email", "is_email_valid", "name", "birthday", "phone_number", "ci", "is_korean"] {
        assert_eq!(agreed.get(name), None, "{name}");
    }
    assert_eq!(agreed["profile"]["is_default_image"], json!(true));
    assert_eq!(agreed["profile"].get("profile_image_url"), None);
}

#[test]
fn a_typed_value_is_given_and_an_address_of_e_mail_is_not_verified() {
    let case = Case::new("", &[Attribute::Birthyear])
        .typed(Attribute::Email, "typed@example.com")
        .typed(Attribute::Birthday, "2000-02-29")
        .typed(Attribute::Address, "서울시 중구 세종대로 110");
    let fields = case.kakao_account(&ALL_KEYS);
    assert_eq!(fields["email"], "typed@example.com");
    assert_eq!(fields["is_email_verified"], json!(false));
    assert_eq!((&fields["birthday"], &fields["birthyear"]), (&json!("0229"), &json!("2000")));
    let addresses = case.addresses(&shipping_address::Request::default()).addresses;
    assert_eq!(addresses.len(), 1);
    assert_eq!(addresses[0]["base_address"], "서울시 중구 세종대로 110");
    assert_eq!((&addresses[0]["is_default"], addresses[0].get("updated_at")), (&json!(true), None));
}

#[test]
fn a_typed_birthday_gives_no_year_without_consent_to_it() {
    let case = Case::new("", &[]).typed(Attribute::Birthday, "2000-02-29");
    let fields = case.kakao_account(&ALL_KEYS);
    assert_eq!((&fields["birthday"], fields.get("birthyear")), (&json!("0229"), None));
}

#[test]
fn a_lunar_birthday_is_given_in_its_calendar() {
    let account = "birthday = 1990-11-30\nlunar_birthday = \"02-30\"\nlunar_leap_month = true\n";
    let fields = Case::new(account, &[Attribute::Birthday]).kakao_account(&ALL_KEYS);
    assert_eq!(fields["birthday"], "0230");
    assert_eq!(fields["birthday_type"], "LUNAR");
    assert_eq!(fields["is_leap_month"], json!(true));
}

#[test]
fn an_age_range_follows_the_birthday_unless_it_is_configured() {
    let range = |account: &str, today| {
        let case = Case::new(account, &[Attribute::AgeRange]);
        case.kakao_account(&Request { today, ..ALL_KEYS })["age_range"].clone()
    };
    let born = "birthday = 2012-11-27\n";
    assert_eq!(range(born, date!(2026 - 11 - 26)), "10~14");
    assert_eq!(range(born, date!(2027 - 11 - 26)), "10~14");
    assert_eq!(range(born, date!(2027 - 11 - 27)), "15~19");
    assert_eq!(range("age_range = \"90~\"\n", date!(2026 - 11 - 26)), "90~");
    assert_eq!(range("birthday = 2012-11-27\nage_range = \"1~9\"\n", date!(2026 - 11 - 26)), "1~9");
    assert_eq!(range("birthyear = 1990\n", date!(2026 - 11 - 26)), Value::Null);
}

#[test]
fn pictures_are_https_only_with_secure_resource() {
    let case = Case::new(&everything(), &Attribute::ALL);
    let insecure = Request { secure_resource: false, ..ALL_KEYS };
    for (request, url) in [
        (ALL_KEYS, "https://images.example/hana.png"),
        (insecure, "http://images.example/hana.png"),
    ] {
        let profile = &case.kakao_account(&request)["profile"];
        assert_eq!(profile["profile_image_url"], url);
        assert_eq!(profile["thumbnail_image_url"], url);
        let properties =
            json!({ "nickname": "홍길동", "profile_image": url, "thumbnail_image": url });
        assert_eq!(case.properties(&request), properties);
    }
}

#[test]
fn property_keys_limit_what_is_given() {
    let case = Case::new(&everything(), &Attribute::ALL);
    let keys = |keys: &[&str]| -> Vec<String> { keys.iter().map(|&key| key.to_owned()).collect() };
    let given = |wanted: &[String]| {
        let request = Request { property_keys: Some(wanted), ..ALL_KEYS };
        let (Value::Object(account), Value::Object(properties)) =
            (case.kakao_account(&request), case.properties(&request))
        else {
            panic!("objects")
        };
        let keys = |map: serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
        (keys(account), keys(properties))
    };
    let (account, properties) = given(&keys(&["kakao_account.email", "properties.nickname"]));
    assert_eq!(account, ["email", "email_needs_agreement", "is_email_valid", "is_email_verified"]);
    assert_eq!(properties, ["nickname"]);
    let (account, properties) = given(&keys(&["kakao_account.profile"]));
    assert_eq!(
        account,
        ["profile", "profile_image_needs_agreement", "profile_nickname_needs_agreement"]
    );
    assert_eq!(properties, [""; 0]);
    // A whole group, and words that are no keys.
    for group in ["kakao_account.", "kakao_account"] {
        let Value::Object(every) = case.kakao_account(&ALL_KEYS) else { panic!("an object") };
        let every: Vec<String> = every.keys().cloned().collect();
        assert_eq!(given(&keys(&[group])), (every, Vec::new()), "{group}");
    }
    assert_eq!(given(&keys(&["kakao_accounts.email", "email"])), (Vec::new(), Vec::new()));
}

#[test]
fn the_default_address_comes_first_and_then_the_latest_change() {
    let case = Case::new(&everything(), &[Attribute::Address]);
    let ids = |request| {
        let addresses = case.addresses(&request).addresses;
        addresses.iter().map(|it| it["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let request = shipping_address::Request::default();
    assert_eq!(ids(request), [2, 3, 1]);
    assert_eq!(ids(shipping_address::Request { page_size: 2, ..request }), [2, 3]);
    // The time of the third, 2025-01-01.
    let from_updated_at = Some(1_735_689_600);
    assert_eq!(ids(shipping_address::Request { from_updated_at, ..request }), [2, 1]);
    let address_id = Some(3);
    assert_eq!(ids(shipping_address::Request { address_id, ..request }), [3]);
    assert_eq!(ids(shipping_address::Request { address_id: Some(9), ..request }), [0; 0]);
    assert_eq!(
        case.addresses(&request).addresses[0],
        json!({
            "id": 2, "name": "우리집", "is_default": true, "updated_at": 1_672_531_200,
            "type": "OLD", "base_address": "경기 성남시 분당구 삼평동 681",
            "detail_address": "101동 1호", "receiver_name": "홍길동",
            "receiver_phone_number1": "010-1234-5678", "receiver_phone_number2": "031-123-4567",
            "zone_number": "13494", "zip_code": "463400"
        })
    );
}

#[test]
fn addresses_need_consent_and_the_item() {
    let request = shipping_address::Request::default();
    let asked = Case::new(&everything(), &[]).addresses(&request);
    assert_eq!((asked.needs_agreement, asked.addresses), (true, Vec::new()));
    let agreed = Case::new(&everything(), &[Attribute::Address]).addresses(&request);
    assert_eq!((agreed.needs_agreement, agreed.addresses.len()), (false, 3));
    let case = Case::of(&[Attribute::Nickname], &everything(), &Attribute::ALL);
    let none = shipping_addresses(case.service(), case.account(), &case.grant, &request);
    assert_eq!(none, None);
}

#[test]
fn user_info_has_the_platform_s_claims() {
    let info = |agreed: &[Attribute]| {
        let case = Case::new(&everything(), agreed);
        Value::Object(user_info::user_info(case.service(), case.account(), &case.grant))
    };
    assert_eq!(
        info(&Attribute::ALL),
        json!({
            "nickname": "홍길동", "picture": "https://images.example/hana.png", "name": "홍길동",
            "email": "sample@sample.com", "email_verified": true, "gender": "female",
            "birthdate": "1990-11-30", "phone_number": "+82 10-1234-5678",
            "phone_number_verified": true
        })
    );
    assert_eq!(info(&[Attribute::Birthday]), json!({ "birthdate": "0000-11-30" }));
    assert_eq!(info(&[Attribute::Birthyear]), json!({ "birthdate": "1990" }));
    assert_eq!(info(&[]), json!({}));
}

#[test]
fn an_id_token_has_the_address_of_e_mail_only_when_it_is_verified() {
    let claims = |case: Case| {
        Value::Object(user_info::id_token_claims(case.service(), case.account(), &case.grant))
    };
    assert_eq!(
        claims(Case::new(&everything(), &Attribute::ALL)),
        json!({
            "nickname": "홍길동", "picture": "https://images.example/hana.png",
            "email": "sample@sample.com"
        })
    );
    let typed = Case::new("", &[Attribute::Nickname]).typed(Attribute::Email, "a@example.com");
    assert_eq!(claims(typed), json!({ "nickname": "홍길동" }));
}
