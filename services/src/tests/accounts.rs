use consent_contract::request::Relation;

use super::SHOP;
use crate::{Account, accounts};

const DEMO: &str = include_str!("../../../backend/demo/services.toml");

fn of_demo(id: &str) -> Account {
    let all = accounts(DEMO, 0).unwrap();
    all.into_iter().find(|it| it.id == id).unwrap()
}

#[test]
fn the_accounts_of_a_file_have_their_own_values() {
    let new = of_demo("new");
    assert_eq!((&*new.nickname, &*new.identifier), ("하나", "ha***@example.com"));
    assert_eq!(new.value("name"), Some("김*나"));
    assert_eq!(new.value("shipping_address"), None);
    let without_email = of_demo("no-email");
    assert_eq!(without_email.identifier, "010-****-8888");
    assert_eq!(without_email.value("account_email"), None);
    assert!(!of_demo("no-messenger").messenger_registered);
    assert_eq!(of_demo("channel-blocked").relation("_hanok"), Relation::Blocked);
    assert_eq!(of_demo("new").relation("_hanok"), Relation::None);
    let everything = of_demo("everything");
    for (item, value) in [
        ("profile_image", Some("***")),
        ("birthyear", Some("19**")),
        ("legal_birth_date", Some("1988-**-**")),
        ("shipping_address", Some("경기 성남시 ***")),
        ("friends", None),
    ] {
        assert_eq!(everything.value(item), value, "{item}");
    }
    assert_eq!(accounts(SHOP, 0).unwrap(), []);
}

/// `with_year` of the item decides, else the dialect of the service.
#[test]
fn a_birthday_is_a_whole_date_or_a_month() {
    let birthday = |service: &str, account: &str| {
        let toml = format!("[[service]]\n{service}\n[[account]]\nid = \"a\"\n{account}\n");
        accounts(&toml, 0).unwrap()[0].value("birthday").map(str::to_owned)
    };
    let day = "birthday = 1988-10-05";
    assert_eq!(birthday("", day).as_deref(), Some("1988-**-**"));
    assert_eq!(birthday("dialect = \"kakao\"", day).as_deref(), Some("10-**"));
    let item = "[[service.personal_info.items]]\nid = \"birthday\"\nwith_year = false";
    assert_eq!(birthday(item, day).as_deref(), Some("10-**"));
    let lunar = "birthday = 1988-10-05\nlunar_birthday = \"08-25\"";
    assert_eq!(birthday(item, lunar).as_deref(), Some("08-**"));
    assert_eq!(birthday("", "birthyear = 1988"), None);
}

#[test]
fn a_wrong_value_of_an_account_has_its_place() {
    let fault = |account: &str| {
        accounts(&format!("[[service]]\n[[account]]\n{account}"), 0).unwrap_err().to_string()
    };
    assert_eq!(fault("nickname = \"a\""), "line 2, column 1: `id` is missing");
    assert!(
        fault("id = \"a\"\nemail = 1").starts_with("line 4, column 9: `email`: expected a string")
    );
    assert!(
        fault("id = \"a\"\nchannels = { _a = \"friend\" }")
            .starts_with("line 4, column 19: `_a`: ")
    );
}
