//! The partner shop and its test app: where they listen, and the settings that they start with.

use crate::process;
use crate::workspace::{self, Profile};
use anyhow::{Context, Result, bail};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;

/// A shop that is to be started. It holds its port until then.
pub struct Shop {
    pub name: &'static str,
    /// Its settings in the tree, and its directory in the data directory.
    settings: &'static str,
    directory: &'static str,
    port: TcpListener,
}

impl Shop {
    /// The shop.
    ///
    /// # Errors
    /// When the port cannot be used.
    pub fn live(port: u16) -> Result<Self> {
        let port = listen(port, "--shop-port")?;
        Ok(Self { name: "the shop", settings: "demo.toml", directory: "shop", port })
    }

    /// Its test app.
    ///
    /// # Errors
    /// As [`Shop::live`].
    pub fn test_app(port: u16) -> Result<Self> {
        let (settings, directory) = ("demo-test.toml", "shop-test");
        let port = listen(port, "--test-shop-port")?;
        Ok(Self { name: "the shop's test app", settings, directory, port })
    }

    /// Where browsers are going to find it.
    ///
    /// # Errors
    /// When the system does not name the port.
    pub fn origin(&self) -> Result<String> {
        Ok(format!("http://{}", self.port.local_addr()?))
    }

    /// Writes its settings into the data directory, and frees the port for the process to be started.
    ///
    /// # Errors
    /// When the settings cannot be written.
    pub fn command(self, data: &Path, issuer: &str) -> Result<Command> {
        let origin = self.origin()?;
        let template = workspace::root().join("shop/settings").join(self.settings);
        let template = fs::read_to_string(&template)
            .with_context(|| format!("cannot read {}", template.display()))?;
        let directory = data.join(self.directory);
        fs::create_dir_all(&directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        let settings = directory.join("settings.toml");
        fs::write(&settings, filled_in(&template, &origin, issuer))
            .with_context(|| format!("cannot write {}", settings.display()))?;
        let address = self.port.local_addr()?;
        let mut shop = process::program(workspace::shop(Profile::Debug)?)?;
        shop.arg("--settings").arg(settings);
        shop.args(["--listen", &address.to_string(), "--data-dir"]).arg(directory);
        Ok(shop)
    }
}

/// The settings of a shop at `shop` whose platform is at `issuer`.
fn filled_in(template: &str, shop: &str, issuer: &str) -> String {
    template.replace("{shop}", shop).replace("{issuer}", issuer)
}

/// Listens on a port of this machine, 0 for any that is free.
///
/// # Errors
/// When it is taken; the error names the option for another.
pub fn listen(port: u16, option: &str) -> Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => Ok(listener),
        Err(error) => bail!(
            "port {port} of 127.0.0.1 cannot be used ({error}); choose another with {option}, or \
             take any free one with {option} 0"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::{Table, Value};

    fn read(path: &str, origins: bool) -> Table {
        let text = fs::read_to_string(workspace::root().join(path)).expect("a file of the tree");
        let text = match origins {
            true => filled_in(&text, "http://127.0.0.1:8090", "http://127.0.0.1:8080"),
            false => text,
        };
        text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The settings that the shop gets are what the backend has registered.
    #[test]
    fn the_settings_fit_the_registration() {
        for (settings, registered) in [("demo", "shop"), ("demo-test", "shop-test")] {
            let settings = read(&format!("shop/settings/{settings}.toml"), true);
            let backend = read(&format!("backend/demo/{registered}.toml"), false);
            let service = &backend["service"][0];
            for (key, value) in [
                ("client_id", &service["client_id"]),
                ("client_secret", &service["client_secret"]),
                ("admin_key", &service["kakao"]["admin_key"]),
                ("app_id", &service["kakao"]["app_id"]),
                ("channel_public_id", &service["channels"][0]["public_id"]),
            ] {
                assert_eq!(&settings[key], value, "{key} of {registered}");
            }
            assert_eq!(settings["origin"], Value::from("http://127.0.0.1:8090"));
            assert_eq!(settings["issuer"], Value::from("http://127.0.0.1:8080"));
            assert!(!settings.to_string().contains('{'), "{settings}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_named_with_its_option() {
        let taken = listen(0, "--shop-port").expect("a free port");
        let port = taken.local_addr().expect("an address").port();
        let error = listen(port, "--shop-port").expect_err("taken").to_string();
        assert!(error.contains("--shop-port 0"), "{error}");
    }
}
