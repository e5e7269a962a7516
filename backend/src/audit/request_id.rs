//! The id of the request that a task answers, for the lines that follow from it.

use tokio::task_local;

task_local! {
    static ID: String;
}

/// Runs a future under the id of a request.
pub async fn scope<F: Future>(id: String, future: F) -> F::Output {
    ID.scope(id, future).await
}

/// The id of the request that is answered now; none outside of a request.
#[must_use]
pub fn current() -> Option<String> {
    ID.try_with(Clone::clone).ok()
}
