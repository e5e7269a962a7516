//! `GET /coupons`: a required term, asked for at the moment it is needed.

use axum::{http::StatusCode, response::Response};

use super::{failure::Failure, sign_in::needed, visit::Visit};
use crate::{
    clock,
    pages::{
        Notice,
        coupons::{self, View},
        problem::Problem,
    },
    provider::api::{self, By},
};

pub async fn page(visit: Visit) -> Result<Response, Failure> {
    let tag = visit.app.settings.coupons_term.clone();
    let tag = tag.ok_or_else(|| Failure::new(Problem::NotFound))?;
    let Some(member) = visit.member().await? else { return Ok(needed("coupons", "/coupons")) };
    let sub = member.sub.unwrap_or_default();
    // sample: ask_term
    // Ask the API first: who agreed already must not be sent to the provider again. `way=coupons` goes
    // there with `service_terms={tag}`, which shows a screen because the term is required.
    let terms = visit.provider().terms(By::Admin(&sub)).await;
    let view = match terms {
        Ok(terms) => match terms.into_iter().find(|term| term.tag == tag && term.agreed) {
            Some(term) => View::Given {
                agreed_at: term.agreed_at.as_deref().and_then(api::seconds).map(clock::minute),
            },
            None => View::Ask,
        },
        // Nothing is assumed while the provider does not answer.
        Err(_) => View::Unavailable,
    };
    // end sample
    let notice = visit.notice().await?;
    let view = match view {
        View::Ask if notice == Some(Notice::CouponsRefused) => View::Refused,
        view => view,
    };
    let status = match view {
        View::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        View::Ask | View::Refused | View::Given { .. } => StatusCode::OK,
    };
    visit.page(status, |frame| coupons::page(frame, &view)).await
}
