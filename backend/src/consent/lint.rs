//! What the contract's rules say of the configured services, before a user sees them.

use consent_contract::request::{ConsentRequest, Purpose};
use consent_lint::{Finding, lint};
use time::Date;

use super::{Asked, Frame, InWords, Standing, request};
use crate::{
    config::{Account, Dialect, Service, Term},
    oauth::request::{AuthorizeRequest, ResponseMode, Wanted},
};

/// A finding on what a service asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFinding<'a> {
    /// The language in which it was found.
    pub locale: &'a str,
    /// With its place in the message for the screen.
    pub finding: Finding,
    /// Its place in the service as the admin API has it: a JSON pointer.
    pub in_service: String,
}

/// Every finding on what a service asks, everything of it at once: as it is asked today, and as it will be
/// when the day of every term has come.
#[must_use]
pub fn findings(service: &Service, today: Date) -> Vec<ServiceFinding<'_>> {
    let mut found = findings_on(service, today);
    for later in findings_on(service, Date::MAX) {
        let is_known =
            |it: &ServiceFinding<'_>| it.locale == later.locale && it.finding == later.finding;
        if !found.iter().any(is_known) {
            found.push(later);
        }
    }
    found
}

/// What of a message for the screen stands where in the service: its terms are those of a day, and items
/// with the same statements stand together.
fn in_service(service: &Service, asked: &Asked<'_>, request: &ConsentRequest, at: &str) -> String {
    if let Some(of_service) = at.strip_prefix("/service/") {
        return format!("/{of_service}");
    }
    for (list, service_list) in [
        ("/terms/", "/terms"),
        ("/personal_info/items/", "/personal_info/items"),
        ("/channels/", "/channels"),
    ] {
        let Some(rest) = at.strip_prefix(list) else { continue };
        let (index, rest) = match rest.split_once('/') {
            Some((index, rest)) => (index, format!("/{rest}")),
            None => (rest, String::new()),
        };
        let index: Option<usize> = index.parse().ok();
        let found = index.and_then(|index| match list {
            "/terms/" => {
                let shown = asked.terms.get(index)?;
                let is_it = |it: &Term| it.tag == shown.tag && it.version == shown.version;
                service.terms.iter().position(is_it)
            }
            "/channels/" => {
                let shown = request.channels.get(index)?;
                service.channels.iter().position(|it| it.public_id == shown.public_id)
            }
            _ => {
                let shown = request.personal_info.items.get(index)?;
                let items = &service.personal_info.items;
                items.iter().position(|it| it.attribute.id() == shown.id)
            }
        });
        return match found {
            Some(index) => format!("{service_list}/{index}{rest}"),
            None => service_list.to_owned(),
        };
    }
    match at {
        "/terms" | "/channels" | "/agree_all" | "/personal_info" => at.to_owned(),
        _ if at.starts_with("/personal_info/") && at != "/personal_info/digest" => at.to_owned(),
        "/personal_info/digest" => "/personal_info".to_owned(),
        _ => String::new(),
    }
}

/// A request of a service that names nothing.
pub(super) fn authorize_request(service: &Service) -> AuthorizeRequest {
    AuthorizeRequest {
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
    }
}

fn findings_on(service: &Service, day: Date) -> Vec<ServiceFinding<'_>> {
    let authorize = authorize_request(service);
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
    each.flat_map(|locale| {
        let request = in_locale(locale);
        let found = lint(&request).into_iter().map(|finding| {
            let in_service = in_service(service, &asked, &request, &finding.at);
            ServiceFinding { locale, finding, in_service }
        });
        found.collect::<Vec<_>>()
    })
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
        found.map(|it| it.finding.rule.id).collect()
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
