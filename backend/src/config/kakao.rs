//! Reads `[service.kakao]`: what a Kakao app has in its console beside what every service has.

use consent_contract::item::is_name;
use url::Url;

use super::{
    catalog::KakaoApp,
    places::Places,
    reader::Table,
    secret::{self, Folder},
    webhook::{self, UnlinkMethod, UnlinkWebhook},
};
use crate::crypto;

/// Properties that the platform fills in itself.
const OWN_PROPERTIES: [&str; 3] = ["nickname", "profile_image", "thumbnail_image"];

/// Reads the settings of a Kakao app. Without the table every setting has its default.
pub fn read(
    table: Option<Table<'_>>,
    client_id: &str,
    folder: Folder<'_>,
    places: &mut Places,
) -> KakaoApp {
    let default = KakaoApp {
        app_id: app_id(client_id),
        admin_key: None,
        login: true,
        openid: false,
        manual_connection: false,
        channel_selection: false,
        logout_redirect_uris: Vec::new(),
        properties: Vec::new(),
        unlink_webhook: None,
        channel_webhook_url: None,
    };
    let Some(mut table) = table else { return default };
    let has_admin_key = table.has("admin_key");
    let admin_key = secret::read(&mut table, "admin_key", folder, places).map(|(key, at)| {
        if key.len() < 16 {
            table.fault(at, "`admin_key` is shorter than 16 characters");
        } else {
            places.admin_keys.insert(client_id.to_owned(), at);
        }
        key
    });
    let (uris, _) = table.strings("logout_redirect_uris").unwrap_or_default();
    for (uri, at) in &uris {
        if !super::service::is_web_page(uri) || uri.contains('#') {
            let reason =
                format!("`{uri}`: expected https, or http on a loopback host, without a fragment");
            table.fault(*at, reason);
        }
    }
    let (properties, _) = table.strings("properties").unwrap_or_default();
    for (name, at) in &properties {
        if !is_name(name) {
            table.fault(*at, format!("`{name}`: a property is 1 to 64 of A-Z a-z 0-9 _ -"));
        } else if OWN_PROPERTIES.contains(&&**name) {
            table.fault(*at, format!("`{name}`: every app has this property"));
        }
    }
    let unlink_webhook = unlink_webhook(&mut table, has_admin_key, places);
    let channel_webhook_url = webhook_url(&mut table, "channel_webhook_url", has_admin_key, places);
    KakaoApp {
        app_id: table
            .integer("app_id", 1..i64::from(i32::MAX))
            .map_or(default.app_id, |(id, _)| id),
        admin_key,
        login: table.boolean("login").unwrap_or(default.login),
        openid: table.boolean("openid").unwrap_or(default.openid),
        manual_connection: table.boolean("manual_connection").unwrap_or(default.manual_connection),
        channel_selection: table.boolean("channel_selection").unwrap_or(default.channel_selection),
        logout_redirect_uris: uris.into_iter().map(|(uri, _)| uri).collect(),
        properties: properties.into_iter().map(|(name, _)| name).collect(),
        unlink_webhook,
        channel_webhook_url,
    }
}

/// The address of a webhook. Its receiver knows the platform by the admin key.
fn webhook_url(
    table: &mut Table<'_>,
    key: &'static str,
    has_admin_key: bool,
    places: &mut Places,
) -> Option<Url> {
    if let (Some(at), false) = (table.place(key), has_admin_key) {
        let reason = format!("`{key}` needs an `admin_key`, which the webhook sends");
        table.faults.add_unless_misspelt("admin_key", at, reason);
    }
    webhook::target(table, key, places)
}

fn unlink_webhook(
    table: &mut Table<'_>,
    has_admin_key: bool,
    places: &mut Places,
) -> Option<UnlinkWebhook> {
    let has_url = table.has("unlink_webhook_url");
    let url = webhook_url(table, "unlink_webhook_url", has_admin_key, places);
    let at = table.place("unlink_webhook_method");
    let methods = [UnlinkMethod::Get, UnlinkMethod::Post];
    let method = table.choice("unlink_webhook_method", &methods);
    if let (Some(at), false) = (at, has_url) {
        let reason = "`unlink_webhook_method` needs an `unlink_webhook_url`";
        table.faults.add_unless_misspelt("unlink_webhook_url", at, reason);
    }
    let method = method.map_or(UnlinkMethod::Post, |(method, _)| method);
    url.map(|url| UnlinkWebhook { url, method })
}

/// An id of six digits, for an app that configures none.
fn app_id(client_id: &str) -> i64 {
    let digest = crypto::fingerprint(client_id);
    let bytes = [digest[0], digest[1], digest[2], digest[3]];
    100_000 + i64::from(u32::from_be_bytes(bytes) % 900_000)
}
