//! Reads `[guardian]`: how links reach guardians.

use super::{
    catalog::{Catalog, GuardianMail, Service, UnderAge},
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
    for service in catalog.services.values() {
        if let Some(reason) = lacks(service, catalog) {
            let at = places.services.get(&service.client_id).copied().unwrap_or_default();
            faults.add_unless_misspelt("guardian", at, reason);
        }
    }
}

/// Why a service cannot ask guardians, if it is to.
pub fn lacks(service: &Service, file: &Catalog) -> Option<&'static str> {
    let is_lacking = service.under_age == UnderAge::Guardian && file.guardian.is_none();
    is_lacking.then_some(
        "`under_age = \"guardian\"` sends links to guardians: it needs the table `[guardian]` with \
         `mail_hook` and `mail_secret`",
    )
}
