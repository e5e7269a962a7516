//! Reads `[sign_in]`.

use std::collections::HashMap;

use axum::http::HeaderName;
use consent_contract::redirect;

use super::{
    catalog::SignIn, oidc, places::Places, reader::Table, secret::Folder, service::is_web_page,
};
use crate::account::Key;

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

fn is_taken(header: &HeaderName) -> bool {
    let name = header.as_str();
    // The account under the names that proxies have for it.
    let names_an_account =
        ["x-forwarded-user", "x-forwarded-email", "x-forwarded-preferred-username"];
    TAKEN_HEADERS.contains(&name)
        || (TAKEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            && !names_an_account.contains(&name))
}

/// Where this backend answers itself: a login page there would send browsers in a circle.
const OUR_PATHS: [&str; 15] = [
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
    "/sign-in",
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

/// Reads how people sign in.
pub fn read(mut table: Table<'_>, folder: Folder<'_>, places: &mut Places) -> SignIn {
    if table.has("oidc") {
        for key in ["login_url", "account_header", "auth_time_header", "attribute_headers"] {
            if let Some(at) = table.place(key) {
                let reason = format!("`{key}`: with `oidc` people sign in at the provider alone");
                table.fault(at, reason);
            }
        }
    }
    let login_url = login_url(&mut table);
    let has_account_header = table.has("account_header");
    let mut names = Names::default();
    let account_header = names.header(&mut table, "account_header");
    let auth_time_header = names.header(&mut table, "auth_time_header");
    if auth_time_header.is_some() && !has_account_header {
        let reason = "`account_header` is missing: `auth_time_header` stands beside one";
        table.faults.add_unless_misspelt("account_header", table.at, reason);
    }
    let attribute_headers = table.table("attribute_headers").map(|mut headers| {
        if !has_account_header {
            let reason = "`account_header` is missing: `attribute_headers` stand beside one";
            table.faults.add_unless_misspelt("account_header", table.at, reason);
        }
        let read = Key::ALL.map(|key| (key, names.header(&mut headers, key.name())));
        read.into_iter().filter_map(|(key, name)| Some((key, name?))).collect()
    });
    let oidc = table.table("oidc").map(|table| oidc::read(table, folder, places));
    SignIn { login_url, account_header, auth_time_header, attribute_headers, oidc }
}

fn login_url(table: &mut Table<'_>) -> Option<String> {
    let (url, at) = table.string("login_url")?;
    if !redirect::is_own_path(&url) && !is_web_page(&url) {
        table.fault(at, format!("`{url}`: expected a path on this origin or an https URL"));
    } else if url.contains('#') {
        table.fault(at, format!("`{url}`: parameters are added to it, so it has no fragment"));
    } else if let Some(reason) = login_url_fault(&url) {
        table.fault(at, format!("`{url}`: {reason}"));
    }
    Some(url)
}

/// Names of headers, each of which has one meaning.
#[derive(Default)]
struct Names(HashMap<HeaderName, &'static str>);

impl Names {
    /// Reads the name of a header.
    fn header(&mut self, table: &mut Table<'_>, key: &'static str) -> Option<String> {
        let (name, at) = table.string(key)?;
        match name.parse::<HeaderName>() {
            Err(_) => table.fault(at, format!("`{name}` is not the name of a header")),
            Ok(header) if is_taken(&header) => {
                let reason = format!("`{name}` has a meaning of its own: take another header");
                table.fault(at, reason);
            }
            Ok(header) => {
                if let Some(other) = self.0.insert(header, key) {
                    let reason = format!("`{name}` is the `{other}` already: take another header");
                    table.fault(at, reason);
                }
            }
        }
        Some(name)
    }
}
