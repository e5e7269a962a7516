//! What the contract's rules say of the configured services, before a user sees them.

use consent_contract::request::Purpose;
use consent_lint::{Finding, lint};
use time::Date;

use super::{Asked, Frame, InWords, Standing, request};
use crate::{
    config::{Account, Dialect, Service},
    oauth::request::{AuthorizeRequest, ResponseMode, Wanted},
};

/// Every finding on what a service asks, everything of it at once, with the language in which it was
/// found: as it is asked today, and as it will be when the day of every term has come.
#[must_use]
pub fn findings(service: &Service, today: Date) -> Vec<(&str, Finding)> {
    let mut found = findings_on(service, today);
    for finding in findings_on(service, Date::MAX) {
        if !found.contains(&finding) {
            found.push(finding);
        }
    }
    found
}

fn findings_on(service: &Service, day: Date) -> Vec<(&str, Finding)> {
    let authorize = AuthorizeRequest {
        client_id: service.client_id.clone(),
        redirect_uri: service.redirect_uris.first().cloned().unwrap_or_default(),
        state: None,
        nonce: None,
        code_challenge: None,
        openid: false,
        offline_access: false,
        agreements: false,
        standard_scopes: Vec::new(),
        wanted: Wanted::default(),
        prompt: None,
        max_age: None,
        id_token_hint: None,
        subjects: None,
        id_token_claims: std::collections::BTreeSet::new(),
        response_mode: ResponseMode::Query,
        ui_locales: Vec::new(),
        dialect: Dialect::Standard,
        query: String::new(),
        pushed: None,
    };
    let asked = Asked {
        purpose: Purpose::SignUp,
        terms: service.terms_on(day),
        items: service.personal_info.items.iter().collect(),
    };
    let account = new_user();
    let in_locale = |locale| {
        let frame = Frame {
            locale,
            expires_in: 0,
            csrf_token: String::new(),
            switch_url: None,
            icon_url: None,
            is_adult: true,
            in_words: |_| InWords::default(),
        };
        request(service, &account, &Standing::default(), &asked, &authorize, frame)
    };
    let each = service.locales.iter().map(String::as_str);
    each.flat_map(|locale| lint(&in_locale(locale)).into_iter().map(move |it| (locale, it)))
        .collect()
}

/// A user without any link, who could be offered a channel.
fn new_user() -> Account {
    Account { messenger_registered: true, ..Account::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(toml: &str) -> Vec<&'static str> {
        let catalog = crate::config::Source::built_in("test.toml", toml.to_owned())
            .catalog()
            .unwrap_or_else(|faults| panic!("{faults:?}"));
        let today = time::macros::date!(2026 - 12 - 31);
        let found = catalog.services.values().flat_map(|service| findings(service, today));
        found.map(|(_, finding)| finding.rule.id).collect()
    }

    /// The demo shows what agree-all over everything looks like, and a required value that an account may
    /// lack (`legal_name`), and nothing else that is doubtful.
    #[test]
    fn the_demo_is_as_good_as_it_wants_to_be() {
        let toml =
            include_str!("../../demo/services.toml").replace("{origin}", "http://127.0.0.1:8080");
        let mut rules = rules(&toml);
        rules.dedup();
        assert_eq!(rules, ["KR-P23", "KS-01"]);
    }
}
