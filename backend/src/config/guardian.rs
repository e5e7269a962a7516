//! Reads `[guardian]`: how links reach guardians.

use super::{
    catalog::{Catalog, GuardianMail, UnderAge},
    fault::Faults,
    places::Places,
    reader::Table,
    secret::{self, Folder},
    webhook,
};

/// The shortest secret, in characters.
const SHORTEST_SECRET: usize = 16;

pub fn read(mut table: Table<'_>, folder: Folder<'_>, places: &mut Places) -> Option<GuardianMail> {
    table.need("mail_secret");
    let secret = secret::read(&mut table, "mail_secret", folder, places).map(|(secret, at)| {
        if secret.len() < SHORTEST_SECRET || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "`mail_secret`: expected at least 16 characters of ASCII without spaces";
            table.fault(at, reason);
        }
        secret
    });
    table.need("mail_hook");
    let hook = webhook::target(&mut table, "mail_hook", places);
    Some(GuardianMail { hook: hook?, secret: secret? })
}

/// Without a way to reach guardians no child could ever go on.
pub fn check(catalog: &Catalog, places: &Places, faults: &Faults) {
    let with_guardians =
        catalog.services.values().filter(|service| service.under_age == UnderAge::Guardian);
    for service in with_guardians {
        let at = places.services.get(&service.client_id).copied().unwrap_or_default();
        let reason = "`under_age = \"guardian\"` sends links to guardians: it needs the table \
                      `[guardian]` with `mail_hook` and `mail_secret`";
        faults.add_unless_misspelt("guardian", at, reason);
    }
}
