//! `/developers`: why no screen appears for the current member, and why a sign-up page keeps appearing.

use axum::{http::StatusCode, response::Response};

use super::{
    failure::Failure,
    form::Form,
    goods::MEMBER,
    reasons::{Facts, reasons},
    visit::Visit,
};
use crate::{
    clock,
    member::Joined,
    pages::{
        Notice,
        developers::{self, Checked, View},
        problem::Problem,
    },
    provider::api::By,
    store::{Arrival, Member},
    unlinking::Unlinked,
};

pub async fn page(visit: Visit) -> Result<Response, Failure> {
    let Some(sub) = visit.session().sub.clone() else {
        let view = View { checked: None, unavailable: false };
        return visit.page(StatusCode::OK, |frame| developers::page(frame, &view)).await;
    };
    let (provider, by) = (visit.provider(), By::Admin(&sub));
    let (me, terms, scopes, channel) = tokio::join!(
        provider.me(by),
        provider.terms(by),
        provider.scopes(by),
        provider.channel(by),
    );
    let row = visit.member().await?.as_ref().map(Member::row);
    let (Ok(me), Ok(terms), Ok(scopes)) = (me, terms, scopes) else {
        let checked = Checked { user_id: sub, reasons: Vec::new(), row };
        let view = View { checked: Some(checked), unavailable: true };
        return visit.page(StatusCode::OK, |frame| developers::page(frame, &view)).await;
    };
    let facts = Facts {
        terms: &terms,
        scopes: &scopes,
        channel: channel.unwrap_or_default(),
        email_without_value: me.email.is_none() && !me.email_refused,
        silent: visit.session().silent.as_deref() == Some(MEMBER),
        test_app: visit.app.settings.test_app,
        coupons_term: visit.app.settings.coupons_term.as_deref(),
    };
    let checked = Checked { user_id: sub, reasons: reasons(&facts), row };
    let view = View { checked: Some(checked), unavailable: false };
    visit.page(StatusCode::OK, |frame| developers::page(frame, &view)).await
}

/// Erases the row and leaves the link: the mistake that this page explains. Only in a demonstration.
pub async fn forget(visit: Visit, _: Form) -> Result<Response, Failure> {
    if !visit.app.settings.demo_mailbox {
        return Err(Failure::new(Problem::NotFound));
    }
    if let Some(sub) = &visit.session().sub {
        visit.app.store.forget(sub).await?;
    }
    visit.redirect("/developers", Some(Notice::RowForgotten)).await
}

/// Makes the row of a user who is linked and has none, by the same rules as a sign-in. Only in a
/// demonstration: elsewhere the next sign-in makes it.
pub async fn repair(visit: Visit, _: Form) -> Result<Response, Failure> {
    if !visit.app.settings.demo_mailbox {
        return Err(Failure::new(Problem::NotFound));
    }
    let Some(sub) = visit.session().sub.clone() else {
        return visit.redirect("/developers", None).await;
    };
    let (store, provider, by) = (&visit.app.store, visit.provider(), By::Admin(&sub));
    let seen = store.latest_unlink(&sub).await?;
    match visit.app.unlink_if_due(&provider, &sub).await? {
        Unlinked::NotDue => {}
        // There is no link any more, so no row either.
        Unlinked::Done => return visit.redirect("/developers", None).await,
        Unlinked::Later => return Err(Failure::new(Problem::ProviderDown)),
    }
    let mut identity = provider.me(by).await?;
    let agreed = provider.terms(by).await?.into_iter().filter(|term| term.agreed);
    let terms: Vec<String> = agreed.map(|term| term.tag).collect();
    identity.joined = if terms.is_empty() { Joined::Login } else { Joined::SignUp };
    identity.terms = Some(terms);
    match store.arrive(identity, seen, clock::now()).await? {
        Arrival::Member { .. } | Arrival::Joined => {
            visit.redirect("/developers", Some(Notice::RowRepaired)).await
        }
        Arrival::Pending => visit.redirect("/join", None).await,
        Arrival::OutOfDate => visit.redirect("/developers", None).await,
    }
}
