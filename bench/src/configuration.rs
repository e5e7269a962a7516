//! The configuration of backends that are measured: the demo's services, further ones, and people.

use std::fmt::Write;

/// The demo's services: what is measured is what people can look at.
const DEMO: &str = include_str!("../../backend/demo/services.toml");

/// The header in which the accounts are named. See the backend's `sign_in.account_header`.
pub const ACCOUNT_HEADER: &str = "x-bench-account";

/// The service whose screen is measured.
pub const SHOP: &str = "demo-shop";

/// A service in Kakao's dialect.
pub const KAKAO: &str = "bench-kakao";

/// Where it takes its codes, as in a query. The dialect compares ports, too.
pub const KAKAO_CALLBACK: &str = "https%3A%2F%2Fshop.example%2Fcallback";

/// How many terms the service has that receives events.
pub const HEARING: usize = 3;

/// A service with this many terms and nothing else.
#[must_use]
pub fn service_of(items: usize) -> String {
    format!("bench-{items}")
}

/// The account of a person, with an email address or without.
#[must_use]
pub fn account(number: usize, email: bool) -> String {
    format!("{}{number}", if email { "p" } else { "q" })
}

/// The services.toml with services of so many terms each, and so many people of either kind.
#[must_use]
pub fn configuration(terms: &[usize], accounts: usize) -> String {
    // Any port of a loopback address is the same to the backend (RFC 8252, 7.3).
    let mut toml = DEMO.replace("{origin}", "http://127.0.0.1");
    for &items in terms {
        let id = service_of(items);
        let _ = write!(
            toml,
            "\n[[service]]\nclient_id = \"{id}\"\nname = \"약관 {items}개\"\n\
             company = \"한옥마켓 주식회사\"\n\
             redirect_uris = [\"http://127.0.0.1/demo/callback\"]\n\
             client_secret = \"{id}-is-no-secret\"\nverified = true\napproved = true\n\
             [service.personal_info]\nrecipient = \"한옥마켓 주식회사\"\npurpose = \"회원 가입\"\n\
             retention = \"회원 탈퇴 또는 동의 철회 시까지\"\nrefusal_effect = \"가입할 수 없습니다\"\n"
        );
        for item in 1..=items {
            let required = item % 2 == 1;
            let _ = write!(
                toml,
                "[[service.terms]]\ntag = \"t{item}\"\nkind = \"service\"\nrequired = {required}\n\
                 version = \"2026-11-01\"\neffective_from = 2026-11-01\n\
                 title = \"{item}번 약관\"\ntext = \"제{item}조의 내용입니다.\"\n"
            );
        }
    }
    let _ = write!(
        toml,
        "\n[[service]]\nclient_id = \"{KAKAO}\"\ndialect = \"kakao\"\nname = \"카카오 앱\"\n\
         company = \"한옥마켓 주식회사\"\nredirect_uris = [\"https://shop.example/callback\"]\n\
         client_secret = \"{KAKAO}-is-no-secret\"\nverified = true\napproved = true\n\
         [service.personal_info]\nrecipient = \"한옥마켓 주식회사\"\npurpose = \"회원 가입\"\n\
         retention = \"회원 탈퇴 또는 동의 철회 시까지\"\nrefusal_effect = \"가입할 수 없습니다\"\n"
    );
    for id in ["profile_nickname", "account_email", "phone_number"] {
        let _ = write!(
            toml,
            "[[service.personal_info.items]]\nid = \"{id}\"\nlabel = \"{id}\"\nrequired = true\n"
        );
    }
    for number in 0..accounts {
        for email in [true, false] {
            let id = account(number, email);
            let _ = write!(toml, "\n[[account]]\nid = \"{id}\"\nnickname = \"하나\"\n");
            let _ = writeln!(toml, "phone = \"01012341234\"");
            if email {
                let _ = writeln!(toml, "email = \"hana@example.com\"");
            }
        }
    }
    let _ = write!(
        toml,
        "\n[sign_in]\naccount_header = \"{ACCOUNT_HEADER}\"\n\
         \n[guardian]\nmail_hook = \"https://mail.example/guardian\"\n\
         mail_secret = \"no-mail-is-sent-here\"\n"
    );
    toml
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_backend::config::Source;

    #[test]
    fn the_configuration_has_every_service_and_both_kinds_of_people() {
        let toml = configuration(&[3, 30], 2);
        assert_eq!(toml.matches("번 약관\"").count(), 33);
        assert!(toml.contains("client_id = \"bench-30\""));
        assert!(toml.contains("id = \"p1\"") && toml.contains("id = \"q1\""));
        assert!(!toml.contains("{origin}"));
    }

    #[test]
    fn the_backend_accepts_the_configuration() {
        let source = Source::built_in("bench", configuration(&[3], 1));
        let faults: Vec<String> = match source.catalog() {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(faults, [""; 0]);
    }
}
