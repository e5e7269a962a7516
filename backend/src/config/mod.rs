//! The configuration: one TOML file with services, accounts and how people sign in.
//!
//! Reading it finds every fault at once. What comes out is a [`Catalog`] that nothing needs to
//! check again.

mod account;
mod admin;
mod admin_keys;
mod ask_again;
mod catalog;
mod fault;
mod guardian;
mod identity;
mod impersonation;
mod kakao;
mod languages;
mod look;
mod messenger_events;
mod oidc;
mod period;
mod person;
mod places;
mod reader;
mod reference;
mod retention;
mod secret;
mod seed;
mod service;
mod service_json;
mod shipping_address;
mod sign_in;
mod webhook;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use consent_services::attribute::{Attribute, ItemKind};
use toml::de::{DeTable, DeValue};

pub use catalog::{
    AGE_OF_CONSENT, Account, AdminApi, AdminKey, AskAgain, Catalog, Channel, Dialect,
    EarlierWording, GuardianMail, How, Icon, Item, KakaoApp, Link, Localised, Oidc, OwnStatements,
    PersonalInfo, Retention, Service, SignIn, Term, Text, UnderAge, WhenMissing,
};
pub use fault::Fault;
use fault::{Faults, place};
use impersonation::DisplayNames;
pub use languages::check_tag as check_language_tag;
pub use look::{Font, Look};
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
pub use service_json::{ReadService, ServiceFault, ServiceReader};
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
            catalog.accounts.insert(account.id.clone(), Arc::new(account));
        }
        if let Some(table) = root.table("sign_in") {
            places.sign_in = Some(table.at);
            catalog.sign_in = sign_in::read(table, Folder(self.folder.as_deref()), &mut places);
        }
        if let Some(table) = root.table("retention") {
            catalog.retention = retention::read(table);
        }
        if let Some(table) = root.table("admin") {
            catalog.admin = admin::read(table, Folder(self.folder.as_deref()), &mut places);
        }
        if let Some(table) = root.table("messenger_events") {
            let folder = Folder(self.folder.as_deref());
            catalog.messenger_events = messenger_events::read(table, folder, &mut places);
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
