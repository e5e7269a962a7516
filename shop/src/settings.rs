//! The settings file. Nothing else has to change for a move from a test server to the real platform.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use toml::{Table, Value};
use url::Url;

// sample: settings
/// What the shop has to know about itself and about the provider.
#[derive(Clone, Default)]
pub struct Settings {
    /// Where browsers find the shop: `https://shop.example`.
    pub origin: String,
    /// The provider, as ID tokens name it. On the real platform `https://kauth.kakao.com`.
    pub issuer: String,
    /// The platform's API. On the real platform `https://kapi.kakao.com`; by default the issuer.
    pub api_url: String,
    pub client_id: String,
    pub client_secret: String,
    /// Authenticates the shop at the API, and the platform at the shop's webhooks.
    pub admin_key: String,
    pub app_id: u64,
    pub channel_public_id: Option<String>,
    /// The tag of the required term that is asked for at the coupons.
    pub coupons_term: Option<String>,
    /// Where users see what they agreed to at the provider.
    pub account_url: Option<String>,
    /// The shop runs under its test app.
    pub test_app: bool,
    /// Text after the shop's name.
    pub name_suffix: String,
    /// Shows what a demonstration needs: the mails that the shop sends, and `/developers/forget`.
    pub demo_mailbox: bool,
    /// Adds members of before at the first start.
    pub demo_members: bool,
    /// Where test accounts are chosen.
    pub demo_url: Option<String>,
}
// end sample

/// Everything that is wrong with a settings file, one line for each fault.
#[derive(Debug)]
pub struct SettingsError {
    file: PathBuf,
    faults: Vec<String>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} cannot be used:", self.file.display())?;
        self.faults.iter().try_for_each(|fault| write!(formatter, "\n  {fault}"))
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// Every fault at once, each with its key.
    pub fn read(file: &Path) -> Result<Self, SettingsError> {
        let failed = |faults: Vec<String>| SettingsError { file: file.to_owned(), faults };
        let text = fs::read_to_string(file).map_err(|error| failed(vec![error.to_string()]))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let read_secret = |name: &str| fs::read_to_string(folder.join(name));
        Self::parse(&text, &read_secret).map_err(failed)
    }

    /// Reads settings from text. `read_secret` reads the file that a `…_file` key names.
    ///
    /// # Errors
    /// Every fault at once, each with its key.
    pub fn parse(
        text: &str,
        read_secret: &dyn Fn(&str) -> io::Result<String>,
    ) -> Result<Self, Vec<String>> {
        let table: Table = text.parse().map_err(|error| vec![format!("{error}")])?;
        let mut keys = Keys { table, section: None, faults: Vec::new() };
        let issuer = keys.address("issuer").unwrap_or_default();
        let mut settings = Self {
            origin: keys.address("origin").unwrap_or_default(),
            api_url: keys.optional_address("api_url").unwrap_or_else(|| issuer.clone()),
            issuer,
            client_id: keys.text("client_id").unwrap_or_default(),
            client_secret: keys.secret("client_secret", read_secret),
            admin_key: keys.secret("admin_key", read_secret),
            app_id: keys.app_id(),
            channel_public_id: keys.optional("channel_public_id"),
            account_url: keys.optional_address("account_url"),
            test_app: keys.flag("test_app"),
            name_suffix: keys.optional("name_suffix").unwrap_or_default(),
            demo_mailbox: keys.flag("demo_mailbox"),
            demo_members: keys.flag("demo_members"),
            demo_url: keys.optional_address("demo_url"),
            ..Self::default()
        };
        let mut terms = keys.section("terms");
        settings.coupons_term = terms.optional("coupons");
        terms.unknown();
        keys.faults.append(&mut terms.faults);
        keys.unknown();
        let for_a_demo = [
            ("demo_mailbox", settings.demo_mailbox),
            ("demo_members", settings.demo_members),
            ("demo_url", settings.demo_url.is_some()),
        ];
        for (key, _) in for_a_demo.into_iter().filter(|(_, is_set)| *is_set) {
            // The mailbox shows everyone's codes, and the members have a password that is published.
            if settings.issuer.starts_with("https://") {
                keys.fault(key, "is for a demo on this machine, whose issuer is not https");
            }
        }
        if keys.faults.is_empty() { Ok(settings) } else { Err(keys.faults) }
    }

    /// Whether browsers reach the shop over https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// The keys of a table that were not read yet, and the faults that were found.
struct Keys {
    table: Table,
    section: Option<&'static str>,
    faults: Vec<String>,
}

impl Keys {
    fn fault(&mut self, key: &str, what: &str) {
        self.faults.push(match self.section {
            Some(section) => format!("{section}.{key}: {what}"),
            None => format!("{key}: {what}"),
        });
    }

    fn optional(&mut self, key: &str) -> Option<String> {
        match self.table.remove(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            Value::String(_) => {
                self.fault(key, "is empty");
                None
            }
            _ => {
                self.fault(key, "is not a string");
                None
            }
        }
    }

    fn text(&mut self, key: &str) -> Option<String> {
        let is_there = self.table.contains_key(key);
        let text = self.optional(key);
        if !is_there {
            self.fault(key, "is missing");
        }
        text
    }

    fn address(&mut self, key: &str) -> Option<String> {
        let text = self.text(key)?;
        self.checked_address(key, text)
    }

    fn optional_address(&mut self, key: &str) -> Option<String> {
        let text = self.optional(key)?;
        self.checked_address(key, text)
    }

    fn checked_address(&mut self, key: &str, text: String) -> Option<String> {
        let is_local = |url: &Url| match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        match Url::parse(&text) {
            Ok(url) if url.scheme() == "https" || (url.scheme() == "http" && is_local(&url)) => {}
            _ => {
                self.fault(key, "is neither an https address nor an http one of this machine");
                return None;
            }
        }
        if text.ends_with('/') {
            self.fault(key, "ends with a slash");
            return None;
        }
        Some(text)
    }

    fn secret(&mut self, key: &str, read: &dyn Fn(&str) -> io::Result<String>) -> String {
        let file_key = format!("{key}_file");
        let secret = match (self.table.contains_key(key), self.optional(&file_key)) {
            (true, Some(_)) => {
                self.fault(&file_key, &format!("stands beside {key}"));
                self.optional(key)
            }
            (_, None) => self.text(key),
            (false, Some(file)) => match read(&file) {
                Ok(secret) if !secret.trim().is_empty() => Some(secret.trim().to_owned()),
                Ok(_) => {
                    self.fault(&file_key, &format!("{file} is empty"));
                    None
                }
                Err(error) => {
                    self.fault(&file_key, &format!("{file}: {error}"));
                    None
                }
            },
        };
        secret.unwrap_or_default()
    }

    fn app_id(&mut self) -> u64 {
        let id = match self.table.remove("app_id") {
            Some(Value::Integer(id)) => u64::try_from(id).ok(),
            Some(_) => None,
            None => {
                self.fault("app_id", "is missing");
                return 0;
            }
        };
        id.unwrap_or_else(|| {
            self.fault("app_id", "is not a number of an app");
            0
        })
    }

    fn flag(&mut self, key: &str) -> bool {
        match self.table.remove(key) {
            None => false,
            Some(Value::Boolean(flag)) => flag,
            Some(_) => {
                self.fault(key, "is neither true nor false");
                false
            }
        }
    }

    fn section(&mut self, name: &'static str) -> Keys {
        let table = match self.table.remove(name) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(_) => {
                self.fault(name, "is not a table");
                Table::new()
            }
        };
        Keys { table, section: Some(name), faults: Vec::new() }
    }

    fn unknown(&mut self) {
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        unknown.iter().for_each(|key| self.fault(key, "is not a setting"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        origin = "https://shop.example"
        issuer = "https://id.example"
        client_id = "shop"
        client_secret = "secret"
        admin_key_file = "key"
        app_id = 817001
        [terms]
        coupons = "coupons"
    "#;

    fn parse(text: &str) -> Result<Settings, Vec<String>> {
        Settings::parse(text, &|file| match file {
            "key" => Ok("admin\n".to_owned()),
            _ => Err(io::ErrorKind::NotFound.into()),
        })
    }

    #[test]
    fn good_settings_are_read() {
        let settings = parse(GOOD).unwrap();
        assert_eq!(settings.admin_key, "admin");
        assert_eq!(settings.api_url, "https://id.example");
        assert_eq!(settings.coupons_term.as_deref(), Some("coupons"));
        assert!(settings.is_https() && !settings.test_app);
    }

    #[test]
    fn a_demo_is_not_on_the_real_platform() {
        let demo = GOOD.replace("[terms]", "demo_mailbox = true\ndemo_members = true\n[terms]");
        let faults = parse(&demo).err().unwrap().join("\n");
        assert!(faults.contains("demo_mailbox:") && faults.contains("demo_members:"), "{faults}");
        assert!(parse(&demo.replace("https://id.example", "http://127.0.0.1:8080")).is_ok());
    }

    #[test]
    fn every_fault_is_reported_at_once_with_its_key() {
        let faults = parse(
            "origin = \"http://shop.example\"\nissuer = \"https://id.example/\"\nclient_secret = 1\n\
             admin_key_file = \"none\"\napp_id = \"x\"\ntest_app = \"yes\"\nclent = \"\"\n\
             [terms]\ncoupon = \"x\"",
        );
        let faults = faults.err().unwrap().join("\n");
        let keys = [
            "origin:",
            "issuer:",
            "client_id: is missing",
            "client_secret:",
            "admin_key_file:",
            "app_id:",
            "test_app:",
            "clent:",
            "terms.coupon:",
        ];
        for key in keys {
            assert!(faults.contains(key), "{key} in\n{faults}");
        }
    }

    #[test]
    fn a_file_that_is_no_toml_is_a_fault() {
        assert_eq!(parse("origin = ").err().unwrap().len(), 1);
    }
}
