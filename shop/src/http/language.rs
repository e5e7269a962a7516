//! `POST /language`.

use axum::response::Response;

use super::{failure::Failure, form::Form, own_path::own_path, visit::Visit};
use crate::{pages::problem::Problem, texts::Language};

pub async fn choose(visit: Visit, form: Form) -> Result<Response, Failure> {
    let language = form.get("language").and_then(Language::from_tag);
    let language = language.ok_or_else(|| Failure::new(Problem::BadForm))?;
    visit.app.store.set_language(visit.session(), language.tag()).await?;
    let to = form.get("return_to").and_then(own_path).unwrap_or("/");
    visit.redirect(to, None).await
}
