//! Every consent item: as it is configured, asked and provided.

use axum::http::StatusCode;
use consent_backend::{
    StartError,
    config::{Attribute, ItemKind},
};
use consent_contract::{
    decision::Recorded,
    problem::Code,
    request::{Collect, PersonalInfoItem},
};
use serde_json::{Value, json};

use crate::{
    browser::{Server, agreement, changed, parameter},
    shop::{SHOP, SIGN_IN, account},
    typed::{challenged, claims},
};

const CI: &str =
    "Q09OTkVDVElORy1JTkZPUk1BVElPTi1PRi1IQU5BLTAwMS1DT05ORUNUSU5HLUlORk9STUFUSU9OLU9GLUhBTg==";

/// An account with a value for every item.
fn everything() -> String {
    format!(
        "picture = \"https://images.example/hana.png\"\nemail = \"hana@example.com\"\n\
         phone = \"+821012341234\"\nname = \"김하나\"\ngender = \"female\"\n\
         birthday = 1995-04-12\nci = \"{CI}\"\nci_authenticated_at = \"2026-10-01T09:00:00Z\"\n\
         legal_name = \"김하나\"\nlegal_birth_date = 1995-04-12\nlegal_gender = \"female\"\n\
         is_korean = true\naddress = \"서울시 중구 세종대로 110\"\n\n\
         [[account.shipping_addresses]]\nbase_address = \"경기 성남시 분당구 판교역로 235\"\n"
    )
}

fn item(id: &str, more: &str) -> String {
    format!(
        "\n[[service.personal_info.items]]\nid = \"{id}\"\nlabel = \"{id}\"\nrequired = false\n\
         {more}\n"
    )
}

/// The shop, with more items, and one account.
fn toml(items: &str, of_account: &str) -> String {
    format!("{SHOP}{items}{SIGN_IN}{}{of_account}", account("hana"))
}

/// Every item but the nickname, which the shop has.
fn all_items() -> String {
    let others =
        Attribute::ALL.into_iter().map(Attribute::id).filter(|id| *id != "profile_nickname");
    let item = |id| item(id, if id == "birthday" { "with_year = false" } else { "" });
    others.map(item).collect()
}

async fn asked(toml: &str) -> Vec<PersonalInfoItem> {
    let server = Server::configured(toml).await.unwrap();
    let (_, request) = challenged(&mut server.proxied("hana")).await;
    request.personal_info.items
}

/// The claims after consent to these items, and to no others. They are the same in the ID token and
/// from userinfo.
async fn provided(toml: &str, agreed: impl Fn(&str) -> bool) -> Value {
    let server = Server::configured(toml).await.unwrap();
    let mut browser = server.proxied("hana");
    let (challenge, request) = challenged(&mut browser).await;
    let decision = changed(agreement(&request, |_, _| true), |agreement| {
        for answer in &mut agreement.personal_info {
            answer.agreed = answer.id == "profile_nickname" || agreed(&answer.id);
            if !answer.agreed {
                answer.value = None;
            }
        }
    });
    let answer = browser.decide(&challenge, &decision).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let recorded: Recorded = answer.json();
    let code = parameter(&recorded.redirect_to, "code").unwrap();
    let [mut id_token, userinfo] = claims(&server, &code).await;
    for technical in ["iss", "aud", "iat", "exp", "auth_time", "nonce"] {
        id_token.as_object_mut().unwrap().remove(technical);
    }
    assert_eq!(id_token, userinfo);
    let mut claims = userinfo;
    claims.as_object_mut().unwrap().remove("sub").unwrap();
    claims
}

async fn faults(items: &str, of_account: &str) -> Vec<String> {
    match Server::configured(&toml(items, of_account)).await {
        Err(StartError::Configuration(faults)) => faults.into_iter().map(|it| it.reason).collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

#[tokio::test]
async fn every_item_is_asked_with_its_value_masked() {
    let asked = asked(&toml(&all_items(), &everything())).await;
    let shown: Vec<(&str, &str)> =
        asked.iter().map(|item| (&*item.id, item.value.as_deref().unwrap())).collect();
    assert_eq!(
        shown,
        [
            ("profile_nickname", "하나"),
            ("profile_image", "***"),
            ("account_email", "ha***@example.com"),
            ("phone_number", "+82-****-1234"),
            ("name", "김*나"),
            ("gender", "***"),
            ("age_range", "***"),
            ("birthday", "04-**"),
            ("birthyear", "19**"),
            ("account_ci", "***"),
            ("legal_name", "김*나"),
            ("legal_birth_date", "1995-**-**"),
            ("legal_gender", "***"),
            ("is_korean", "***"),
            ("shipping_address", "서울시 중구 ***"),
            ("plusfriends", "접근 권한"),
            ("friends", "접근 권한"),
            ("talk_message", "접근 권한"),
            ("talk_chats", "접근 권한"),
        ]
    );
    assert!(asked.iter().all(|item| item.collect.is_none()));
}

/// An account without values is asked for values that can be typed, and for permissions.
#[tokio::test]
async fn what_the_account_lacks_is_asked_only_where_it_can_be_typed() {
    let collected = ["account_email", "phone_number", "name", "birthday", "shipping_address"];
    let collects = collected.map(|id| item(id, "collect = true")).concat();
    let collects =
        collects.replace("\"birthday\"\nrequired", "\"birthday\"\nwith_year = false\nrequired");
    let others = all_items()
        .split_inclusive("\n\n")
        .filter(|item| collected.iter().all(|id| !item.contains(&format!("\"{id}\""))))
        .collect::<String>();
    let asked = asked(&toml(&(collects + &others), "")).await;
    let shown: Vec<(&str, Option<Collect>)> =
        asked.iter().map(|item| (&*item.id, item.collect)).collect();
    assert_eq!(
        shown,
        [
            ("profile_nickname", None),
            ("account_email", Some(Collect::Email)),
            ("phone_number", Some(Collect::Phone)),
            ("name", Some(Collect::Name)),
            ("birthday", Some(Collect::Birthday)),
            ("shipping_address", Some(Collect::Address)),
            ("plusfriends", None),
            ("friends", None),
            ("talk_message", None),
            ("talk_chats", None),
        ]
    );
}

#[tokio::test]
async fn every_item_but_permissions_is_provided_as_its_claim() {
    let toml = toml(&all_items(), &everything());
    assert_eq!(
        provided(&toml, |_| true).await,
        json!({
            "nickname": "하나",
            "picture": "https://images.example/hana.png",
            "email": "hana@example.com", "email_verified": true,
            "phone_number": "+821012341234", "phone_number_verified": true,
            "name": "김하나",
            "gender": "female",
            "age_range": "30~39",
            "birthdate": "1995-04-12",
            "ci": CI,
            "legal_name": "김하나",
            "legal_birth_date": "1995-04-12",
            "legal_gender": "female",
            "is_korean": true,
            "address": { "formatted": "서울시 중구 세종대로 110" }
        })
    );
    assert_eq!(provided(&toml, |_| false).await, json!({ "nickname": "하나" }));
}

#[tokio::test]
async fn a_birthdate_has_the_parts_that_were_agreed_to() {
    let items = item("birthday", "with_year = false") + &item("birthyear", "");
    let both = toml(&items, "birthday = 1996-02-29\n");
    for (agreed, birthdate) in [
        (&["birthday", "birthyear"][..], json!("1996-02-29")),
        (&["birthday"], json!("0000-02-29")),
        (&["birthyear"], json!("1996")),
        (&[], Value::Null),
    ] {
        let claims = provided(&both, |id| agreed.contains(&id)).await;
        assert_eq!(claims["birthdate"], birthdate, "{agreed:?}");
    }
    let year = toml(&items, "birthyear = 1996\n");
    assert_eq!(provided(&year, |_| true).await["birthdate"], "1996");
    // The item of configurations without `birthyear`.
    let whole = toml(&item("birthday", ""), "birthday = 1996-02-29\n");
    assert_eq!(provided(&whole, |_| true).await["birthdate"], "1996-02-29");
    // Whatever calendar the birthday is celebrated by.
    let lunar = "birthday = 1996-02-29\nlunar_birthday = \"01-11\"\n";
    assert_eq!(provided(&toml(&items, lunar), |_| true).await["birthdate"], "1996-02-29");
    let asked = asked(&toml(&items, lunar)).await;
    assert_eq!(asked[1].value.as_deref(), Some("01-**"));
}

/// The typed value has a year also where the item has none: `min_age` needs it.
#[tokio::test]
async fn a_typed_birthday_gives_the_year_only_where_it_was_agreed_to() {
    let day = item("birthday", "with_year = false\ncollect = true");
    let year = item("birthyear", "").replace("required = false", "required = true");
    let typed = |items: String| async move {
        let toml = toml(&items, "");
        let server = Server::configured(&toml).await.unwrap();
        let mut browser = server.proxied("hana");
        let (challenge, request) = challenged(&mut browser).await;
        let decision = changed(agreement(&request, |_, _| true), |agreement| {
            let answer = agreement.personal_info.iter_mut().find(|it| it.id == "birthday");
            answer.unwrap().value = Some("1999-12-31".to_owned());
        });
        let answer = browser.decide(&challenge, &decision).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let recorded: Recorded = answer.json();
        let [claims, _] = claims(&server, &parameter(&recorded.redirect_to, "code").unwrap()).await;
        assert_eq!(claims["self_asserted"], json!(["birthdate"]));
        claims["birthdate"].clone()
    };
    assert_eq!(typed(day.clone()).await, "0000-12-31");
    assert_eq!(typed(day + &year).await, "1999-12-31");
}

#[tokio::test]
async fn the_address_claim_is_the_default_address() {
    let addresses = "\n[[account.shipping_addresses]]\nname = \"회사\"\n\
                     base_address = \"경기 성남시 분당구 판교역로 235\"\n\
                     \n[[account.shipping_addresses]]\nname = \"집\"\nis_default = true\n\
                     base_address = \"서울 중구 세종대로 110\"\ndetail_address = \"3층\"\n\
                     zone_number = \"04524\"\nzip_code = \"100101\"\n";
    let items = item("shipping_address", "");
    let address = &provided(&toml(&items, addresses), |_| true).await["address"];
    let expected = json!({
        "formatted": "(04524) 서울 중구 세종대로 110 3층",
        "street_address": "서울 중구 세종대로 110 3층",
        "postal_code": "04524"
    });
    assert_eq!(*address, expected);
    // Without a default one, the first.
    let first = addresses.replace("is_default = true\n", "");
    let address = &provided(&toml(&items, &first), |_| true).await["address"];
    assert_eq!(*address, json!({ "formatted": "경기 성남시 분당구 판교역로 235" }));
}

/// A permission is agreed to like an item, and listed as a scope.
#[tokio::test]
async fn a_permission_is_granted_as_a_scope() {
    let server = Server::configured(&toml(&all_items(), "")).await.unwrap();
    let mut browser = server.proxied("hana");
    let (challenge, request) = challenged(&mut browser).await;
    let decision = agreement(&request, |_, _| true);
    assert_eq!(browser.decide(&challenge, &decision).await.status, StatusCode::OK);
    let granted = "SELECT count(*) FROM agreements WHERE key = 'item:talk_message'";
    assert_eq!(server.count(granted).await, 1);
    let found: Value = server.browser().get("/.well-known/openid-configuration").await.json();
    let scopes = found["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!("talk_message")), "{scopes:?}");
    let claims: Vec<_> = found["claims_supported"].as_array().unwrap().iter().collect();
    for claim in ["picture", "gender", "age_range", "ci", "legal_birth_date", "is_korean"] {
        assert_eq!(claims.iter().filter(|it| **it == claim).count(), 1, "{claim}");
    }
    assert_eq!(claims.iter().filter(|it| **it == "birthdate").count(), 1);
}

/// The verified date of birth decides about the age, whatever birthday the account has.
#[tokio::test]
async fn a_verified_date_of_birth_decides_about_the_age() {
    let shop = SHOP.replace("approved = true", "approved = true\nmin_age = 14");
    for (dates, is_refused) in [
        ("legal_birth_date = 2020-01-01\n", true),
        ("birthday = 1990-01-01\nlegal_birth_date = 2020-01-01\n", true),
        ("birthday = 2020-01-01\nlegal_birth_date = 1990-01-01\n", false),
        ("birthyear = 2020\n", false),
    ] {
        let toml = format!("{shop}{SIGN_IN}{}{dates}", account("hana"));
        let server = Server::configured(&toml).await.unwrap();
        let mut browser = server.proxied("hana");
        let request = [
            ("response_type", "code"),
            ("client_id", "shop"),
            ("redirect_uri", "https://shop.example/callback"),
            ("code_challenge", crate::browser::CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let challenge = browser.authorize(&request).await.challenge();
        let answer = browser.read(&challenge).await;
        match is_refused {
            true => assert_eq!(answer.problem().code, Code::UnderAge, "{dates}"),
            false => assert_eq!(answer.status, StatusCode::OK, "{dates}"),
        }
    }
}

/// The studio's gallery shows the screen with every item there is.
#[test]
fn every_item_is_in_a_fixture() {
    let fixture = include_str!("../../../fixtures/states/every-consent-item.json");
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let items = fixture["change"]["request"]["personal_info"]["items"].as_array().unwrap();
    let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, Attribute::ALL.map(Attribute::id));
    for (attribute, item) in Attribute::ALL.into_iter().zip(items) {
        let is_permission = item["value"] == "접근 권한";
        assert_eq!(is_permission, attribute.kind() == ItemKind::Service, "{}", attribute.id());
    }
}

#[tokio::test]
async fn an_item_that_cannot_be_is_refused() {
    let untypable = Attribute::ALL.into_iter().filter(|it| it.collect().is_none());
    for id in untypable.map(Attribute::id) {
        let fault = format!("`{id}` cannot be typed on the screen: remove `collect`");
        assert_eq!(faults(&item(id, "collect = true"), "").await, [fault]);
        assert_eq!(faults(&item(id, "collect = false"), "").await, [""; 0], "{id}");
    }
    let whole_date = item("birthday", "") + &item("birthyear", "");
    let fault = "the item `birthday` has the year already: set `with_year = false` there";
    assert_eq!(faults(&whole_date, "").await, [fault]);
    let fault = "`with_year` is for the item `birthday`";
    assert_eq!(faults(&item("birthyear", "with_year = false"), "").await, [fault]);
    let unknown = faults(&item("birth_year", ""), "").await;
    assert!(
        unknown[0].starts_with("`birth_year`: expected one of profile_nickname, "),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn a_value_that_cannot_be_is_refused() {
    let address = "\n[[account.shipping_addresses]]\nbase_address = \"서울 중구 세종대로 110\"\n";
    for (of_account, fault) in [
        ("picture = \"http://images.example/a.png\"", "expected an https URL"),
        ("picture = \"a.png\"", "expected an https URL"),
        ("gender = \"f\"", "`f`: expected one of female, male"),
        ("age_range = \"20-29\"", "`20-29`: expected one of 1~9, 10~14, "),
        ("birthyear = 1899", "expected a number from 1900 to 2099, found integer"),
        ("birthyear = \"1990\"", "expected a number from 1900 to 2099, found string"),
        (
            "birthday = 1991-01-01\nbirthyear = 1990",
            "`birthyear` is 1990, and `birthday` is 1991-01-01",
        ),
        (
            "birthday = 1991-01-01\nlunar_birthday = \"0815\"",
            "`0815` is not a lunar day, written as 08-15",
        ),
        ("birthday = 1991-01-01\nlunar_birthday = \"08-31\"", "`08-31` is not a lunar day"),
        ("lunar_birthday = \"08-15\"", "`birthday` is missing"),
        (
            "birthday = 1991-01-01\nlunar_leap_month = true",
            "`lunar_leap_month` needs a `lunar_birthday`",
        ),
        ("ci = \"too short\"", "`ci` is not 64 bytes, written as 88 characters of base64"),
        ("ci_authenticated_at = \"2026-10-01T09:00:00Z\"", "`ci_authenticated_at` needs a `ci`"),
        ("legal_name = \" \"", "` ` is not acceptable: Empty"),
        ("legal_birth_date = 1899-12-31", "`1899-12-31` is no birthday"),
        ("legal_birth_date = 2099-12-31", "`2099-12-31` is no birthday: the day has not come"),
        ("legal_gender = \"none\"", "`none`: expected one of female, male"),
        ("is_korean = \"yes\"", "expected true or false, found string"),
    ] {
        let found = faults("", of_account).await;
        assert!(found.len() == 1 && found[0].contains(fault), "{of_account}: {found:?}");
    }
    for (of_address, fault) in [
        ("zone_number = \"134\"", "`134`: `zone_number` is 5 digits"),
        ("zip_code = \"463-400\"", "`463-400`: `zip_code` is 6 digits"),
        ("type = \"new\"", "`new`: expected one of NEW, OLD"),
        ("updated_at = \"yesterday\"", "`yesterday` is not a time"),
        ("receiver_phone_number1 = \"010-1234-1234\"", "write it as `01012341234`"),
        ("detail_address = \"1\\n2\"", "`detail_address`: "),
    ] {
        let found = faults("", &format!("{address}{of_address}\n")).await;
        assert!(found.len() == 1 && found[0].contains(fault), "{of_address}: {found:?}");
    }
    let found = faults("", "\n[[account.shipping_addresses]]\nname = \"집\"\n").await;
    assert_eq!(found, ["`base_address` is missing"]);
    let two = format!("address = \"서울 중구 세종대로 1\"\n{address}is_default = true\n");
    let fault = "this account has a default address already (`address` is one)";
    assert_eq!(faults("", &two).await, [fault]);
}
