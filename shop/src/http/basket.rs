//! `/basket`.

use axum::{http::StatusCode, response::Response};

use super::{failure::Failure, form::Form, visit::Visit};
use crate::{
    catalogue,
    pages::{
        Notice,
        basket::{self, Line},
        problem::Problem,
    },
    store::basket::MOST,
};

pub async fn show(visit: Visit) -> Result<Response, Failure> {
    let lines = visit.app.store.basket(visit.session()).await?;
    let view = basket::View { lines: lines_of(&lines) };
    visit.page(StatusCode::OK, |frame| basket::page(frame, &view)).await
}

pub async fn add(visit: Visit, form: Form) -> Result<Response, Failure> {
    let bad = || Failure::new(Problem::BadForm);
    let good = form.get("slug").and_then(catalogue::find).ok_or_else(bad)?;
    let quantity = match form.get("quantity") {
        None | Some("") => 1,
        Some(text) => text.parse().map_err(|_| bad())?,
    };
    if !(1..=MOST).contains(&quantity) {
        return Err(bad());
    }
    visit.app.store.add_to_basket(visit.session(), good.slug, quantity).await?;
    visit.redirect("/basket", Some(Notice::Added)).await
}

pub async fn remove(visit: Visit, form: Form) -> Result<Response, Failure> {
    let slug = form.get("slug").ok_or_else(|| Failure::new(Problem::BadForm))?;
    visit.app.store.remove_from_basket(visit.session(), slug).await?;
    visit.redirect("/basket", Some(Notice::Removed)).await
}

/// Lines of goods that the shop still has.
#[must_use]
pub fn lines_of(lines: &[(String, u32)]) -> Vec<Line> {
    let line = |(slug, quantity): &(String, u32)| {
        Some(Line { good: catalogue::find(slug)?, quantity: *quantity })
    };
    lines.iter().filter_map(line).collect()
}
