//! `--test-hooks`: endpoints below `/__test/` by which a test suite resets the server, seeds accounts
//! and agreements, moves the clock, makes calls fail and answers consents, and sign-in by
//! `login_hint`. Nothing here exists without the option ([docs/CI.md](../../../docs/CI.md)).
//!
//! The database is in a directory of its own in the temporary directory, so that a reset can never
//! delete a receipt of a real one. A reset opens a copy of the database as it was after the start; a
//! request that is in flight keeps the one that it began with.

pub mod answer;
mod clock;
pub mod exposure;
pub mod failures;
pub mod login_hint;
pub mod messages;
mod receipt;
mod reset;
mod seed;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    App,
    config::Catalog,
    http::{
        self, LONGEST_REQUEST,
        error::{ApiError, RequestError},
    },
    store::{Claim, OpenError, Store},
};
use answer::Rules;
use failures::Failures;

pub use self::{
    answer::{__path_answer, __path_answers, __path_forget_answers},
    clock::{__path_move_clock, __path_read_clock},
    failures::{__path_add_failure, __path_failures, __path_forget_failures},
    receipt::__path_read_receipt,
    reset::__path_reset,
    seed::{__path_seed_accounts, __path_seed_agreements},
};

/// Where the endpoints are.
pub const PATH: &str = "/__test";

/// How often a database that was replaced is looked at, to close it after its last request.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What the hooks share. Cheap to copy.
#[derive(Clone)]
pub struct TestHooks(Arc<Inner>);

/// The hooks, for the server that they hold.
pub struct WeakTestHooks(Weak<Inner>);

impl WeakTestHooks {
    #[must_use]
    pub fn upgrade(&self) -> Option<TestHooks> {
        self.0.upgrade().map(TestHooks)
    }
}

struct Inner {
    folder: TempDir,
    /// The number of the last database.
    databases: AtomicU64,
    configured: Catalog,
    claim: Claim,
    /// Held while accounts or the database are replaced.
    turn: tokio::sync::Mutex<()>,
    current: Mutex<Option<Current>>,
    failures: Failures,
    rules: Rules,
}

/// The server as it is now.
struct Current {
    app: App,
    router: Router,
}

impl TestHooks {
    /// # Errors
    /// When no temporary directory can be made.
    pub fn new(configured: &Catalog, claim: &Claim) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("consent-backend-").tempdir()?;
        Ok(Self(Arc::new(Inner {
            folder,
            databases: AtomicU64::new(0),
            configured: configured.clone(),
            claim: claim.clone(),
            turn: tokio::sync::Mutex::default(),
            current: Mutex::default(),
            failures: Failures::default(),
            rules: Rules::default(),
        })))
    }

    #[must_use]
    pub fn downgrade(&self) -> WeakTestHooks {
        WeakTestHooks(Arc::downgrade(&self.0))
    }

    /// Where the database is until the first reset.
    #[must_use]
    pub fn first_database_directory(&self) -> PathBuf {
        self.database_directory(0)
    }

    fn database_directory(&self, number: u64) -> PathBuf {
        self.0.folder.path().join(number.to_string())
    }

    /// The database as it was after the start.
    fn template_directory(&self) -> PathBuf {
        self.0.folder.path().join("template")
    }

    /// Keeps a copy of the database for resets, and begins to serve.
    ///
    /// # Errors
    /// When the copy cannot be made.
    pub async fn start(&self, app: &App) -> Result<(), OpenError> {
        app.store().copy_into(&self.template_directory()).await?;
        self.serve(app.clone());
        Ok(())
    }

    /// Ends to serve: nothing keeps the database open any more.
    pub fn stop(&self) {
        *self.locked() = None;
    }

    /// The server as it is now.
    #[must_use]
    pub fn current(&self) -> Option<App> {
        self.locked().as_ref().map(|current| current.app.clone())
    }

    /// A router that leads each request to the server as it is at that moment.
    pub fn router(&self) -> Router {
        let hooks = self.clone();
        Router::new().fallback(move |request: Request| {
            let router = hooks.locked().as_ref().map(|current| current.router.clone());
            async move {
                match router {
                    Some(router) => router.oneshot(request).await.into_response(),
                    None => RequestError::Unavailable("stopped".to_owned()).into_response(),
                }
            }
        })
    }

    fn serve(&self, app: App) {
        let router = http::router(&app);
        *self.locked() = Some(Current { app, router });
    }

    fn locked(&self) -> MutexGuard<'_, Option<Current>> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the database by the one after the start, and the accounts by the configured ones.
    ///
    /// # Errors
    /// When the copy cannot be opened.
    async fn reset(&self) -> Result<(), OpenError> {
        let _turn = self.0.turn.lock().await;
        let Some(before) = self.current() else { return Ok(()) };
        let number = self.0.databases.fetch_add(1, Ordering::Relaxed) + 1;
        let folder = self.database_directory(number);
        let store = Store::open_copy(&self.template_directory(), &folder, &self.0.claim).await?;
        self.serve(before.with(self.0.configured.clone(), store));
        self.0.failures.forget();
        self.0.rules.forget();
        before.clock().put_back();
        before.trust_clock();
        tokio::spawn(close_when_unused(before, self.database_directory(number - 1)));
        Ok(())
    }
}

/// Closes a database that was replaced and deletes it, once the requests that use it have ended.
async fn close_when_unused(app: App, folder: PathBuf) {
    let looks = (LONGEST_REQUEST * 2).as_millis() / LOOK_EVERY.as_millis();
    for _ in 0..looks {
        if app.is_last_copy() {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    app.store().close().await;
    if let Err(error) = remove(&folder).await {
        tracing::warn!(%error, folder = %folder.display(), "a database that was replaced is left");
    }
}

async fn remove(folder: &Path) -> io::Result<()> {
    tokio::fs::remove_dir_all(folder).await
}

/// The endpoints.
pub fn router() -> Router<App> {
    Router::new()
        .route("/__test/reset", post(reset::reset))
        .route("/__test/accounts", post(seed::seed_accounts))
        .route("/__test/agreements", post(seed::seed_agreements))
        .route("/__test/clock", get(clock::read_clock).post(clock::move_clock))
        .route("/__test/receipt", get(receipt::read_receipt))
        .route(
            "/__test/failures",
            get(failures::failures).post(failures::add_failure).delete(failures::forget_failures),
        )
        .route(
            "/__test/answer",
            get(answer::answers).post(answer::answer).delete(answer::forget_answers),
        )
        .layer(from_fn(no_page_of_another_site))
}

/// Refuses what a page in a browser sent: a site that a developer visits must not reset the server.
/// Programs send neither header.
async fn no_page_of_another_site(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let site = http::headers::get(headers, "sec-fetch-site").unwrap_or("none");
    let is_foreign = !matches!(site, "none" | "same-origin")
        || (headers.contains_key(axum::http::header::ORIGIN) && site != "same-origin");
    match is_foreign {
        true => ApiError::CsrfRejected("the request came from a page").into_response(),
        false => next.run(request).await,
    }
}

/// The hooks of an app. The routes exist only with them.
fn of(app: &App) -> Result<TestHooks, ApiError> {
    app.test_hooks().ok_or_else(|| RequestError::NotFound.into())
}
