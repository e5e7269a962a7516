//! The configuration: one TOML file with services, accounts and how people sign in.
//!
//! Reading it finds every fault at once. What comes out is a [`Catalog`] that nothing needs to
//! check again.

mod account;
mod catalog;
mod fault;
mod impersonation;
mod languages;
mod reader;
mod reference;
mod service;
mod text;

use std::path::{Path, PathBuf};

use consent_contract::redirect;
use toml::de::DeTable;

pub use catalog::{
    Account, Attribute, Catalog, Channel, How, Icon, Item, Link, Localised, PersonalInfo, Service,
    SignIn, Term, Text,
};
pub use fault::Fault;
use fault::{Faults, place};
use impersonation::Names;
use reader::Table;

/// A configuration and where it came from.
#[derive(Debug, Clone)]
pub struct Source {
    /// As it is named in faults.
    pub name: String,
    pub toml: String,
    /// Where the files stand that it names; none for a built-in configuration.
    folder: Option<PathBuf>,
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is not UTF-8.
    pub fn file(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            name: path.display().to_string(),
            toml: std::fs::read_to_string(path)?,
            folder: Some(path.parent().unwrap_or(Path::new("")).to_owned()),
        })
    }

    /// A configuration that is built in.
    #[must_use]
    pub fn built_in(name: &str, toml: String) -> Self {
        Self { name: name.to_owned(), toml, folder: None }
    }

    /// A fault at a place of this source, see [`Term::position`].
    #[must_use]
    pub fn fault(&self, position: usize, reason: String) -> Fault {
        place(&self.name, &self.toml, position, reason)
    }

    /// Reads and checks.
    ///
    /// # Errors
    /// Every fault there is, in the order of the file.
    pub fn catalog(&self) -> Result<Catalog, Vec<Fault>> {
        let faults = Faults::default();
        let (document, broken) = DeTable::parse_recoverable(&self.toml);
        if !broken.is_empty() {
            // What follows a broken line is guessed at: checking it would only add noise.
            for error in broken {
                faults.add(error.span().map_or(0, |span| span.start), error.message());
            }
            return Err(faults.placed(&self.name, &self.toml));
        }
        let mut catalog = Catalog::default();
        let mut root = Table::new(document.get_ref(), 0, &faults);
        let mut references = Vec::new();
        let mut names = Names::default();
        for table in root.tables("service") {
            let at = table.at;
            let service = service::read(table, self.folder.as_deref(), &mut references);
            names.add(&service, at, &faults);
            let id = service.client_id.clone();
            if catalog.services.insert(id.clone(), service).is_some() {
                faults.add(at, format!("there are two services `{id}`"));
            }
        }
        for table in root.tables("account") {
            let at = table.at;
            let account = account::read(table, &mut references);
            let id = account.id.clone();
            if catalog.accounts.insert(id.clone(), account).is_some() {
                faults.add(at, format!("there are two accounts `{id}`"));
            }
        }
        for reference in references {
            if let Err(reason) = reference.check(&catalog) {
                faults.add(reference.at, reason);
            }
        }
        if let Some(table) = root.table("sign_in") {
            catalog.sign_in = sign_in(table);
        }
        drop(root);
        let found = faults.placed(&self.name, &self.toml);
        if found.is_empty() { Ok(catalog) } else { Err(found) }
    }
}

fn sign_in(mut table: Table<'_>) -> SignIn {
    let login_url = table.string("login_url").map(|(url, at)| {
        let https = redirect::origin(&url).is_ok_and(|origin| origin.starts_with("http"));
        if !redirect::is_own_path(&url) && !https {
            table.fault(at, format!("`{url}`: expected a path on this origin or an https URL"));
        }
        url
    });
    let mut header = |key| {
        table.string(key).map(|(name, at)| {
            if name.parse::<axum::http::HeaderName>().is_err() {
                table.fault(at, format!("`{name}` is not the name of a header"));
            }
            (name, at)
        })
    };
    let (account_header, auth_time_header) = (header("account_header"), header("auth_time_header"));
    if let (None, Some((_, at))) = (&account_header, &auth_time_header) {
        table
            .fault(*at, "`auth_time_header` is read beside an `account_header`, and there is none");
    }
    let [account_header, auth_time_header] =
        [account_header, auth_time_header].map(|header| header.map(|(name, _)| name));
    SignIn { login_url, account_header, auth_time_header }
}
