//! The studio shows the accounts of a file what this backend would show them: both read the same files here.

use consent_contract::{
    item::ItemKey,
    request::{ConsentRequest, Purpose},
};
use consent_services::{Sample, Served, age::Day, attribute::ItemKind};
use time::{Date, macros::date};

use super::{
    ask::{Standing, asked},
    refusal::{Refusal, refusal},
    request::{Frame, InWords, request},
};
use crate::{
    config::{Account, Attribute, Catalog, Service, Source},
    consent::{is_adult, lint::authorize_request},
    oauth::request::Wanted,
    store::Grant,
};

/// By then the latest version of every term is in effect.
const TODAY: Date = date!(2027 - 12 - 30);

/// Services that differ in what they do with accounts, and accounts of each kind.
const FILE: &str = include_str!("served_tests.toml");

/// What is compared of a screen.
#[derive(Debug, PartialEq)]
struct Seen {
    purpose: Purpose,
    /// The keys of what is asked, and the versions that were agreed to.
    asked: Vec<(String, Option<String>)>,
    reasons: Vec<String>,
    already_agreed: Vec<(String, Option<String>)>,
}

fn seen(request: &ConsentRequest) -> Seen {
    let key = |key: ItemKey| key.to_string();
    let terms = request.terms.iter();
    let terms = terms.map(|it| (key(ItemKey::Term(it.tag.clone())), it.agreed_version.clone()));
    let items = request.personal_info.items.iter();
    let items = items.map(|it| (key(ItemKey::Item(it.id.clone())), None));
    let channels = request.channels.iter();
    let channels = channels.map(|it| (key(ItemKey::Channel(it.public_id.clone())), None));
    let before = &request.already_agreed;
    let agreed_terms = before.terms.iter().map(|it| (it.tag.clone(), Some(it.version.clone())));
    let agreed_items = before.personal_info.iter().map(|it| (it.id.clone(), None));
    Seen {
        purpose: request.purpose,
        asked: terms.chain(items).chain(channels).collect(),
        reasons: request.reasons.0.iter().map(|it| format!("{it:?}")).collect(),
        already_agreed: agreed_terms.chain(agreed_items).collect(),
    }
}

/// What this backend shows: `Err` with the reason where that is no screen.
fn by_the_backend(service: &Service, account: &Account) -> Result<Seen, String> {
    let mut grant = Grant { channels: account.channels.clone(), ..Grant::default() };
    if let Some(link) = account.links.iter().find(|it| it.service == service.client_id) {
        grant.link = Some(link.how);
        let terms = link.terms.iter().map(|(tag, version)| (tag.clone(), (version.clone(), 0)));
        grant.terms = terms.collect();
        grant.items = link.items.iter().map(|id| (id.clone(), (0, None))).collect();
    }
    let now = TODAY.midnight().assume_utc().unix_timestamp();
    let wanted = Wanted {
        items: service.personal_info.items.iter().map(|it| it.attribute.id().to_owned()).collect(),
        terms: service.tags().map(str::to_owned).collect(),
        ..Wanted::default()
    };
    let standing = Standing { grant: grant.clone(), ..Standing::default() };
    let asked = asked(service, account, &standing, &wanted, TODAY);
    match refusal(service, account, &grant, asked.as_ref(), now) {
        Some(Refusal::UnderAge { min_age }) => return Err(format!("under {min_age}")),
        Some(Refusal::GuardianNeeded) => return Err("guardian".to_owned()),
        // Of the service, or of a value that no account of this file lacks.
        Some(Refusal::SimpleSignUpInactive | Refusal::NotATestMember | Refusal::ValueMissing) => {}
        None => {}
    }
    let Some(asked) = asked else { return Err("no screen".to_owned()) };
    let frame = Frame {
        locale: "ko",
        expires_in: 0,
        csrf_token: String::new(),
        switch_url: None,
        icon_url: None,
        is_adult: is_adult(account, TODAY),
        in_words: |_| InWords::default(),
    };
    Ok(seen(&request(service, account, &standing, &asked, &authorize_request(service), frame)))
}

/// What the studio shows of the same file.
fn by_the_studio(
    toml: &str,
    index: usize,
    account: &consent_services::Account,
) -> Result<Seen, String> {
    let new_user: ConsentRequest = {
        let json: serde_json::Value =
            serde_json::from_str(include_str!("../../../contract/samples/ask.json")).unwrap();
        serde_json::from_value(json).unwrap()
    };
    // A permission needs no value.
    let value = |id: &str| {
        let is_permission = Attribute::of(id).is_some_and(|it| it.kind() == ItemKind::Service);
        is_permission.then(String::new).or_else(|| account.value(id).map(str::to_owned))
    };
    let sample = Sample { request: &new_user, value: &value };
    let shown = consent_services::show(toml, index, "ko", &sample).unwrap();
    let rules = consent_services::rules(toml, index).unwrap();
    let today = Day { year: TODAY.year(), month: TODAY.month() as u8, day: TODAY.day() };
    match consent_services::served(&shown.request, account, &rules, today) {
        Served::Screen(request) => Ok(seen(&request)),
        Served::NoScreen => Err("no screen".to_owned()),
        Served::UnderAge { min_age } => Err(format!("under {min_age}")),
        Served::GuardianNeeded => Err("guardian".to_owned()),
    }
}

/// Compares both for each service and account of a file, and returns how often there was a screen, and how
/// often none.
fn compare(toml: &str, catalog: &Catalog) -> (usize, usize) {
    let (mut screens, mut others) = (0, 0);
    for (index, listed) in consent_services::services(toml).unwrap().iter().enumerate() {
        let service = &catalog.services[listed.client_id.as_ref().unwrap()];
        for account in consent_services::accounts(toml, index).unwrap() {
            let backend = by_the_backend(service, &catalog.accounts[&account.id]);
            let studio = by_the_studio(toml, index, &account);
            assert_eq!(studio, backend, "{} at {}", account.id, service.client_id);
            match studio {
                Ok(_) => screens += 1,
                Err(_) => others += 1,
            }
        }
    }
    (screens, others)
}

#[test]
fn the_studio_shows_an_account_what_this_backend_shows() {
    let catalog = Source::built_in("test.toml", FILE.to_owned()).catalog();
    let catalog = catalog.unwrap_or_else(|faults| panic!("{faults:?}"));
    let (screens, others) = compare(FILE, &catalog);
    assert!(screens > 8 && others > 5, "{screens} {others}");
}
