//! Reads `[[service]]`.

use std::path::Path;

use consent_contract::{
    document::Document,
    linking::LinkingCondition,
    name,
    redirect::{self, Refused},
    request::{AgreeAllPolicy, HighlightKind, Mode, TermKind},
};

use consent_services::{attribute::Attribute, text};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::Serialize;

use super::{
    ask_again,
    catalog::{
        AGE_OF_CONSENT, Channel, Dialect, EarlierWording, Icon, Item, KakaoApp, Localised,
        OwnStatements, PersonalInfo, Service, Term, Text, UnderAge, WhenMissing,
    },
    kakao,
    languages::Texts,
    look,
    period::Period,
    places::{Places, TermPlaces},
    reader::{Table, Written},
    reference::{Declared, Name, Names, OfService},
    secret::{self, Folder},
    webhook,
};
use crate::crypto;

/// The largest icon, in bytes.
const LARGEST_ICON: usize = 256 * 1024;

/// Reads a service.
pub fn read(
    mut table: Table<'_>,
    folder: Option<&Path>,
    names: &mut Names,
    places: &mut Places,
) -> Service {
    let client_id = table.need_name("client_id");
    let id = client_id.as_ref().map(|(id, _)| &**id);
    let is_new = names.services.add(id);
    if !is_new && let Some((id, at)) = &client_id {
        table.fault(*at, format!("there are two services `{id}`"));
    }
    let has_mode = table.has("mode");
    let mode = table.choice("mode", &[Mode::Live, Mode::Test]);
    let (test_members, _) = table.strings("test_members").unwrap_or_default();
    if !test_members.is_empty() {
        let reason = "`test_members` are for services with mode = \"test\"";
        match mode {
            Some((Mode::Live, at)) => table.fault(at, reason),
            None if !has_mode => table.faults.add_unless_misspelt("mode", table.at, reason),
            None | Some((Mode::Test, _)) => {}
        }
    }
    for (id, at) in &test_members {
        names.refer(*at, Name::Account(id.clone()));
    }
    let has_secret = table.has("client_secret");
    let client_secret = secret::of_client(&mut table, Folder(folder), places);
    let agree_all = [AgreeAllPolicy::RequiredOnly, AgreeAllPolicy::Everything];
    let kakao = kakao_app(&mut table, id.unwrap_or_default(), Folder(folder), places);
    // Kakao apps may do without a secret, and their clients do without PKCE.
    let is_public = !has_secret && kakao.is_none();
    let require_pkce = require_pkce(&mut table, is_public);
    let mut texts = Texts::default();
    let name = display_name(&mut table, "name");
    texts.add("`name`", name.as_ref());
    let company = display_name(&mut table, "company");
    texts.add("`company`", company.as_ref());
    let mut of_service = OfService::default();
    let ask_again = ask_again::read(&mut table, ask_again::Written::default());
    let terms = terms(&mut table, ask_again, &mut texts, &mut of_service.terms);
    let dialect = kakao.as_ref().map_or(Dialect::Standard, |_| Dialect::Kakao);
    let personal_info = personal_info(&mut table, dialect, &mut texts, &mut of_service.items);
    let registration_number = registration_number(&mut table);
    let channels = channels(
        &mut table,
        registration_number.as_deref(),
        &mut texts,
        &mut names.channels,
        is_new,
    );
    let events = webhook::events(table.table("events"), Folder(folder), places);
    let advertising =
        webhook::advertising(table.table("advertising"), id.unwrap_or_default(), names);
    let min_age = min_age(&mut table);
    let note = table.text("note", statement_text);
    let mut notes = Texts::default();
    notes.add("`note`", note.as_ref());
    notes.languages(&table.faults);
    if let Some(id) = id {
        for (term, places_of_term) in &terms {
            places.add_term(id, term, *places_of_term);
        }
    }
    let service = Service {
        client_id: id.unwrap_or_default().to_owned(),
        name: placeholder(name),
        company: placeholder(company),
        icon: icon(&mut table, folder),
        look: look::read(&mut table, folder),
        redirect_uris: redirect_uris(&mut table),
        post_logout_redirect_uris: post_logout_redirect_uris(&mut table),
        initiate_login_uri: page(&mut table, "initiate_login_uri", Fragment::Refused),
        require_pkce,
        client_secret,
        kakao,
        mode: mode.map_or(Mode::Live, |(mode, _)| mode),
        verified: table.boolean("verified").unwrap_or(false),
        approved: table.boolean("approved").unwrap_or(false),
        min_age,
        under_age: under_age(&mut table, min_age),
        time_zone: time_zone(&mut table),
        agree_all: table
            .choice("agree_all", &agree_all)
            .map_or(AgreeAllPolicy::RequiredOnly, |(policy, _)| policy),
        test_members: test_members.into_iter().map(|(id, _)| id).collect(),
        privacy_policy_url: page(&mut table, "privacy_policy_url", Fragment::Taken),
        terms: terms.into_iter().map(|(term, _)| term).collect(),
        personal_info,
        channels,
        events,
        advertising,
        note: note.and_then(|note| note.text),
        locales: texts.languages(&table.faults),
    };
    names.add_service(id, of_service);
    if let Some(id) = id {
        places.services.insert(id.to_owned(), table.at);
    }
    service
}

/// The settings of a Kakao app; none for other services.
fn kakao_app(
    table: &mut Table<'_>,
    client_id: &str,
    folder: Folder<'_>,
    places: &mut Places,
) -> Option<KakaoApp> {
    let has_dialect = table.has("dialect");
    let dialect = table.choice("dialect", &[Dialect::Standard, Dialect::Kakao]);
    let settings = table.table("kakao");
    match (dialect, &settings) {
        (Some((Dialect::Kakao, _)), _) => {}
        (Some((Dialect::Standard, _)), Some(settings)) => {
            table.fault(settings.at, "`kakao` is for services with dialect = \"kakao\"");
        }
        (None, Some(settings)) if !has_dialect => {
            let reason = "`kakao` is for services with dialect = \"kakao\"";
            table.faults.add_unless_misspelt("dialect", settings.at, reason);
        }
        _ => {}
    }
    let app = kakao::read(settings, client_id, folder, places);
    dialect.filter(|(dialect, _)| *dialect == Dialect::Kakao).map(|_| app)
}

fn min_age(table: &mut Table<'_>) -> u8 {
    let configured = table.integer("min_age", 0..100);
    configured.and_then(|(age, _)| u8::try_from(age).ok()).unwrap_or(0)
}

fn under_age(table: &mut Table<'_>, min_age: u8) -> UnderAge {
    let chosen = table.choice("under_age", &[UnderAge::Refuse, UnderAge::Guardian]);
    if let Some((UnderAge::Guardian, at)) = chosen
        && min_age >= AGE_OF_CONSENT
    {
        let reason = format!(
            "guardians consent for children under {AGE_OF_CONSENT}, and `min_age = {min_age}` takes none"
        );
        table.fault(at, reason);
    }
    chosen.map_or(UnderAge::Refuse, |(chosen, _)| chosen)
}

/// Public clients have nothing but PKCE to prove themselves with.
fn require_pkce(table: &mut Table<'_>, is_public: bool) -> bool {
    let at = table.place("require_pkce");
    let configured = table.boolean("require_pkce");
    if let (true, Some(false), Some(at)) = (is_public, configured, at) {
        table.fault(at, "a service without `client_secret` must use PKCE (RFC 9700, 2.1.1)");
    }
    is_public || configured.unwrap_or(false)
}

/// The time zone of a service that names none.
const TIME_ZONE: &str = "Asia/Seoul";

/// The zones are the ones that are compiled in, whatever the machine has.
fn time_zone(table: &mut Table<'_>) -> TimeZone {
    let zones = TimeZoneDatabase::bundled();
    let zone = |name: &str| zones.get(name).ok().filter(|zone| !zone.is_unknown());
    let configured = table.string("time_zone").and_then(|(name, at)| {
        let found = zone(&name);
        if found.is_none() {
            let reason = format!("`{name}`: expected the name of a time zone, like {TIME_ZONE}");
            table.fault(at, reason);
        }
        found
    });
    configured
        .or_else(|| zone(TIME_ZONE))
        .expect("the zones that are compiled in have the one of Seoul")
}

/// A text as it is shown, so that a digest of it covers what people see.
fn statement_text(text: &str) -> Result<String, String> {
    name::check_text(text).map_err(|fault| fault.to_string())?;
    Ok(name::clean(text))
}

/// Stands for a text that could not be read: its fault is reported, and the service is not used.
fn placeholder(text: Option<Written<String>>) -> Text {
    text.and_then(|text| text.text).unwrap_or_else(|| Localised::everywhere(String::new()))
}

/// Names are shown beside the operator's own words, so they may not look like anything else.
fn checked_name(text: &str) -> Result<String, String> {
    name::check(text).map_err(|fault| fault.to_string())?;
    Ok(name::clean(text))
}

fn display_name(table: &mut Table<'_>, key: &'static str) -> Option<Written<String>> {
    table.need_text(key, checked_name)
}

fn statement(table: &mut Table<'_>, texts: &mut Texts, key: &'static str) -> Text {
    let text = table.need_text(key, statement_text);
    texts.add(format!("`{key}`"), text.as_ref());
    placeholder(text)
}

/// Whether an address may have a fragment. One that parameters are added to may not: they would
/// become a part of it.
#[derive(PartialEq, Eq)]
enum Fragment {
    Taken,
    Refused,
}

/// The address of a page that any user may be sent to.
fn page(table: &mut Table<'_>, key: &'static str, fragment: Fragment) -> Option<String> {
    table.string(key).map(|(url, at)| {
        if !is_web_page(&url) {
            table.fault(at, format!("`{url}` is not an https URL"));
        } else if fragment == Fragment::Refused && url.contains('#') {
            table.fault(at, format!("`{url}`: parameters are added to it, so it has no fragment"));
        }
        url
    })
}

/// Whether this is an https URL, or an http one on a loopback host.
pub fn is_web_page(url: &str) -> bool {
    redirect::origin(url)
        .is_ok_and(|origin| origin.starts_with("https://") || origin.starts_with("http://"))
}

fn redirect_uris(table: &mut Table<'_>) -> Vec<String> {
    let uris = table.need_strings("redirect_uris", "address").unwrap_or_default();
    checked_redirect_uris(table, uris)
}

fn post_logout_redirect_uris(table: &mut Table<'_>) -> Vec<String> {
    let (uris, _) = table.strings("post_logout_redirect_uris").unwrap_or_default();
    checked_redirect_uris(table, uris)
}

fn checked_redirect_uris(table: &mut Table<'_>, uris: Vec<(String, usize)>) -> Vec<String> {
    for (index, (uri, at)) in uris.iter().enumerate() {
        if uris[..index].iter().any(|(before, _)| before == uri) {
            table.fault(*at, format!("`{uri}` is there twice"));
            continue;
        }
        let reason = match redirect::origin(uri) {
            Ok(_) if uri.contains('#') => "a redirect URI has no fragment (RFC 6749, 3.1.2)",
            Ok(_) => continue,
            Err(Refused::Scheme) => {
                "expected https, http on a loopback host, or an app's own scheme with a dot in it"
            }
            Err(Refused::Characters) => "it holds characters that addresses do not have",
            Err(Refused::UserInfo) => "it names a user before the host",
            Err(Refused::Host | Refused::OtherOrigin) => "it has no proper host",
        };
        table.fault(*at, format!("`{uri}`: {reason}"));
    }
    uris.into_iter().map(|(uri, _)| uri).collect()
}

fn icon(table: &mut Table<'_>, folder: Option<&Path>) -> Option<Icon> {
    let (name, at) = table.string("icon")?;
    let read = || -> Result<Icon, String> {
        let folder = folder.ok_or("only a services.toml has files beside it")?;
        let bytes = std::fs::read(folder.join(&name)).map_err(|error| error.to_string())?;
        if bytes.len() > LARGEST_ICON {
            return Err(format!("larger than {} KiB", LARGEST_ICON / 1024));
        }
        // By what is in it, not by its name. No SVG: it can hold scripts (SEC-53).
        let media_type = match &bytes[..] {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            _ => return Err("neither PNG, JPEG nor WebP".into()),
        };
        Ok(Icon { name: crypto::content_name(&bytes), media_type, bytes })
    };
    match read() {
        Ok(icon) => Some(icon),
        Err(reason) => {
            table.fault(at, format!("icon `{name}`: {reason}"));
            None
        }
    }
}

const KINDS: &[TermKind] = &[
    TermKind::Service,
    TermKind::PrivacyCollection,
    TermKind::Marketing,
    TermKind::Overseas,
    TermKind::Sensitive,
];

const HIGHLIGHTS: &[HighlightKind] = &[
    HighlightKind::Promotion,
    HighlightKind::Sensitive,
    HighlightKind::Retention,
    HighlightKind::Recipient,
];

/// The first year in which a term can have begun.
const EARLIEST_YEAR: i32 = 1900;

fn terms(
    table: &mut Table<'_>,
    of_service: ask_again::Written,
    texts: &mut Texts,
    declared: &mut Declared,
) -> Vec<(Term, TermPlaces)> {
    let mut terms: Vec<(Term, TermPlaces)> = Vec::new();
    let tables = table.tables("terms");
    if !tables.whole {
        declared.is_not_whole();
    }
    for mut table in tables.tables {
        let tag = table.need_name("tag");
        declared.add(tag.as_ref().map(|(tag, _)| &**tag));
        let named = match &tag {
            Some((tag, _)) => format!("term `{tag}`"),
            None => "a term".to_owned(),
        };
        let kind = table.need_choice("kind", KINDS);
        let required = table.need_boolean("required");
        if let (Some((true, at)), Some((TermKind::Marketing, _))) = (required, kind) {
            table.fault(at, format!("{named} is marketing and can never be required (KR-P07)"));
        }
        let version = version(&mut table);
        let effective_from = table.need_date("effective_from");
        if let Some((day, at)) = effective_from
            && day.year() < EARLIEST_YEAR
        {
            table.fault(at, format!("`{day}`: expected a day from {EARLIEST_YEAR}-01-01 on"));
        }
        let title = table.need_text("title", checked_title);
        texts.add(format!("the title of {named}"), title.as_ref());
        let highlights = table.tables("highlights").tables.into_iter().map(|mut table| {
            let kind = table.need_choice("kind", HIGHLIGHTS);
            let text = table.need_text("text", statement_text);
            texts.add(format!("a highlight of {named}"), text.as_ref());
            (kind.map_or(HighlightKind::Promotion, |(kind, _)| kind), placeholder(text))
        });
        let highlights = highlights.collect();
        let blocks = table.need_text("text", text::blocks);
        texts.add(format!("the text of {named}"), blocks.as_ref());
        if let (Some((tag, at)), Some((version, _)), Some((day, _))) =
            (&tag, &version, &effective_from)
        {
            let others = || terms.iter().map(|(term, _)| term).filter(|other| other.tag == *tag);
            if others().any(|other| other.version == *version) {
                let reason = format!("there are two terms `{tag}` in version `{version}`");
                table.fault(*at, reason);
            } else if others().any(|other| other.effective_from == *day) {
                let reason = format!("there are two terms `{tag}` from {day} on: which one is it?");
                table.fault(*at, reason);
            }
        }
        let places = TermPlaces {
            version: version.as_ref().map_or(table.at, |(_, at)| *at),
            effective_from: effective_from.map_or(table.at, |(_, at)| at),
        };
        let title = placeholder(title);
        let blocks = blocks
            .and_then(|blocks| blocks.text)
            .unwrap_or_else(|| Localised::everywhere(Vec::new()));
        let term = Term {
            digests: digests(&title, &blocks),
            effective_from: effective_from.map_or(time::Date::MIN, |(day, _)| day),
            only_when_requested: table.boolean("only_when_requested").unwrap_or(false),
            valid_for: valid_for(&mut table),
            ask_again: ask_again::read(&mut table, of_service).into(),
            tag: tag.map(|(tag, _)| tag).unwrap_or_default(),
            kind: kind.map_or(TermKind::Service, |(kind, _)| kind),
            required: required.is_some_and(|(required, _)| required),
            version: version.map(|(version, _)| version).unwrap_or_default(),
            title,
            highlights,
            blocks,
        };
        terms.push((term, places));
    }
    terms
}

/// The version stands in an address and, between spaces, in a form field.
fn version(table: &mut Table<'_>) -> Option<(String, usize)> {
    let in_address = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    table.need_string("version").filter(|(version, at)| {
        let good =
            version.bytes().all(in_address) && version.len() <= 64 && !version.starts_with('.');
        if !good {
            let reason = format!("`{version}`: a version is 1 to 64 of A-Z a-z 0-9 . _ -");
            table.fault(*at, reason);
        }
        good
    })
}

/// How long an agreement is valid.
fn valid_for(table: &mut Table<'_>) -> Option<Period> {
    let (text, at) = table.string("valid_for")?;
    let period = text.parse();
    if let Err(reason) = &period {
        table.fault(at, reason);
    }
    period.ok()
}

/// A title may be longer than a name, and languages may stand beside each other in it.
fn checked_title(text: &str) -> Result<String, String> {
    name::check_title(text).map_err(|fault| fault.to_string())?;
    Ok(name::clean(text))
}

/// A label is a title as short as a name.
fn checked_label(text: &str) -> Result<String, String> {
    name::check_line(text).map_err(|fault| fault.to_string())?;
    checked_title(text)
}

fn digests(
    title: &Text,
    blocks: &Localised<Vec<consent_contract::document::Block>>,
) -> Localised<String> {
    let digest =
        |locale: &str| crypto::sri(&Document::digest_input(title.get(locale), blocks.get(locale)));
    let locales: Vec<&str> = blocks.locales().chain(title.locales()).collect();
    let by_locale = locales.iter().map(|locale| ((*locale).to_owned(), digest(locale))).collect();
    Localised::by_locale(by_locale).unwrap_or_else(|| Localised::everywhere(digest("ko")))
}

/// Whether the screen asks for the value of an item that the account lacks.
fn collect(item: &mut Table<'_>, attribute: Option<Attribute>) -> bool {
    let Some((collect, at)) = item.boolean_at("collect") else { return false };
    if let Some(attribute) = attribute
        && collect
        && attribute.collect().is_none()
    {
        let id = attribute.id();
        item.fault(at, format!("`{id}` cannot be typed on the screen: remove `collect`"));
    }
    collect
}

/// What happens where a required value is missing. As on the platform, one that the screen asks for has
/// to be typed, and one that it cannot ask for does not come.
fn when_missing(item: &mut Table<'_>, required: Option<bool>, collect: bool) -> WhenMissing {
    let chosen = item.choice("when_missing", &[WhenMissing::Stop, WhenMissing::Continue]);
    if let (Some((_, at)), Some(false)) = (chosen, required) {
        item.fault(at, "`when_missing` is for required items: an optional one can be refused");
    }
    let default = if collect { WhenMissing::Stop } else { WhenMissing::Continue };
    chosen.map_or(default, |(chosen, _)| chosen)
}

/// Whether `birthday` is the whole date of birth. On the platform it is not.
fn with_year(item: &mut Table<'_>, attribute: Option<Attribute>, dialect: Dialect) -> bool {
    let is_birthday = attribute.is_none_or(|attribute| attribute == Attribute::Birthday);
    let is_given = item.has("with_year");
    match item.boolean_at("with_year") {
        Some((_, at)) if !is_birthday => {
            item.fault(at, "`with_year` is for the item `birthday`");
            false
        }
        Some((with_year, _)) => with_year,
        // Something else than a boolean was reported: it has no second fault.
        None => !is_given && is_birthday && dialect == Dialect::Standard,
    }
}

fn personal_info(
    table: &mut Table<'_>,
    dialect: Dialect,
    texts: &mut Texts,
    declared: &mut Declared,
) -> PersonalInfo {
    let Some(mut table) = table.need_table("personal_info") else {
        declared.is_not_whole();
        let [recipient, purpose, retention, refusal_effect] = [(); 4].map(|()| placeholder(None));
        let (earlier_wordings, items) = (Vec::new(), Vec::new());
        return PersonalInfo {
            recipient,
            purpose,
            retention,
            refusal_effect,
            earlier_wordings,
            items,
        };
    };
    let known = Attribute::ALL.map(|attribute| (attribute.id(), attribute));
    let mut info = PersonalInfo {
        recipient: statement(&mut table, texts, "recipient"),
        purpose: statement(&mut table, texts, "purpose"),
        retention: statement(&mut table, texts, "retention"),
        refusal_effect: statement(&mut table, texts, "refusal_effect"),
        earlier_wordings: Vec::new(),
        items: Vec::new(),
    };
    let mut items: Vec<Item> = Vec::new();
    let mut birthyear = None;
    let tables = table.tables("items");
    if !tables.whole {
        declared.is_not_whole();
    }
    for mut item in tables.tables {
        let attribute = item.need_choice_of("id", &known);
        let id = attribute.map(|(attribute, _)| attribute.id());
        if !declared.add(id)
            && let Some((attribute, at)) = attribute
        {
            item.fault(at, format!("there are two items `{}`", attribute.id()));
        }
        let label = item.need_text("label", checked_label);
        let named = id.map_or_else(|| "an item".to_owned(), |id| format!("item `{id}`"));
        texts.add(format!("the label of {named}"), label.as_ref());
        let attribute = attribute.map(|(attribute, _)| attribute);
        let required = item.need_boolean("required").map(|(required, _)| required);
        let collect = collect(&mut item, attribute);
        let own_statements = own_statements(&mut item, texts, &named);
        let earlier = item.tables("earlier_wordings").tables.into_iter();
        let mut read = Item {
            attribute: attribute.unwrap_or(Attribute::Nickname),
            label: placeholder(label),
            required: required.unwrap_or(false),
            collect,
            when_missing: when_missing(&mut item, required, collect),
            only_when_requested: item.boolean("only_when_requested").unwrap_or(false),
            valid_for: valid_for(&mut item),
            with_year: with_year(&mut item, attribute, dialect),
            own_statements,
            earlier_wordings: Vec::new(),
        };
        let now = info.statements_of(&read);
        let earlier = earlier.map(|it| earlier_wording(it, texts, &named, now)).collect();
        read.earlier_wordings = earlier;
        items.push(read);
        if attribute == Some(Attribute::Birthyear) {
            birthyear = Some(item.at);
        }
    }
    let has_whole_date = |item: &Item| item.attribute == Attribute::Birthday && item.with_year;
    if let Some(at) = birthyear
        && items.iter().any(has_whole_date)
    {
        let reason = "the item `birthday` has the year already: set `with_year = false` there";
        table.fault(at, reason);
    }
    let now = [&info.recipient, &info.purpose, &info.retention, &info.refusal_effect];
    let earlier = table.tables("earlier_wordings").tables.into_iter();
    let earlier = earlier.map(|it| earlier_wording(it, texts, "the service", now)).collect();
    info.earlier_wordings = earlier;
    info.items = items;
    info
}

/// The statements that an item has of its own. `named` is the item in faults.
fn own_statements(item: &mut Table<'_>, texts: &mut Texts, named: &str) -> OwnStatements {
    let mut read = |key| {
        let text = item.text(key, statement_text);
        texts.add(format!("`{key}` of {named}"), text.as_ref());
        text.and_then(|text| text.text)
    };
    OwnStatements {
        recipient: read("recipient"),
        purpose: read("purpose"),
        retention: read("retention"),
        refusal_effect: read("refusal_effect"),
    }
}

/// `of` is in faults whose statements they are; `now`, what holds for texts that are left out.
fn earlier_wording(
    mut table: Table<'_>,
    texts: &mut Texts,
    of: &str,
    now: [&Text; 4],
) -> EarlierWording {
    let mut read = |key, now: &Text| {
        let text = table.text(key, statement_text);
        texts.add(format!("an earlier `{key}` of {of}"), text.as_ref());
        text.and_then(|text| text.text).unwrap_or_else(|| now.clone())
    };
    let [recipient, purpose, retention, _] = now;
    EarlierWording {
        recipient: read("recipient", recipient),
        purpose: read("purpose", purpose),
        retention: read("retention", retention),
    }
}

/// A business registration number, without its hyphens.
fn registration_number(table: &mut Table<'_>) -> Option<String> {
    let (text, at) = table.string("registration_number")?;
    let digits: String = text.chars().filter(|it| *it != '-').collect();
    if digits.len() != 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let reason =
            format!("`{text}`: a business registration number has 10 digits: 123-45-67890");
        table.fault(at, reason);
    }
    Some(digits)
}

/// What a condition that is not met is reported as.
fn unmet(what: String, condition: LinkingCondition) -> String {
    format!("{what}: {}, so {}", condition.rule(), condition.remedy())
}

/// The conditions under which the platform links a channel to a service, as far as the file has what they
/// are about.
fn business_conditions(table: &mut Table<'_>, of_service: Option<&str>, named: &str) {
    if let Some((false, at)) = table.boolean_at("business") {
        let condition = LinkingCondition::BusinessChannel;
        table.fault(at, unmet(format!("`{named}` is not a business channel"), condition));
    }
    let at = table.place("registration_number");
    let of_channel = registration_number(table);
    match (of_channel, of_service, at) {
        (Some(of_channel), Some(of_service), Some(at)) if of_channel != of_service => {
            let what = format!("`{named}` is registered to another business than the service");
            table.fault(at, unmet(what, LinkingCondition::SameRegistrationNumber));
        }
        (Some(_), None, Some(at)) => {
            let reason = format!(
                "`{named}` has a `registration_number` and its service has none: they are compared, so \
                 set it in `[[service]]`, too"
            );
            table.fault(at, reason);
        }
        _ => {}
    }
    if let Some((role, at)) = table.choice("role", &[ChannelRole::Manager, ChannelRole::None])
        && role == ChannelRole::None
    {
        let what = format!("who links `{named}` has `role = \"none\"` there");
        table.fault(at, unmet(what, LinkingCondition::Role));
    }
}

/// The role in the channel of the person who links it to the service.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum ChannelRole {
    Manager,
    None,
}

fn channels(
    table: &mut Table<'_>,
    registration_number: Option<&str>,
    texts: &mut Texts,
    declared: &mut Declared,
    is_new_service: bool,
) -> Vec<Channel> {
    let mut ids = Declared::default();
    let mut channels: Vec<Channel> = Vec::new();
    let tables = table.tables("channels");
    if !tables.whole {
        declared.is_not_whole();
    }
    for mut table in tables.tables {
        let public_id = table.need_name("public_id");
        let id = public_id.as_ref().map(|(id, _)| &**id);
        // Of two services with one id, that there are two is the fault.
        let is_linked_elsewhere = !declared.add(id) && is_new_service;
        if let Some((id, at)) = &public_id {
            if !ids.add(Some(id)) {
                table.fault(*at, format!("there are two channels `{id}`"));
            } else if is_linked_elsewhere {
                let what = format!("the channel `{id}` is linked to another service");
                table.fault(*at, unmet(what, LinkingCondition::OneService));
            }
        }
        business_conditions(&mut table, registration_number, id.unwrap_or("this channel"));
        let adult = table.boolean("adult").unwrap_or(false);
        let primary = table.boolean_at("primary");
        if let Some((true, at)) = primary
            && channels.iter().any(|channel| channel.primary)
        {
            let named = id.unwrap_or("this channel");
            table.fault(at, format!("`{named}`: another channel is primary already"));
        }
        let name = display_name(&mut table, "name");
        let named = id.map_or_else(|| "a channel".to_owned(), |id| format!("channel `{id}`"));
        texts.add(format!("the name of {named}"), name.as_ref());
        channels.push(Channel {
            name: placeholder(name),
            primary: primary.is_some_and(|(primary, _)| primary),
            adult,
            public_id: public_id.map(|(id, _)| id).unwrap_or_default(),
        });
    }
    channels
}
