//! The list of services.

use axum::{extract::State, response::Response};
use consent_contract::{
    account::{AccountPage, Connection, Expiry, FormerConnection, Overview},
    item::ItemKey,
    request::Relation,
};

use super::{labels::Labels, user::User};
use crate::{App, consent, http::error::PageError, store::Connections};

pub async fn page(State(app): State<App>, user: User) -> Result<Response, PageError> {
    let connections = app.store().connections(&user.account.id, app.now()).await?;
    let services = connections.linked.iter().map(|(client_id, since)| {
        let labels = Labels::of(&app, &user, client_id);
        let since = labels.time(*since);
        connection(client_id, since, &labels, &connections)
    });
    let former = connections.left.iter().map(|(client_id, left_at)| {
        let labels = Labels::of(&app, &user, client_id);
        FormerConnection {
            client_id: client_id.clone(),
            name: labels.service().name,
            left_at: labels.time(*left_at),
        }
    });
    let page = Overview {
        account: consent::account(&user.account, None),
        services: services.collect(),
        former: former.collect(),
    };
    user.shown(&app, &AccountPage::Overview(page)).await
}

fn connection(
    client_id: &str,
    since: String,
    labels: &Labels<'_>,
    connections: &Connections,
) -> Connection {
    let held = connections.held.get(client_id).map_or(&[][..], Vec::as_slice);
    let titles = |is_wanted: fn(&ItemKey) -> bool| -> Vec<String> {
        let mut held: Vec<_> = held.iter().filter(|it| is_wanted(&it.key)).collect();
        // In the order of the service; what it does not have any more comes last.
        let order = labels.keys();
        held.sort_by_key(|held| order.iter().position(|it| *it == held.key).unwrap_or(order.len()));
        held.into_iter().map(|it| labels.title(&it.key, it.version.as_deref())).collect()
    };
    let added =
        labels.channels().filter(|(id, _)| connections.channels.get(*id) == Some(&Relation::Added));
    let mut expires: Vec<_> = held
        .iter()
        .filter_map(|it| Some((it.expires_at?, labels.title(&it.key, it.version.as_deref()))))
        .collect();
    expires.sort();
    Connection {
        client_id: client_id.to_owned(),
        service: labels.service(),
        since,
        receives: titles(|key| matches!(key, ItemKey::Item(_))),
        agreed: titles(|key| matches!(key, ItemKey::Term(_))),
        channels: added.map(|(_, name)| name.to_owned()).collect(),
        expires: expires
            .into_iter()
            .map(|(at, title)| Expiry { title, at: labels.time(at) })
            .collect(),
    }
}
