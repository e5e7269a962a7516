//! Reads `[admin]`: who may call the API of the admin listener.

use super::{
    catalog::AdminApi,
    places::Places,
    reader::Table,
    secret::{self, Folder},
};

/// The shortest token, in characters.
const SHORTEST_TOKEN: usize = 32;

pub fn read(mut table: Table<'_>, folder: Folder<'_>, places: &mut Places) -> Option<AdminApi> {
    table.need("token");
    let token = secret::read(&mut table, "token", folder, places).map(|(token, at)| {
        if token.len() < SHORTEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "`token`: expected at least 32 characters of ASCII without spaces";
            table.fault(at, reason);
        }
        token
    });
    Some(AdminApi { token: token? })
}
