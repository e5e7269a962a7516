//! Reads `[messenger_events]`: how a messenger's server signs what it reports.

use super::{
    places::Places,
    reader::Table,
    secret::{self, Folder},
};
use crate::webhooks::standard::Secret;

/// How a messenger's server signs events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessengerEvents {
    /// One, or two while the messenger changes from one to the other.
    pub secrets: Vec<Secret>,
}

pub fn read(
    mut table: Table<'_>,
    folder: Folder<'_>,
    places: &mut Places,
) -> Option<MessengerEvents> {
    table.need("secret");
    let mut one = |table: &mut Table<'_>, key: &'static str| {
        let (text, at) = secret::read(table, key, folder, places)?;
        let secret = Secret::parse(&text);
        if secret.is_none() {
            let reason = format!("`{key}`: expected `whsec_` and 24 to 64 bytes in base64");
            table.fault(at, reason);
        }
        secret.map(|secret| (secret, at))
    };
    let current = one(&mut table, "secret");
    let previous = one(&mut table, "previous_secret");
    if let (Some((current, _)), Some((previous, at))) = (&current, &previous)
        && current == previous
    {
        table.fault(*at, "`previous_secret` is the `secret`");
    }
    let secrets = [Some(current?), previous].into_iter().flatten();
    Some(MessengerEvents { secrets: secrets.map(|(secret, _)| secret).collect() })
}
