//! The configuration: one TOML file with services, accounts and how people sign in.
//!
//! Reading it finds every fault at once. What comes out is a [`Catalog`] that nothing needs to
//! check again.

mod account;
mod admin_keys;
mod ask_again;
mod attribute;
mod catalog;
mod fault;
mod guardian;
mod identity;
mod impersonation;
mod kakao;
mod languages;
mod period;
mod person;
mod places;
mod reader;
mod reference;
mod retention;
mod secret;
mod seed;
mod service;
mod shipping_address;
mod text;
mod webhook;

use std::path::{Path, PathBuf};

use consent_contract::redirect;
use toml::de::{DeTable, DeValue};

pub use attribute::{Attribute, ItemKind};
pub use catalog::{
    AGE_OF_CONSENT, Account, AskAgain, Catalog, Channel, Dialect, EarlierWording, GuardianMail,
    How, Icon, Item, KakaoApp, Link, Localised, OwnStatements, PersonalInfo, Retention, Service,
    SignIn, Term, Text, UnderAge, WhenMissing,
};
pub use fault::Fault;
use fault::{Faults, place};
use impersonation::DisplayNames;
pub use languages::check_tag as check_language_tag;
pub use period::{Period, start_of_day};
pub use person::{
    AddressKind, AgeRange, ConnectingInformation, Gender, LegalIdentity, LunarDay, ShippingAddress,
};
pub use places::{Places, TermPlaces};
use reader::Table;
use reference::Names;
pub use secret::ClientSecrets;
use secret::Folder;
pub use seed::accounts_of_json;
pub use webhook::{Advertising, EventTarget, NoticeSender, UnlinkMethod, UnlinkWebhook};

/// A configuration and where it came from.
#[derive(Debug, Clone)]
pub struct Source {
    /// As it is named in faults.
    pub name: String,
    pub toml: String,
    /// Where the files stand that it names; none for a built-in configuration.
    folder: Option<PathBuf>,
}

/// Why a file is no source.
#[derive(Debug)]
pub enum Unreadable {
    /// The file cannot be read.
    Io(std::io::Error),
    /// It is not UTF-8, as TOML is; with the place of the first byte that is not.
    NotUtf8(Fault),
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Configuration {
    pub catalog: Catalog,
    pub places: Places,
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub fn file(path: &Path) -> Result<Self, Unreadable> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(Unreadable::Io)?;
        let toml = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let (before, after) = error.as_bytes().split_at(valid);
            let before = String::from_utf8_lossy(before);
            let byte = after.first().copied().unwrap_or_default();
            let reason = format!("the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8");
            Unreadable::NotUtf8(place(&name, &before, before.len(), reason))
        })?;
        let folder = Some(path.parent().unwrap_or(Path::new("")).to_owned());
        Ok(Self { name, toml, folder })
    }

    /// A configuration that is built in.
    #[must_use]
    pub fn built_in(name: &str, toml: String) -> Self {
        Self { name: name.to_owned(), toml, folder: None }
    }

    /// A fault at a place of this source, see [`Places`].
    #[must_use]
    pub fn fault(&self, position: usize, reason: String) -> Fault {
        place(&self.name, &self.toml, position, reason)
    }

    /// Reads and checks.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn catalog(&self) -> Result<Catalog, Vec<Fault>> {
        self.read().map(|configuration| configuration.catalog)
    }

    /// Reads and checks; with the catalog, where things stand in the file.
    ///
    /// # Errors
    /// Every fault there is, in the order of the file. Of what is no TOML, the first fault only.
    pub fn read(&self) -> Result<Configuration, Vec<Fault>> {
        let faults = Faults::default();
        let (document, broken) = DeTable::parse_recoverable(&self.toml);
        let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
        if let Some(first) = broken.iter().min_by_key(|error| start(error)) {
            // What follows a broken line is guessed at, and more faults in it would be noise.
            let (at, reason) = lost_list(&self.toml, document.get_ref(), start(first))
                .unwrap_or_else(|| (start(first), first.message().to_owned()));
            faults.add(at, reason);
            return Err(faults.placed(&self.name, &self.toml));
        }
        let mut catalog = Catalog::default();
        let mut places = Places::default();
        let mut names = Names::default();
        let mut root = Table::root(document.get_ref(), &faults);
        let services = root.tables("service");
        if !services.whole {
            names.services.is_not_whole();
            names.channels.is_not_whole();
        }
        let mut display_names = DisplayNames::default();
        for table in services.tables {
            let at = table.at;
            let service = service::read(table, self.folder.as_deref(), &mut names, &mut places);
            display_names.add(&service, at, &faults);
            catalog.services.insert(service.client_id.clone(), service);
        }
        admin_keys::check(&catalog, &places, &faults);
        let accounts = root.tables("account");
        if !accounts.whole {
            names.accounts.is_not_whole();
        }
        for table in accounts.tables {
            let (account, at) = account::read(table, &mut names, &mut places);
            places.accounts.insert(account.id.clone(), at);
            catalog.accounts.insert(account.id.clone(), account);
        }
        if let Some(table) = root.table("sign_in") {
            places.sign_in = Some(table.at);
            catalog.sign_in = sign_in(table);
        }
        if let Some(table) = root.table("retention") {
            catalog.retention = retention::read(table);
        }
        let has_guardian = root.has("guardian");
        if let Some(table) = root.table("guardian") {
            catalog.guardian = guardian::read(table, Folder(self.folder.as_deref()), &mut places);
        }
        if !has_guardian && self.folder.is_some() {
            guardian::check(&catalog, &places, &faults);
        }
        drop(root);
        // After everything was read, because it matters which keys were misspelt.
        names.check(&faults);
        let found = faults.placed(&self.name, &self.toml);
        if found.is_empty() { Ok(Configuration { catalog, places }) } else { Err(found) }
    }
}

/// Why the `[[service.terms]]` at this place is a duplicate key for TOML: one before it is misspelt or
/// missing, so that what stood below that one made a table of the list. Where that is, and why.
fn lost_list(toml: &str, root: &DeTable<'_>, at: usize) -> Option<(usize, String)> {
    let start = toml.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let header = toml.get(start..)?.lines().next()?.trim().strip_prefix("[[")?;
    let path: Vec<&str> = header.split(']').next()?.split('.').map(str::trim).collect();
    let (last, before) = path.split_last()?;
    let mut table = root;
    for key in before {
        let value = table.get(*key)?;
        table = match value.get_ref() {
            DeValue::Table(table) => table,
            DeValue::Array(tables) => {
                let earlier = tables.iter().rfind(|it| it.span().start < at);
                earlier?.get_ref().as_table()?
            }
            _ => return None,
        };
    }
    let lost = table.get(*last).filter(|value| value.get_ref().is_table())?;
    let alike = table.keys().find(|key| {
        let is_another = key.get_ref() != last && key.span().start < at;
        is_another && reader::is_alike(key.get_ref(), last)
    });
    Some(match alike {
        Some(key) => {
            (key.span().start, format!("unknown field `{}`; did you mean `{last}`?", key.get_ref()))
        }
        None => {
            let whole = path.join(".");
            (lost.span().start, format!("there is no `[[{whole}]]` before this"))
        }
    })
}

/// Headers that a proxy cannot use to name an account: the request's own, and those that every
/// proxy writes something else into. None of them can be the time of authentication either.
const TAKEN_HEADERS: [&str; 20] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-real-ip",
];

/// Their names begin so: `x-forwarded-for`, `sec-fetch-site`.
const TAKEN_PREFIXES: [&str; 3] = ["x-forwarded-", "sec-", "proxy-"];

fn is_taken(header: &axum::http::HeaderName) -> bool {
    let name = header.as_str();
    // The account under the names that proxies have for it.
    let names_an_account =
        ["x-forwarded-user", "x-forwarded-email", "x-forwarded-preferred-username"];
    TAKEN_HEADERS.contains(&name)
        || (TAKEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            && !names_an_account.contains(&name))
}

/// Where this backend answers itself: a login page there would send browsers in a circle.
const OUR_PATHS: [&str; 14] = [
    "/.well-known",
    "/account",
    "/api",
    "/auto-login",
    "/consent",
    "/guardian",
    "/healthz",
    "/icons",
    "/oauth",
    "/readyz",
    "/studio",
    "/v1",
    "/v2",
    "/__test",
];

/// What is wrong with a login address that is one.
fn login_url_fault(url: &str) -> Option<&'static str> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let is_at = |place: &&str| {
        path.strip_prefix(*place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let names = || url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    if OUR_PATHS.iter().any(is_at) {
        Some("this backend answers there itself, and has no login page")
    } else if names().any(|name| name.is_empty()) {
        Some("it has a parameter without a name")
    } else if names().any(|name| name == "return_to") {
        Some("`return_to` is added to it")
    } else {
        None
    }
}

fn sign_in(mut table: Table<'_>) -> SignIn {
    let login_url = table.string("login_url").map(|(url, at)| {
        if !redirect::is_own_path(&url) && !service::is_web_page(&url) {
            table.fault(at, format!("`{url}`: expected a path on this origin or an https URL"));
        } else if url.contains('#') {
            table.fault(at, format!("`{url}`: parameters are added to it, so it has no fragment"));
        } else if let Some(reason) = login_url_fault(&url) {
            table.fault(at, format!("`{url}`: {reason}"));
        }
        url
    });
    let has_account_header = table.has("account_header");
    let mut header = |key| {
        table.string(key).map(|(name, at)| {
            match name.parse::<axum::http::HeaderName>() {
                Err(_) => table.fault(at, format!("`{name}` is not the name of a header")),
                Ok(header) if is_taken(&header) => {
                    table.fault(
                        at,
                        format!("`{name}` has a meaning of its own: take another header"),
                    );
                }
                Ok(_) => {}
            }
            (name, at)
        })
    };
    let account_header = header("account_header").map(|(name, _)| name);
    let auth_time_header = header("auth_time_header");
    if let (Some(account), Some((time, at))) = (&account_header, &auth_time_header)
        && account.eq_ignore_ascii_case(time)
    {
        table
            .fault(*at, format!("`{time}` is the `account_header`: the time needs one of its own"));
    }
    if auth_time_header.is_some() && !has_account_header {
        let reason = "`account_header` is missing: `auth_time_header` stands beside one";
        table.faults.add_unless_misspelt("account_header", table.at, reason);
    }
    let auth_time_header = auth_time_header.map(|(name, _)| name);
    SignIn { login_url, account_header, auth_time_header }
}
