//! What a backend shows to an account of a file, when a request names everything that the service can ask.
//!
//! The rules are those of the backend (`consent::ask`, `consent::refusal`, `consent::reasons`), whose tests
//! compare both. Agreements of a file are of now: none has expired, and no statement has changed since.

use std::collections::{BTreeMap, BTreeSet};

use consent_contract::{
    item::ItemKey,
    request::{
        AgreedItem, AgreedTerm, AlreadyAgreed, ConsentRequest, PersonalInfoItem, Purpose, Reason,
        ReasonCode, Reasons, Term,
    },
};
use serde::Deserialize;

use crate::{
    Account, Fault,
    account::{How, Link},
    age::{self, AGE_OF_CONSENT, Day},
    fault::Wrong,
    layout,
    reader::{ALWAYS, Reader, table},
    service::service,
};

/// What a service does with accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    min_age: u8,
    under_age: UnderAge,
    /// The public ids of channels for adults.
    adult_channels: BTreeSet<String>,
}

/// What becomes of children under the age of consent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum UnderAge {
    #[default]
    Refuse,
    Guardian,
}

impl Rules {
    /// The age in years from which the service takes people. Without guardians no one under the age of
    /// consent is taken.
    fn lowest_age(&self) -> u8 {
        match self.under_age {
            UnderAge::Refuse => self.min_age.max(AGE_OF_CONSENT),
            UnderAge::Guardian => self.min_age,
        }
    }

    /// Whether a channel is for adults, by its public id.
    #[must_use]
    pub fn is_for_adults(&self, channel: &str) -> bool {
        self.adult_channels.contains(channel)
    }
}

/// The rules of a service of a file.
///
/// # Errors
/// The first value that is none of its key.
pub fn rules(toml: &str, index: usize) -> Result<Rules, Fault> {
    read(toml, index).map_err(|wrong| wrong.placed(toml))
}

fn read(toml: &str, index: usize) -> Result<Rules, Wrong> {
    let root = layout::parse(toml)?;
    let reader = Reader::new(ALWAYS);
    let service = table(service(root.get_ref(), index)?)?;
    let mut adult_channels = BTreeSet::new();
    for channel in reader.tables(service, "channels")? {
        if reader.flag(table(channel)?, "adult")? == Some(true) {
            adult_channels.insert(reader.name(channel, "public_id")?);
        }
    }
    Ok(Rules {
        min_age: reader.number(service, "min_age")?.unwrap_or_default(),
        under_age: reader.choice(service, "under_age")?.unwrap_or_default(),
        adult_channels,
    })
}

/// What a backend shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Served {
    Screen(Box<ConsentRequest>),
    /// Nothing is left that the service has to ask a member: the user goes on at once.
    NoScreen,
    /// The service takes no one of this age.
    UnderAge {
        min_age: u8,
    },
    /// A page on which a child asks a guardian.
    GuardianNeeded,
}

/// What an account is shown of a request, which has its values and is that of a new user.
#[must_use]
pub fn served(request: &ConsentRequest, account: &Account, rules: &Rules, today: Day) -> Served {
    let (born, lowest_age) = (account.date_of_birth(), rules.lowest_age());
    let is_under = |age| born.is_some_and(|born| age::is_under(age, born, today));
    if account.under_14 && lowest_age >= AGE_OF_CONSENT || is_under(lowest_age) {
        return Served::UnderAge { min_age: lowest_age };
    }
    let is_child = born.map_or(account.under_14, |_| is_under(AGE_OF_CONSENT));
    if rules.under_age == UnderAge::Guardian && is_child {
        return Served::GuardianNeeded;
    }
    let agreed = Agreed::of(account.link.as_ref());
    let is_member = account.link.as_ref().is_some_and(|link| link.how == How::Combined);
    let mut served = request.clone();
    // A value that is missing and may not be typed cannot be provided.
    let can_be_asked =
        |it: &PersonalInfoItem| it.required || it.collect.is_some() || it.value.is_some();
    served.personal_info.items.retain(can_be_asked);
    if is_member {
        served.purpose = Purpose::AdditionalConsent;
        served.terms.retain(|term| agreed.version(term) != Some(&term.version));
        served.personal_info.items.retain(|item| !agreed.items.contains(item.id.as_str()));
        let prompts =
            served.terms.iter().any(|term| term.required) || !served.personal_info.items.is_empty();
        if !prompts {
            return Served::NoScreen;
        }
    }
    let is_adult = account.legal_birth_date.is_some_and(|born| age::is_adult(born, today));
    served.channels.retain(|channel| is_adult || !rules.is_for_adults(&channel.public_id));
    for term in &mut served.terms {
        term.agreed_version = agreed.version(term).filter(|it| **it != term.version).cloned();
    }
    served.reasons = reasons(&served, account.link.as_ref(), &agreed);
    if let Some(link) = &account.link {
        served.already_agreed = already_agreed(request, &served, link, &agreed, is_member);
    }
    Served::Screen(Box::new(served))
}

/// What an account has agreed to at a service.
#[derive(Default)]
struct Agreed<'a> {
    /// The version by tag.
    terms: BTreeMap<&'a str, &'a String>,
    items: BTreeSet<&'a str>,
}

impl<'a> Agreed<'a> {
    fn of(link: Option<&'a Link>) -> Self {
        let Some(link) = link else { return Self::default() };
        Self {
            terms: link.terms.iter().map(|(tag, version)| (&**tag, version)).collect(),
            items: link.items.iter().map(String::as_str).collect(),
        }
    }

    fn version(&self, term: &Term) -> Option<&'a String> {
        self.terms.get(term.tag.as_str()).copied()
    }
}

/// The reason for everything that is asked, in the order of [`ReasonCode`].
fn reasons(served: &ConsentRequest, link: Option<&Link>, agreed: &Agreed<'_>) -> Reasons {
    let terms = served.terms.iter().map(|term| {
        let version = agreed.version(term);
        let is_changed = version.is_some_and(|it| *it != term.version);
        (ItemKey::Term(term.tag.clone()), version.is_some(), is_changed)
    });
    let items = served.personal_info.items.iter().map(|item| {
        (ItemKey::Item(item.id.clone()), agreed.items.contains(item.id.as_str()), false)
    });
    let mut by_code: BTreeMap<ReasonCode, Vec<String>> = BTreeMap::new();
    for (key, is_agreed, is_changed) in terms.chain(items) {
        let code = match (link.map(|link| link.how), is_agreed) {
            (None, _) => ReasonCode::NewService,
            (Some(How::Combined), true) if is_changed => ReasonCode::TermsChanged,
            (Some(_), true) => ReasonCode::Requested,
            (Some(_), false) => ReasonCode::NewItems,
        };
        by_code.entry(code).or_default().push(key.to_string());
    }
    Reasons(by_code.into_iter().map(|(code, items)| Reason { code, items }).collect())
}

/// What was agreed to before and is not asked now; at the first screen of a member by plain login, which
/// asks everything, all of it.
fn already_agreed(
    all: &ConsentRequest,
    served: &ConsentRequest,
    link: &Link,
    agreed: &Agreed<'_>,
    is_member: bool,
) -> AlreadyAgreed {
    let is_listed = |is_asked: bool| !is_member || !is_asked;
    let terms = all.terms.iter().filter_map(|term| {
        let version = agreed.version(term)?;
        let is_asked = served.terms.iter().any(|it| it.tag == term.tag);
        is_listed(is_asked).then(|| AgreedTerm {
            tag: term.tag.clone(),
            title: term.title.clone(),
            version: version.clone(),
            agreed_at: link.at.clone(),
        })
    });
    let items = all.personal_info.items.iter().filter(|it| agreed.items.contains(it.id.as_str()));
    let items = items.filter(|item| {
        is_listed(served.personal_info.items.iter().any(|asked| asked.id == item.id))
    });
    AlreadyAgreed {
        terms: terms.collect(),
        personal_info: items
            .map(|item| AgreedItem {
                id: item.id.clone(),
                label: item.label.clone(),
                agreed_at: link.at.clone(),
            })
            .collect(),
    }
}
