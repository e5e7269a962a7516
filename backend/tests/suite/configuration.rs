//! Wrong configuration is refused at the start: all of it at once, each fault with its place.

use std::fs;

use consent_backend::{StartError, config::Source};
use tempfile::TempDir;

use crate::browser::{ORIGIN, Server};
use crate::shop::SHOP;

async fn faults(toml: &str) -> Vec<String> {
    match Server::configured(toml).await {
        Err(StartError::Configuration(faults)) => faults
            .into_iter()
            .map(|it| format!("{}:{}: {}", it.line, it.column, it.reason))
            .collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

/// The good configuration with something replaced has exactly this fault.
async fn refused(from: &str, to: &str, fault: &str) {
    let toml = SHOP.replacen(from, to, 1);
    assert_ne!(toml, SHOP, "{from} is not there");
    let found = faults(&toml).await;
    assert!(found.len() == 1 && found[0].contains(fault), "{from} -> {to}: {found:#?}");
}

#[tokio::test]
async fn what_is_good_is_taken() {
    assert_eq!(faults(SHOP).await, [""; 0]);
    for more in ["time_zone = \"Europe/Berlin\"", "time_zone = \"UTC\"", "require_pkce = true"] {
        let toml = SHOP.replace("approved = true", &format!("approved = true\n{more}"));
        assert_eq!(faults(&toml).await, [""; 0], "{more}");
    }
}

#[tokio::test]
async fn each_fault_is_named_with_its_place() {
    let uri = "https://shop.example/callback";
    for (from, to, fault) in [
        ("\"shop\"", "\"my shop\"", "2:13: `my shop`: a client_id is 1 to 64"),
        ("\"가게\"", "\"가\u{202e}게\"", "3:8: `name`: the invisible character U+202E"),
        (
            "\"가게\"",
            "\"K\u{430}kao\"",
            "3:8: `name`: `\u{430}` (U+0430) is of a script that is not written together",
        ),
        ("\"가게\"", "\"Ｋａｋａｏ\"", "3:8: `name`: `Ｋ` (U+FF2B) looks like an ordinary letter"),
        ("\"가게\"", "\"\u{41a}\u{410}\u{41e}\"", "3:8: `name`: it looks like `KAO`"),
        ("\"가게\"", "\"ก\u{e47}\u{e47}\"", "3:8: `name`: too many marks on one letter"),
        ("name = \"가게\"\n", "", "1:1: `name` is missing"),
        ("\"가게\"", "{ en = \"Shop\" }", "3:8: `name` has no `ko`"),
        ("\"가게\"", "3", "3:8: expected a string, or a table of languages, found integer"),
        ("approved", "aproved", "6:1: unknown field `aproved`: expected one of"),
        ("= true", "= \"true\"", "6:12: expected true or false, found string"),
        (uri, "http://shop.example/", "expected https, http on a loopback host"),
        (uri, "shop:/callback", "expected https, http on a loopback host"),
        (uri, "javascript:alert(1)", "expected https, http on a loopback host"),
        (uri, "https://shop.example/#x", "a redirect URI has no fragment"),
        (uri, "https://u@shop.example/", "names a user before the host"),
        (uri, "https://shop.example/a b", "characters that addresses do not have"),
        ("\"service\"", "\"rules\"", "10:8: `rules`: expected one of service, privacy_collection"),
        ("\"service\"", "\"marketing\"", "`tos` is marketing and can never be required (KR-P07)"),
        ("\"1\"", "\"1 beta\"", "12:11: `1 beta`: a version is"),
        ("2026-01-01", "\"2026-02-30\"", "13:18: `2026-02-30` is not a day"),
        ("물건을 팝니다.", "물건을 **꼭** 팝니다.", "15:8: `text`: only headings (## and ###)"),
        ("물건을 팝니다.", "<script>x</script>", "found HTML"),
        (
            "\"profile_nickname\"",
            "\"account_id\"",
            "`account_id`: expected one of profile_nickname",
        ),
        ("purpose = \"주문\"\n", "", "17:1: `purpose` is missing"),
        ("\"닉네임\"", "\" \"", "`label`: nothing visible"),
    ] {
        refused(from, to, fault).await;
    }
    refused("approved = true", "test_members = [\"hana\"]\nmode = \"test\"", "no account `hana`")
        .await;
    refused("approved = true", "test_members = []\nclient_secret = \"short\"", "shorter than 16")
        .await;
    refused("approved = true", "min_age = 200", "expected a number from 0 to 99").await;
    for (zone, fault) in [
        ("\"Mars/Olympus\"", "6:13: `Mars/Olympus`: expected the name of a time zone"),
        ("\"Etc/Unknown\"", "6:13: `Etc/Unknown`: expected the name of a time zone"),
        ("\"KST\"", "`KST`: expected the name of a time zone"),
        ("\"../../etc/passwd\"", "expected the name of a time zone"),
        ("\"\"", "``: expected the name of a time zone"),
        ("9", "6:13: expected a string, found integer"),
    ] {
        refused("approved = true", &format!("time_zone = {zone}"), fault).await;
    }
    let public = "6:16: a service without `client_secret` must use PKCE (RFC 9700, 2.1.1)";
    refused("approved = true", "require_pkce = false", public).await;
    refused("approved = true", "require_pkce = 1", "6:16: expected true or false").await;
    refused("approved = true", "icon = \"no-such.png\"", "icon `no-such.png`").await;
    refused("approved = true", "privacy_policy_url = \"http://x.example\"", "not an https URL")
        .await;
    refused("[[service]]", "[[service]]\n= 1", "2:1: ").await;
}

/// What people read and what a digest covers are the same: nothing in a text is left out on the
/// screen.
#[tokio::test]
async fn a_text_that_is_not_shown_as_it_is_written_is_refused() {
    let term = "text = \"물건을 팝니다.\"";
    for (from, key) in [
        ("recipient = \"가게 주식회사\"", "recipient"),
        ("purpose = \"주문\"", "purpose"),
        ("retention = \"1년\"", "retention"),
        ("refusal_effect = \"주문할 수 없습니다\"", "refusal_effect"),
        ("title = \"이용약관\"", "title"),
        ("label = \"닉네임\"", "label"),
        (term, "text"),
    ] {
        for (hidden, fault) in [
            ("\u{202e}", "the invisible character U+202E"),
            ("\u{2066}", "the invisible character U+2066"),
            ("\u{200b}", "the invisible character U+200B"),
            ("\u{ad}", "the invisible character U+00AD"),
            ("e\u{301}\u{301}", "too many marks on one letter"),
        ] {
            let to = from.replacen("= \"", &format!("= \"글{hidden}"), 1);
            refused(from, &to, &format!("`{key}`: {fault}")).await;
        }
    }
    let highlights = |text: &str| {
        format!("{term}\nhighlights = [{{ kind = \"promotion\", text = \"{text}\" }}]")
    };
    refused(term, &highlights("소\u{202e}식"), "`text`: the invisible character U+202E").await;
    let good = SHOP.replacen(term, &highlights("소식  을\\n받음"), 1);
    let catalog = Source::built_in("test.toml", good).catalog().unwrap();
    assert_eq!(catalog.services["shop"].terms[0].highlights[0].1.get("ko"), "소식 을 받음");
}

/// The statements of an item: those of the service where it has none of its own.
#[tokio::test]
async fn an_item_has_statements_of_its_own_or_those_of_the_service() {
    let label = "label = \"닉네임\"";
    let with = |own: &str| SHOP.replacen(label, &format!("{label}\n{own}"), 1);
    let stated = |own: &str| {
        let catalog = Source::built_in("test.toml", with(own)).catalog().unwrap();
        let info = &catalog.services["shop"].personal_info;
        info.statements_of(&info.items[0]).map(|text| text.get("ko").clone())
    };
    let shared = ["가게 주식회사", "주문", "1년", "주문할 수 없습니다"];
    assert_eq!(stated(""), shared);
    let keys = ["recipient", "purpose", "retention", "refusal_effect"];
    for (at, key) in keys.into_iter().enumerate() {
        let mut expected = shared;
        expected[at] = "가게페이";
        assert_eq!(stated(&format!("{key} = \"가게페이\"")), expected);
        for (bad, fault) in [
            ("\"\"", "nothing visible"),
            ("\"글\u{202e}\"", "the invisible character U+202E"),
            ("{ en = \"Pay\" }", "has no `ko`"),
            ("3", "expected a string, or a table of languages, found integer"),
        ] {
            refused(label, &format!("{label}\n{key} = {bad}"), fault).await;
        }
        // The service also speaks English, and this text does not.
        let english =
            SHOP.replacen("name = \"가게\"", "name = { ko = \"가게\", en = \"Shop\" }", 1);
        let own = format!("{label}\n{key} = {{ ko = \"가게페이\" }}");
        let found = faults(&english.replacen(label, &own, 1)).await;
        let fault = format!("`{key}` of item `profile_nickname`");
        assert!(found.len() == 1 && found[0].contains(&fault), "{found:?}");
    }
    refused(label, &format!("{label}\nrecipent = \"가게페이\""), "unknown field `recipent`").await;
    let earlier = |text: &str| {
        let earlier = "[[service.personal_info.items.earlier_wordings]]";
        format!("required = true\n{earlier}\n{text}")
    };
    let whole = SHOP.trim_end().strip_suffix("required = true").unwrap();
    let item = |text: &str| format!("{whole}recipient = \"가게페이\"\n{}", earlier(text));
    let catalog = Source::built_in("test.toml", item("retention = \"일 년\"")).catalog().unwrap();
    let wording = &catalog.services["shop"].personal_info.items[0].earlier_wordings[0];
    let texts = [&wording.recipient, &wording.purpose, &wording.retention];
    assert_eq!(texts.map(|it| &**it.get("ko")), ["가게페이", "주문", "일 년"]);
    let found = faults(&item("refusal_effect = \"없음\"")).await;
    assert!(found.len() == 1 && found[0].contains("unknown field `refusal_effect`"), "{found:?}");
}

/// `SHOP` twice, the second service with this name and company.
fn beside(name: &str, company: &str) -> String {
    let second = SHOP
        .replacen("client_id = \"shop\"", "client_id = \"other\"", 1)
        .replacen("name = \"가게\"", &format!("name = {name}"), 1)
        .replacen("company = \"가게 주식회사\"", &format!("company = {company}"), 1);
    let first =
        SHOP.replacen("name = \"가게\"", "name = { ko = \"한옥톡\", en = \"Hanok Talk\" }", 1);
    format!("{first}\n{second}")
}

#[tokio::test]
async fn a_service_cannot_look_like_another_one() {
    let other = "\"다른 회사\"";
    for name in [
        "\"한옥톡\"",
        "\"한옥 톡\"",
        "\"Hanok Talk\"",
        "\"HanokTalk\"",
        "\"HANOK TALK\"",
        "\"HanokTaIk\"",
        "\"HanokTa1k\"",
        "{ ko = \"가게\", en = \"hanok talk\" }",
    ] {
        let found = faults(&beside(name, other)).await;
        let found: Vec<_> =
            found.iter().filter(|it| it.contains("another service's name")).collect();
        assert!(found.len() == 1, "{name}: {found:?}");
    }
    for name in ["\"한옥톡 행사\"", "\"Hanok Walk\"", "\"가게\""] {
        let found = faults(&beside(name, other)).await;
        assert!(!found.iter().any(|it| it.contains("another service")), "{name}: {found:?}");
    }
    // The website and the app of one company.
    let same = "\"가게 주식회사\"";
    let website_and_app = beside("{ ko = \"한옥톡\", en = \"Hanok Talk\" }", same);
    assert!(!faults(&website_and_app).await.iter().any(|it| it.contains("another service")));
    let misspelt = faults(&beside("\"HanokTaIk\"", same)).await;
    assert!(misspelt.iter().any(|it| it.contains("`HanokTaIk` looks like `Hanok Talk`")));
}

/// Integers are read as TOML means them, whichever way they are written, and never wrap around.
#[tokio::test]
async fn numbers_are_whole_and_within_their_range() {
    for (good, expected) in [
        ("0", 0),
        ("-0", 0),
        ("99", 99),
        ("14", 14),
        ("+14", 14),
        ("1_4", 14),
        ("0x0e", 14),
        ("0o16", 14),
        ("0b1110", 14),
    ] {
        let to = format!("approved = true\nmin_age = {good}");
        let toml = SHOP.replacen("approved = true", &to, 1);
        let catalog = Source::built_in("test.toml", toml).catalog();
        let catalog = catalog.unwrap_or_else(|faults| panic!("{good}: {faults:?}"));
        assert_eq!(catalog.services["shop"].min_age, expected, "{good}");
    }
    for bad in [
        "-1",
        "100",
        "256",
        "270",
        "0x10e",
        "14.0",
        "1e1",
        "\"14\"",
        "true",
        "99999999999999999999",
        "inf",
    ] {
        let to = format!("approved = true\nmin_age = {bad}");
        refused("approved = true", &to, "expected a number from 0 to 99").await;
    }
}

#[tokio::test]
async fn all_faults_are_reported_at_once() {
    let term = &SHOP[SHOP.find("[[service.terms]]").unwrap()..SHOP.find("[service.pers").unwrap()];
    let toml = format!(
        "{}{term}{}\n[[account]]\nid = \"a\"\nnickname = \"가\"\nemail = \"not an address\"\n\
         phone = \"010-1234-5678\"\ncolour = \"blue\"\n\n[account.channels]\n_none = \"added\"\n\n\
         [[account.links]]\nservice = \"shop\"\nhow = \"letter\"\nat = \"yesterday\"\n\
         terms = {{ no_such = \"1\" }}\nitems = [\"name\"]\n\n[[account.links]]\nservice = \"nowhere\"\n\
         how = \"plain_login\"\nat = \"2026-01-01T00:00:00Z\"\n\n[sign_in]\nlogin_url = \"//evil.example\"\n\
         account_header = \"no header\"\n",
        &SHOP[..SHOP.find("[service.pers").unwrap()],
        &SHOP[SHOP.find("[service.pers").unwrap()..],
    );
    let found = faults(&toml).await;
    for fault in [
        "there are two terms `tos`",
        "`not an address` is not acceptable",
        "`010-1234-5678`: write it as `01012345678`",
        "unknown field `colour`",
        "no service has a channel `_none`",
        "`letter`: expected one of combined_screen, plain_login",
        "`yesterday` is not a time",
        "`shop` has no term `no_such`",
        "`shop` has no item `name`",
        "there is no service `nowhere`",
        "`//evil.example`: expected a path on this origin or an https URL",
        "`no header` is not the name of a header",
    ] {
        assert_eq!(found.iter().filter(|it| it.contains(fault)).count(), 1, "{fault}: {found:#?}");
    }
    let lines: Vec<usize> =
        found.iter().map(|it| it.split(':').next().unwrap().parse().unwrap()).collect();
    assert!(lines.is_sorted(), "{found:#?}");
}

/// The good configuration with something appended has exactly this fault.
async fn refused_with(more: &str, fault: &str) {
    let found = faults(&format!("{SHOP}{more}")).await;
    assert!(found.len() == 1 && found[0].contains(fault), "{more}: {found:#?}");
}

/// The request has these headers already, or another proxy may.
#[tokio::test]
async fn a_header_that_no_proxy_owns_names_no_account() {
    for header in
        ["host", "Cookie", "authorization", "X-Forwarded-For", "forwarded", "sec-fetch-site"]
    {
        let sign_in = format!("\n[sign_in]\naccount_header = \"{header}\"\n");
        refused_with(&sign_in, &format!("29:18: `{header}` has a meaning of its own")).await;
        let sign_in = format!(
            "\n[sign_in]\naccount_header = \"x-account\"\nauth_time_header = \"{header}\"\n"
        );
        refused_with(&sign_in, &format!("30:20: `{header}` has a meaning of its own")).await;
    }
    let twice = "\n[sign_in]\naccount_header = \"x-account\"\nauth_time_header = \"X-Account\"\n";
    refused_with(twice, "30:20: `X-Account` is the `account_header`").await;
    let at_headers = "\n[sign_in]\naccount_header = \"x-account\"\n\n[sign_in.attribute_headers]\n";
    for (headers, fault) in [
        ("email = \"x-account\"", "32:9: `x-account` is the `account_header` already"),
        ("email = \"x-mail\"\nname = \"X-Mail\"", "33:8: `X-Mail` is the `email` already"),
        ("email = \"e mail\"", "32:9: `e mail` is not the name of a header"),
        ("name = \"cookie\"", "32:8: `cookie` has a meaning of its own"),
        ("emial = \"x-mail\"", "32:1: unknown field `emial`"),
    ] {
        refused_with(&format!("{at_headers}{headers}\n"), fault).await;
    }
    let alone = "\n[sign_in.attribute_headers]\nemail = \"x-mail\"\n";
    refused_with(alone, "`account_header` is missing: `attribute_headers` stand beside one").await;
    for header in ["x-account", "X-Forwarded-User", "remote-user"] {
        let toml = format!("{SHOP}\n[sign_in]\naccount_header = \"{header}\"\n");
        assert_eq!(faults(&toml).await, [""; 0], "{header}");
    }
}

#[tokio::test]
async fn a_login_page_is_none_of_our_own_addresses() {
    for (url, fault) in [
        ("/oauth/authorize", "this backend answers there itself"),
        ("/consent/x?a=b", "this backend answers there itself"),
        ("/api/v1/login", "this backend answers there itself"),
        ("/login?=", "it has a parameter without a name"),
        ("https://login.example/?a=b&=c", "it has a parameter without a name"),
        ("/login?return_to=/", "`return_to` is added to it"),
    ] {
        let sign_in = format!("\n[sign_in]\nlogin_url = \"{url}\"\n");
        refused_with(&sign_in, &format!("29:13: `{url}`: {fault}")).await;
    }
    for url in ["/login/", "/", "/consenting", "/login?", "https://login.example/oauth?a=&b"] {
        let toml = format!("{SHOP}\n[sign_in]\nlogin_url = \"{url}\"\n");
        assert_eq!(faults(&toml).await, [""; 0], "{url}");
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let account =
        |more: &str| format!("\n[[account]]\nid = \"hana\"\nnickname = \"하나\"\n{more}\n");
    for (birthday, fault) in [
        ("1899-12-31", "31:12: `1899-12-31` is no birthday: expected a day from 1900-01-01 on"),
        ("0000-01-01", "31:12: `0000-01-01` is no birthday"),
        ("2099-01-01", "31:12: `2099-01-01` is no birthday: the day has not come"),
    ] {
        refused_with(&account(&format!("birthday = {birthday}")), fault).await;
    }
    refused_with(
        &account(
            "\n[[account.links]]\nservice = \"shop\"\nhow = \"plain_login\"\n\
             at = \"2026-01-01T00:00:00Z\"\nitems = [\"profile_nickname\", \"profile_nickname\"]",
        ),
        "`profile_nickname` is there twice",
    )
    .await;
    refused("2026-01-01", "0000-01-01", "13:18: `0000-01-01`: expected a day from 1900-01-01")
        .await;
    let uri = "\"https://shop.example/callback\"";
    refused(uri, &format!("{uri}, {uri}"), "`https://shop.example/callback` is there twice").await;
}

/// Of two spellings of a language a browser gets one, and the other is never shown.
#[tokio::test]
async fn a_language_is_written_in_one_way() {
    let title = "\"이용약관\"";
    for (tag, fault) in [
        ("KO", "14:24: `KO`: write it as `ko`"),
        ("zh-hant", "14:24: `zh-hant`: write it as `zh-Hant`"),
        ("jp", "14:24: `jp` is not a language tag: there is no language `jp`"),
    ] {
        refused(title, &format!("{{ ko = {title}, {tag} = \"x\" }}"), fault).await;
    }
}

#[tokio::test]
async fn a_translation_that_was_forgotten_is_missed() {
    let toml = SHOP
        .replace("name = \"가게\"", "name = { ko = \"가게\", en = \"Shop\" }")
        .replace("title = \"이용약관\"", "title = { ko = \"이용약관\" }");
    let found = faults(&toml).await;
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("the title of term `tos` has no `en`"), "{found:?}");
}

/// Each mistake is one fault, and nothing that follows from it is another.
#[tokio::test]
async fn no_fault_is_reported_that_is_not_there() {
    let languages = SHOP
        .replace("name = \"가게\"", "name = { ko = \"가게\", en = \"Shop\" }")
        .replace("\"이용약관\"", "{ ko = \"이용약관\", en = \"Terms\" }")
        .replace("\"물건을 팝니다.\"", "{ ko = \"물건을 팝니다.\", en = \"We sell.\" }")
        + "\n[[service.channels]]\npublic_id = \"_shop\"\nname = { ko = \"가게\", en = \"Shop\" }\n\n\
           [[account]]\nid = \"hana\"\nnickname = \"하나\"\n\n[account.channels]\n_shop = \"added\"\n\n\
           [[account.links]]\nservice = \"shop\"\nhow = \"plain_login\"\nat = \"2026-01-01T00:00:00Z\"\n\
           terms = { tos = \"1\" }\nitems = [\"profile_nickname\"]\n";
    assert_eq!(faults(&languages).await, [""; 0]);
    for (from, to, fault) in [
        // A text in `en` that is faulty is there.
        ("\"We sell.\"", "\"We **sell**.\"", "15:32: `text`: only headings"),
        ("\"We sell.\"", "\"[We](https://x.example)\"", "15:32: `text`: only headings"),
        ("\"We sell.\"", "\"# We sell\"", "15:32: `text`: only headings"),
        ("\"We sell.\"", "\"\"", "15:32: `text`: nothing to read"),
        ("\"We sell.\"", "3", "15:32: expected a string, found integer"),
        ("\"Terms\"", "\"T\u{43e}s\"", "14:29: `title`: `\u{43e}` (U+043E) is of a script"),
        ("\"Shop\"", "\"\"", "3:26: `name`: nothing visible"),
        // A language that is missing is missing in its text.
        (", en = \"Terms\"", "", "14:9: the title of term `tos` has no `en`"),
        (", en = \"We sell.\"", "", "15:8: the text of term `tos` has no `en`"),
        ("{ ko = \"이용약관\", ", "{ ", "14:9: the title of term `tos` has no `ko`"),
        ("en = \"Terms\"", "fr = \"Terms\"", "14:24: the title of term `tos` has `fr`, where"),
        ("en = \"Terms\"", "\"e n\" = \"Terms\"", "14:24: `e n` is not a language tag"),
        // What is named elsewhere is not missed there.
        ("\"_shop\"", "\"_sh op\"", "29:13: `_sh op`: a public_id is"),
        ("public_id", "publc_id", "29:1: unknown field `publc_id`"),
        ("[[service.channels]]", "[[service.chanels]]", "28:11: unknown field `chanels`"),
        ("tag = \"tos\"\n", "", "8:1: `tag` is missing"),
        ("\"tos\"", "7", "9:7: expected a string, found integer"),
        ("[[service.terms]]", "[[service.term]]", "8:11: unknown field `term`"),
        ("id = \"profile_nickname\"", "id = \"nickname\"", "24:6: `nickname`: expected one of"),
        ("client_id = \"shop\"\n", "", "1:1: `client_id` is missing"),
        ("client_id", "client-id", "2:1: unknown field `client-id`"),
        ("[[service]]", "[[servise]]", "1:3: unknown field `servise`"),
        ("[[account]]", "[[acount]]", "32:3: unknown field `acount`"),
        // One fault for one value.
        ("nickname = \"하나\"\n", "", "32:1: `nickname` is missing"),
        ("nickname = \"하나\"", "nickname = \"\"", "34:12: `nickname` is empty"),
        ("effective_from = 2026-01-01\n", "", "8:1: `effective_from` is missing"),
        ("2026-01-01\n", "2026\n", "13:18: expected a date, found integer"),
        ("version = \"1\"", "version = \"\"", "12:11: `version` is empty"),
        ("redirect_uris", "redirect_uri", "5:1: unknown field `redirect_uri`"),
        (
            "[\"https://shop.example/callback\", \"com.example.shop:/callback\"]",
            "3",
            "5:17: expected a list",
        ),
        (
            "[\"https://shop.example/callback\", \"com.example.shop:/callback\"]",
            "[]",
            "5:17: `redirect_uris` needs",
        ),
        (
            "approved = true",
            "mode = \"tset\"\ntest_members = [\"hana\"]",
            "6:8: `tset`: expected one of",
        ),
        (
            "approved = true",
            "mod = \"test\"\ntest_members = [\"hana\"]",
            "6:1: unknown field `mod`",
        ),
        ("kind = \"service\"", "kind = 1", "10:8: expected a string, found integer"),
        (
            "approved = true",
            "initiate_login_uri = \"https://shop.example/#x\"",
            "6:22: `https://shop.example/#x`: parameters",
        ),
        (
            "approved = true",
            "privacy_policy_url = \"http.app:/x\"",
            "6:22: `http.app:/x` is not an https URL",
        ),
    ] {
        let toml = languages.replacen(from, to, 1);
        assert_ne!(toml, languages, "{from} is not there");
        let found = faults(&toml).await;
        assert!(found.len() == 1 && found[0].starts_with(fault), "{from} -> {to}: {found:#?}");
    }
    // Two services, terms or channels of one name are two, and not none.
    for (table, fault) in [
        ("[[service.terms]]", "there are two terms `tos` in version `1`"),
        ("[[service.channels]]", "there are two channels `_shop`"),
        ("[[service.personal_info.items]]", "there are two items `profile_nickname`"),
    ] {
        let start = languages.find(table).unwrap();
        let end = start + 2 + languages[start + 2..].find("\n[").map_or(0, |end| end - 1);
        let (before, section, after) =
            (&languages[..start], &languages[start..end], &languages[end..]);
        let found = faults(&format!("{before}{section}\n{section}{after}")).await;
        assert!(found.len() == 1 && found[0].contains(fault), "{table}: {found:#?}");
    }
    let service = &languages[..languages.find("[[account]]").unwrap()];
    let found = faults(&format!("{service}{languages}")).await;
    assert!(found.len() == 1 && found[0].contains("two services `shop`"), "{found:#?}");
}

/// In a long text, the line of the text.
#[tokio::test]
async fn a_fault_in_a_long_text_names_its_line() {
    let text = "\"\"\"\n## 제1조\n\n물건을 팝니다.\n\n> 인용\n\"\"\"";
    refused("\"물건을 팝니다.\"", text, "15:8: `text`: only headings (## and ###)").await;
    refused("\"물건을 팝니다.\"", text, "in line 5 of the text").await;
}

#[tokio::test]
async fn a_file_that_is_not_utf_8_is_refused_with_the_place() {
    for (bytes, line, column, named) in [
        (&b"name = \"\xb0\xa1\"\n"[..], 1, 9, "0xB0"),
        (&[SHOP.as_bytes(), b"# caf\xe9\n"].concat(), 27, 6, "0xE9"),
        (&["# 가게 ".as_bytes(), b"\xff"].concat(), 1, 6, "0xFF"),
        (b"\xff\xfe[\x00", 1, 1, "0xFF"),
        ("# 가".as_bytes().split_last().unwrap().1, 1, 3, "0xEA"),
    ] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("services.toml");
        fs::write(&path, bytes).unwrap();
        let file = consent_backend::Services::File(path);
        let opened =
            consent_backend::App::open(crate::browser::settings(folder.path(), file)).await;
        let Err(StartError::Configuration(faults)) = opened else { panic!("{named}") };
        assert_eq!(faults.len(), 1);
        assert_eq!((faults[0].line, faults[0].column), (line, column), "{faults:?}");
        assert!(faults[0].reason.contains(named), "{faults:?}");
    }
}

/// What receipts refer to cannot change under its version; everything else takes effect.
#[tokio::test]
async fn another_day_needs_a_new_version() {
    let english = SHOP
        .replace("title = \"이용약관\"", "title = { ko = \"이용약관\", en = \"Terms\" }")
        .replace("\"물건을 팝니다.\"", "{ ko = \"물건을 팝니다.\", en = \"We sell.\" }");
    let server = Server::configured(&english).await.unwrap();
    server.app.close().await;
    let folder = server.folder;
    let open = async |toml: &str| {
        let path = folder.path().join("services.toml");
        fs::write(&path, toml).unwrap();
        let file = consent_backend::Services::File(path);
        match consent_backend::App::open(crate::browser::settings(folder.path(), file)).await {
            Ok(app) => {
                app.close().await;
                Vec::new()
            }
            Err(StartError::Configuration(faults)) => faults,
            Err(other) => panic!("{other}"),
        }
    };
    for day in ["2026-01-02", "2025-12-31", "\"2031-05-05\""] {
        let found = open(&english.replace("2026-01-01", day)).await;
        assert_eq!(found.len(), 1, "once, in however many languages: {found:?}");
        assert_eq!((found[0].line, found[0].column), (13, 18));
        assert!(
            found[0].reason.contains("was kept with `effective_from = 2026-01-01`"),
            "{found:?}"
        );
    }
    let both = english.replace("2026-01-01", "2026-01-02").replace("We sell.", "We sold.");
    let found = open(&both).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        open(&english.replace("2026-01-01", "\"2026-01-01\"")).await.is_empty(),
        "the same day"
    );
    let newer = english.replace("version = \"1\"", "version = \"2\"");
    assert!(open(&newer.replace("2026-01-01", "2026-01-02")).await.is_empty());
}

#[tokio::test]
async fn a_changed_text_needs_a_new_version() {
    let folder = TempDir::new().unwrap();
    let server = Server::configured_in(folder, SHOP, ORIGIN).await.unwrap();
    server.app.close().await;
    let changed = SHOP.replace("물건을 팝니다.", "물건을 안 팝니다.");
    let path = server.folder.path().to_owned();
    let again = |toml: String| {
        let path = path.clone();
        async move {
            fs::write(path.join("services.toml"), toml).unwrap();
            let file = consent_backend::Services::File(path.join("services.toml"));
            consent_backend::App::open(crate::browser::settings(&path, file)).await
        }
    };
    match again(changed.clone()).await.map(|_| ()) {
        Err(StartError::Configuration(faults)) => {
            assert_eq!(faults.len(), 1);
            assert_eq!((faults[0].line, faults[0].column), (12, 11));
            assert!(faults[0].reason.contains("a changed text needs a new version"));
        }
        other => panic!("{other:?}"),
    }
    again(changed.replace("version = \"1\"", "version = \"2\"")).await.map(|_| ()).unwrap();
    again(SHOP.to_owned()).await.map(|_| ()).unwrap();
}

#[tokio::test]
async fn an_icon_is_a_picture_and_comes_from_our_own_origin() {
    let toml = SHOP.replace("approved", "icon = \"icon.png\"\napproved");
    let try_icon = async |bytes: &[u8]| {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("icon.png"), bytes).unwrap();
        Server::configured_in(folder, &toml, ORIGIN).await
    };
    for bad in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], &[0x89; 300_000], b""] {
        assert!(matches!(try_icon(bad).await, Err(StartError::Configuration(_))));
    }
    try_icon(b"\x89PNG\r\n\x1a\n").await.unwrap();
}

#[tokio::test]
async fn plain_http_is_for_loopback_only() {
    let with_port = Server::configured_in(TempDir::new().unwrap(), SHOP, "https://id.example:443");
    let Err(StartError::Other(reason)) = with_port.await else { panic!("it started") };
    assert!(reason.contains("without the default port"), "{reason}");
    for origin in ["http://id.example", "ftp://id.example", "https://id.example/path", "id.example"]
    {
        let started = Server::configured_in(TempDir::new().unwrap(), SHOP, origin).await;
        assert!(matches!(started, Err(StartError::Other(_))), "{origin}");
    }
    Server::configured_in(TempDir::new().unwrap(), SHOP, "https://id.example").await.unwrap();
}

/// Kakao's API knows an app by its admin key alone.
#[tokio::test]
async fn an_admin_key_is_of_one_service() {
    let app = |id: &str, key: &str| {
        let url = format!("https://{id}.example/callback");
        SHOP.replace("client_id = \"shop\"", &format!("client_id = \"{id}\"\ndialect = \"kakao\""))
            .replace("\"가게\"", &format!("\"가게 {id}\""))
            .replace(
                "\"https://shop.example/callback\", \"com.example.shop:/callback\"",
                &format!("{url:?}"),
            )
            + &format!("[service.kakao]\nadmin_key = \"{key}\"\n")
    };
    let one = app("first-client-id-of-16", "an-admin-key-of-16");
    let two = |key: &str| format!("{one}\n{}", app("second", key));
    assert_eq!(faults(&two("another-key-of-16")).await, [""; 0]);
    let line = two("x").lines().count();
    let place = format!("{line}:13: ");
    let same = "`admin_key` is also that of the service `first-client-id-of-16`";
    assert_eq!(faults(&two("an-admin-key-of-16")).await, [format!("{place}{same}")]);
    let id = "`admin_key` is the client_id of a service";
    assert_eq!(faults(&two("first-client-id-of-16")).await, [format!("{place}{id}")]);
    // In either order, and of the service itself.
    let toml = format!("{}\n{one}", app("second", "first-client-id-of-16"));
    let place = format!("{}:13: ", app("second", "x").lines().count());
    assert_eq!(faults(&toml).await, [format!("{place}{id}")]);
    let own = app("first-client-id-of-16", "first-client-id-of-16");
    assert_eq!(faults(&own).await, [format!("{place}{id}")]);
}
