//! `/leave`.

use axum::{http::StatusCode, response::Response};

use super::{failure::Failure, form::Form, sign_in::needed, visit::Visit};
use crate::{
    clock,
    pages::leave::{self, Done, View},
    provider::api::{By, Relation},
    store::unlinks::{Cause, Link},
    unlinking::Unlinked,
};

pub async fn page(visit: Visit) -> Result<Response, Failure> {
    let Some(member) = visit.member().await? else { return Ok(needed("leave", "/leave")) };
    let orders = visit.app.store.orders(&member).await?;
    let view = View {
        orders: u32::try_from(orders.len()).unwrap_or(u32::MAX),
        channel_added: has_channel(&visit).await,
        account_url: visit.app.settings.account_url.clone(),
    };
    visit.page(StatusCode::OK, |frame| leave::page(frame, &view)).await
}

// sample: leave
/// Erases the member and unlinks the user at the provider. Both belong together: an unlinked row would
/// be personal data without a reason, and a link without a row a member that the shop does not know.
pub async fn leave(visit: Visit, _: Form) -> Result<Response, Failure> {
    let Some(member) = visit.member().await? else { return visit.redirect("/", None).await };
    let sub = member.sub.clone().unwrap_or_default();
    // Unlinking does not end messages of the channel. The page shows how to block it.
    let channel_added = has_channel(&visit).await;
    let link = Some(Link { connected_at: member.connected_at });
    let is_erased = visit.app.store.erase(&sub, link, Cause::Shop, clock::now()).await?;
    if !is_erased && visit.member().await?.is_some() {
        // They signed in again in another tab, by a link that this page does not know.
        return visit.redirect("/leave", None).await;
    }
    // The same transaction has noted the unlink that is due, so the provider may be down now.
    let unlinked = visit.app.unlink_if_due(&visit.provider(), &sub).await?;
    visit.app.store.take_flash(visit.session()).await?;
    let view = Done { unlink_later: unlinked == Unlinked::Later, channel_added };
    visit.page(StatusCode::OK, |frame| leave::done(frame, &view)).await
}
// end sample

async fn has_channel(visit: &Visit) -> bool {
    let Some(sub) = &visit.session().sub else { return false };
    matches!(visit.provider().channel(By::Admin(sub)).await, Ok(Some(Relation::Added)))
}
