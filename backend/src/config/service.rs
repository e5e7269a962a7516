//! Reads `[[service]]`.

use std::{collections::HashSet, path::Path};

use consent_contract::{
    document::Document,
    name,
    redirect::{self, Refused},
    request::{AgreeAllPolicy, HighlightKind, Mode, TermKind},
};

use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::{
    catalog::{Attribute, Channel, Icon, Item, Localised, PersonalInfo, Service, Term, Text},
    languages,
    reader::Table,
    reference::{Name, Reference},
    text,
};
use crate::crypto;

/// The largest icon, in bytes.
const LARGEST_ICON: usize = 256 * 1024;

pub fn read(
    mut table: Table<'_>,
    folder: Option<&Path>,
    references: &mut Vec<Reference>,
) -> Service {
    let (client_id, _) = table.need_name("client_id");
    let mode = table.choice("mode", &[("live", Mode::Live), ("test", Mode::Test)]);
    let test_members = table.strings("test_members");
    if mode != Some(Mode::Test) && !test_members.is_empty() {
        table.fault(test_members[0].1, "`test_members` are for services with mode = \"test\"");
    }
    references.extend(
        test_members.iter().map(|(id, at)| Reference { at: *at, name: Name::Account(id.clone()) }),
    );
    let client_secret = table.string("client_secret").map(|(secret, at)| {
        if secret.len() < 16 {
            table.fault(at, "`client_secret` is shorter than 16 characters");
        }
        secret
    });
    let require_pkce = require_pkce(&mut table, client_secret.is_none());
    let agree_all = [
        ("required_only", AgreeAllPolicy::RequiredOnly),
        ("everything", AgreeAllPolicy::Everything),
    ];
    let privacy_policy_url = page(&mut table, "privacy_policy_url");
    let initiate_login_uri = page(&mut table, "initiate_login_uri");
    let mut service = Service {
        name: display_name(&mut table, "name"),
        company: display_name(&mut table, "company"),
        icon: icon(&mut table, folder),
        redirect_uris: redirect_uris(&mut table),
        client_secret,
        require_pkce,
        mode: mode.unwrap_or(Mode::Live),
        verified: table.boolean("verified").unwrap_or(false),
        approved: table.boolean("approved").unwrap_or(false),
        min_age: table.integer("min_age", 0..100).unwrap_or(0),
        time_zone: time_zone(&mut table),
        agree_all: table.choice("agree_all", &agree_all).unwrap_or(AgreeAllPolicy::RequiredOnly),
        test_members: test_members.into_iter().map(|(id, _)| id).collect(),
        privacy_policy_url,
        initiate_login_uri,
        terms: terms(&mut table),
        personal_info: personal_info(&mut table),
        channels: channels(&mut table),
        note: table.text("note", statement_text),
        locales: Vec::new(),
        client_id,
    };
    service.locales = languages::of(&service, &table);
    service
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

fn nothing() -> Text {
    Localised::everywhere(String::new())
}

/// Names are shown beside the operator's own words, so they may not look like anything else.
fn checked_name(text: &str) -> Result<String, String> {
    name::check(text).map_err(|fault| fault.to_string())?;
    Ok(name::clean(text))
}

fn display_name(table: &mut Table<'_>, key: &'static str) -> Text {
    table.need_text(key, checked_name).unwrap_or_else(nothing)
}

fn statement(table: &mut Table<'_>, key: &'static str) -> Text {
    table.need_text(key, statement_text).unwrap_or_else(nothing)
}

/// The address of a page that anybody may be sent to.
fn page(table: &mut Table<'_>, name: &'static str) -> Option<String> {
    table.string(name).map(|(url, at)| {
        match redirect::origin(&url) {
            Ok(origin) if origin.starts_with("http") => {}
            _ => table.fault(at, format!("`{url}` is not an https URL")),
        }
        url
    })
}

fn redirect_uris(table: &mut Table<'_>) -> Vec<String> {
    let uris = table.strings("redirect_uris");
    if uris.is_empty() {
        table.fault(table.at, "`redirect_uris` needs at least one address");
    }
    for (uri, at) in &uris {
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
        let folder = folder.ok_or("a built-in configuration has no files beside it")?;
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

const KINDS: &[(&str, TermKind)] = &[
    ("service", TermKind::Service),
    ("privacy_collection", TermKind::PrivacyCollection),
    ("marketing", TermKind::Marketing),
    ("overseas", TermKind::Overseas),
    ("sensitive", TermKind::Sensitive),
];

const HIGHLIGHTS: &[(&str, HighlightKind)] = &[
    ("promotion", HighlightKind::Promotion),
    ("sensitive", HighlightKind::Sensitive),
    ("retention", HighlightKind::Retention),
    ("recipient", HighlightKind::Recipient),
];

fn terms(table: &mut Table<'_>) -> Vec<Term> {
    let mut tags = HashSet::new();
    let mut terms = Vec::new();
    for mut table in table.tables("terms") {
        let (tag, at) = table.need_name("tag");
        if !tags.insert(tag.clone()) {
            table.fault(at, format!("there are two terms `{tag}`"));
        }
        let kind = table.need_choice("kind", KINDS);
        let required = table.need_boolean("required");
        if required && kind == TermKind::Marketing {
            table.fault(at, format!("`{tag}` is marketing and can never be required (KR-P07)"));
        }
        let (version, version_at) = table.need_string("version");
        // The version stands in an address and, between spaces, in a form field.
        let in_address = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if !version.bytes().all(in_address) || version.len() > 64 || version.starts_with('.') {
            let reason = format!("`{version}`: a version is 1 to 64 of A-Z a-z 0-9 . _ -");
            table.fault(version_at, reason);
        }
        let effective_from = table.date("effective_from");
        if effective_from.is_none() {
            table.fault(table.at, format!("`{tag}` needs a day in `effective_from`"));
        }
        let title = table.need_text("title", checked_title).unwrap_or_else(nothing);
        let highlights = table.tables("highlights").into_iter().map(|mut table| {
            (table.need_choice("kind", HIGHLIGHTS), statement(&mut table, "text"))
        });
        let highlights = highlights.collect();
        let blocks = table
            .need_text("text", text::blocks)
            .unwrap_or_else(|| Localised::everywhere(Vec::new()));
        terms.push(Term {
            digests: digests(&title, &blocks),
            effective_from: effective_from.map(|(day, _)| day.to_string()).unwrap_or_default(),
            only_when_requested: table.boolean("only_when_requested").unwrap_or(false),
            position: version_at,
            tag,
            kind,
            required,
            version,
            title,
            highlights,
            blocks,
        });
    }
    terms
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

fn personal_info(table: &mut Table<'_>) -> PersonalInfo {
    let Some(mut table) = table.table("personal_info") else {
        table.fault(table.at, "`personal_info` is missing");
        let [recipient, purpose, retention, refusal_effect] = [(); 4].map(|()| nothing());
        return PersonalInfo { recipient, purpose, retention, refusal_effect, items: Vec::new() };
    };
    let mut ids = HashSet::new();
    let known = Attribute::ALL.map(|attribute| (attribute.id(), attribute));
    let mut items = Vec::new();
    for mut item in table.tables("items") {
        let attribute = item.need_choice("id", &known);
        if !ids.insert(attribute.id()) {
            item.fault(item.at, format!("there are two items `{}`", attribute.id()));
        }
        items.push(Item {
            attribute,
            label: item.need_text("label", checked_label).unwrap_or_else(nothing),
            required: item.need_boolean("required"),
            collect: item.boolean("collect").unwrap_or(false),
            only_when_requested: item.boolean("only_when_requested").unwrap_or(false),
        });
    }
    PersonalInfo {
        recipient: statement(&mut table, "recipient"),
        purpose: statement(&mut table, "purpose"),
        retention: statement(&mut table, "retention"),
        refusal_effect: statement(&mut table, "refusal_effect"),
        items,
    }
}

fn channels(table: &mut Table<'_>) -> Vec<Channel> {
    let mut ids = HashSet::new();
    let mut channels: Vec<Channel> = Vec::new();
    for mut table in table.tables("channels") {
        let (public_id, at) = table.need_name("public_id");
        if !ids.insert(public_id.clone()) {
            table.fault(at, format!("there are two channels `{public_id}`"));
        }
        let primary = table.boolean("primary").unwrap_or(false);
        if primary && channels.iter().any(|channel| channel.primary) {
            table.fault(at, format!("`{public_id}`: another channel is primary already"));
        }
        channels.push(Channel { name: display_name(&mut table, "name"), public_id, primary });
    }
    channels
}
