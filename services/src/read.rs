//! Reads what the screen shows of a service, for a new user.

use consent_contract::{
    item::ItemKey,
    request::{
        AgreeAllPolicy, AlreadyAgreed, ConsentRequest, Purpose, Reason, ReasonCode, Reasons,
    },
};
use toml::de::{DeTable, DeValue};

use crate::{
    Documents, Fault, Shown,
    fault::Wrong,
    layout::{self, Value},
    reader::{ALWAYS, Reader, Sample, table},
};

/// A service in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// None while it is missing.
    pub client_id: Option<String>,
    /// In Korean, where it has that; empty while it is missing.
    pub name: String,
    pub terms: usize,
    pub items: usize,
    pub channels: usize,
}

/// The services of a file, in its order.
///
/// # Errors
/// The first fault, of a file that is no TOML or has no service.
pub fn services(toml: &str) -> Result<Vec<Listed>, Fault> {
    listed(toml).map_err(|wrong| wrong.placed(toml))
}

fn listed(toml: &str) -> Result<Vec<Listed>, Wrong> {
    let root = layout::parse(toml)?;
    let reader = Reader::new(ALWAYS);
    let services = reader.tables(root.get_ref(), "service")?;
    if services.is_empty() {
        return Err(Wrong::new(0, "there is no `[[service]]` in this file"));
    }
    let services = services.into_iter().map(|service| {
        let service = table(service)?;
        let items = match service.get("personal_info").map(table) {
            Some(info) => reader.tables(info?, "items")?.len(),
            None => 0,
        };
        Ok(Listed {
            client_id: reader.string(service, "client_id")?.map(str::to_owned),
            name: reader.line(service, "name")?,
            terms: latest(&reader, &reader.tables(service, "terms")?)?.len(),
            items,
            channels: reader.tables(service, "channels")?.len(),
        })
    });
    services.collect()
}

/// What the screen shows of a service in a language, to a new user: everything that it can ask, also what
/// it asks only when a request names it. Of a term the latest version. What is missing is empty.
///
/// # Errors
/// The first value that is none of its key, and a term, an item or a channel without a name.
pub fn show(toml: &str, index: usize, language: &str, sample: &Sample<'_>) -> Result<Shown, Fault> {
    shown(toml, index, language, sample).map_err(|wrong| wrong.placed(toml))
}

fn shown(toml: &str, index: usize, language: &str, sample: &Sample<'_>) -> Result<Shown, Wrong> {
    let root = layout::parse(toml)?;
    let reader = Reader::new(language);
    let services = reader.tables(root.get_ref(), "service")?;
    let service = services.get(index).ok_or(Wrong::new(0, "there is no such `[[service]]`"))?;
    let service = table(service)?;
    let mut documents = Documents::new();
    let tables = reader.tables(service, "terms")?;
    let mut terms = Vec::new();
    for at in latest(&reader, &tables)? {
        let (term, blocks) = reader.term(tables[at])?;
        if let Some(blocks) = blocks {
            documents.insert(term.tag.clone(), blocks);
        }
        terms.push(term);
    }
    let channels = reader.tables(service, "channels")?.into_iter();
    let channels = channels.map(|it| reader.channel(it)).collect::<Result<_, _>>()?;
    let from = sample.request;
    let request = ConsentRequest {
        service: reader.service(service, &from.service)?,
        agree_all: reader.choice(service, "agree_all")?.unwrap_or(AgreeAllPolicy::RequiredOnly),
        terms,
        personal_info: reader.personal_info(service, sample)?,
        channels,
        purpose: Purpose::SignUp,
        heading: None,
        reason: None,
        reasons: Reasons::default(),
        already_agreed: AlreadyAgreed::default(),
        locale: String::new(),
        languages: None,
        ..from.clone()
    };
    let languages = reader.languages();
    let locale = if languages.iter().any(|it| it == language) { language } else { ALWAYS };
    let request = ConsentRequest {
        reasons: of_a_new_user(&request),
        locale: locale.to_owned(),
        languages: Some(languages.join(" ")),
        ..request
    };
    Ok(Shown { request, documents })
}

/// Why everything is asked, as a backend gives it.
fn of_a_new_user(request: &ConsentRequest) -> Reasons {
    let terms = request.terms.iter().map(|it| ItemKey::Term(it.tag.clone()));
    let items = request.personal_info.items.iter().map(|it| ItemKey::Item(it.id.clone()));
    let items: Vec<_> = terms.chain(items).map(|key| key.to_string()).collect();
    match items.is_empty() {
        true => Reasons::default(),
        false => Reasons(vec![Reason { code: ReasonCode::NewService, items }]),
    }
}

/// Of each tag the latest version, by its index; in the order in which the tags stand in the file.
pub fn latest(reader: &Reader<'_>, terms: &[&Value<'_>]) -> Result<Vec<usize>, Wrong> {
    let mut latest: Vec<(String, String, usize)> = Vec::new();
    for (at, term) in terms.iter().enumerate() {
        let tag = reader.name(term, "tag")?;
        let day = day(table(term)?).unwrap_or_default();
        match latest.iter_mut().find(|(known, ..)| *known == tag) {
            Some(known) if known.1 < day => (known.1, known.2) = (day, at),
            Some(_) => {}
            None => latest.push((tag, day, at)),
        }
    }
    Ok(latest.into_iter().map(|(_, _, at)| at).collect())
}

/// The first day of a term, as `2026-12-31`.
pub fn day(term: &DeTable<'_>) -> Option<String> {
    match term.get("effective_from")?.get_ref() {
        DeValue::Datetime(day) => Some(day.to_string()),
        DeValue::String(day) => Some(day.to_string()),
        _ => None,
    }
}
