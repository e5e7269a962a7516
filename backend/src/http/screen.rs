//! The files of the built screen, beside its page.

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
};

use super::{error::RequestError, files};
use crate::App;

/// Every address that is nothing else is a file, or nothing.
pub fn router() -> Router<App> {
    Router::new().fallback(file)
}

async fn file(State(app): State<App>, request: Request) -> Result<Response, RequestError> {
    let path = request.uri().path().to_owned();
    files::answer(app.dist(), &path, request).await
}
