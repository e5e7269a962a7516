//! Reads `[admin]`: who may call the API of the admin listener.

use super::{
    catalog::{AdminApi, AdminKey},
    places::Places,
    reader::Table,
    secret::{self, Folder},
};

/// The shortest token, in characters.
const SHORTEST_TOKEN: usize = 32;

/// The name of the caller with `token`.
const NAME: &str = "admin";

pub fn read(mut table: Table<'_>, folder: Folder<'_>, places: &mut Places) -> Option<AdminApi> {
    if !table.has("keys") {
        table.need("token");
    }
    let has_token = table.has("token");
    let mut keys: Vec<AdminKey> = Vec::new();
    if let Some((token, _)) = token(&mut table, folder, places) {
        keys.push(AdminKey { name: NAME.to_owned(), token, approves: true });
    }
    let approval_required = table.boolean_at("approval_required");
    let named = table.tables("keys");
    let mut is_whole = named.whole;
    for mut table in named.tables {
        let name = table.need_name("name");
        table.need("token");
        let token = token(&mut table, folder, places);
        let approves = table.boolean("approves").unwrap_or(false);
        let (Some((name, name_at)), Some((token, token_at))) = (name, token) else {
            is_whole = false;
            continue;
        };
        if keys.iter().any(|key| key.name == name) || (has_token && name == NAME) {
            table.fault(name_at, format!("there are two keys `{name}`"));
        }
        if keys.iter().any(|key| key.token == token) {
            table.fault(token_at, "`token` is also that of another key");
        }
        keys.push(AdminKey { name, token, approves });
    }
    if let Some((true, at)) = approval_required
        && is_whole
        && !has_token
        && !keys.iter().any(|key| key.approves)
    {
        table.fault(at, "`approval_required`: no key has `approves = true`");
    }
    let approval_required = approval_required.is_some_and(|(is_required, _)| is_required);
    Some(AdminApi { keys, approval_required }).filter(|admin| !admin.keys.is_empty())
}

/// The token, and where it stands.
fn token(
    table: &mut Table<'_>,
    folder: Folder<'_>,
    places: &mut Places,
) -> Option<(String, usize)> {
    secret::read(table, "token", folder, places).inspect(|(token, at)| {
        if token.len() < SHORTEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "`token`: expected at least 32 characters of ASCII without spaces";
            table.fault(*at, reason);
        }
    })
}
