//! `POST /__test/accounts` and `POST /__test/agreements`.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::json;

use super::{
    TestHooks,
    messages::{NewAccounts, NewAgreements},
    of,
};
use crate::{
    App,
    clock::rfc3339,
    config::{Account, Catalog, accounts_of_json},
    configured::latest_today,
    http::{
        body::{Size, Unread},
        error::{ApiError, RequestError, responses::TestHookProblems},
    },
};

/// Accounts of one request.
const MOST: usize = 100;

/// Accounts that there may be.
const MOST_IN_ALL: usize = 10_000;

const SIZE: Size = Size { bytes: 256 * 1024, fields: 0 };

/// Adds accounts, with the checks of the configuration. An account whose id is there is replaced:
/// what it agreed to ends, and so do its codes and tokens; browsers stay signed in.
#[utoipa::path(post, path = "/__test/accounts", tag = "test hooks",
    request_body = NewAccounts,
    responses((status = 204, description = "Added"), TestHookProblems))]
pub async fn seed_accounts(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let hooks = of(&app)?;
    let new: NewAccounts = Unread::new(&headers, body).json_with_reason(SIZE).await?;
    if new.accounts.len() > MOST {
        return Err(malformed(format!("`accounts` holds more than {MOST}")));
    }
    let accounts = read(&app, &new.accounts)?;
    hooks.replace_accounts(accounts).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets what an account has agreed to at a service. Codes and tokens of before end.
#[utoipa::path(post, path = "/__test/agreements", tag = "test hooks",
    request_body = NewAgreements,
    responses((status = 204, description = "Set"), TestHookProblems))]
pub async fn seed_agreements(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    of(&app)?;
    let new: NewAgreements = Unread::new(&headers, body).json_with_reason(SIZE).await?;
    let missing = |what: &str, id: &str| malformed(format!("there is no {what} `{id}`"));
    let catalog = app.catalog();
    let account =
        catalog.accounts.get(&new.account).ok_or_else(|| missing("account", &new.account))?;
    let service =
        catalog.services.get(&new.service).ok_or_else(|| missing("service", &new.service))?;
    // As an account of the configuration that has this link and no other.
    let linked = json!({
        "id": account.id,
        "nickname": account.nickname,
        "channels": new.channels,
        "links": [{
            "service": new.service,
            "how": new.how.as_deref().unwrap_or("combined_screen"),
            "at": new.at.unwrap_or_else(|| rfc3339(app.now())),
            "terms": new.terms,
            "items": new.items,
        }],
    });
    let linked = read(&app, &[linked])?;
    for linked in linked {
        let mut seeded = Account::clone(account);
        seeded.links.retain(|link| link.service != new.service);
        seeded.links.extend(linked.links);
        seeded.channels.extend(linked.channels);
        app.store().start_over(&seeded, service).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn read(app: &App, accounts: &[serde_json::Value]) -> Result<Vec<Account>, ApiError> {
    let accounts =
        accounts_of_json(accounts, app.catalog()).map_err(|faults| malformed(faults.join("; ")))?;
    let today = latest_today(app.now());
    match accounts.iter().find_map(|account| account.birthday.filter(|day| *day > today)) {
        Some(day) => Err(malformed(format!("`{day}` is no birthday: the day has not come"))),
        None => Ok(accounts),
    }
}

fn malformed(reason: String) -> ApiError {
    RequestError::Malformed(reason).into()
}

impl TestHooks {
    async fn replace_accounts(&self, accounts: Vec<Account>) -> Result<(), ApiError> {
        let _turn = self.0.turn.lock().await;
        // A reset may have replaced the app since the request began.
        let Some(app) = self.current() else { return Ok(()) };
        let mut catalog: Catalog = app.catalog().clone();
        for account in &accounts {
            catalog.accounts.insert(account.id.clone(), Arc::new(account.clone()));
        }
        if catalog.accounts.len() > MOST_IN_ALL {
            return Err(malformed(format!("there would be more than {MOST_IN_ALL} accounts")));
        }
        for account in &accounts {
            for service in catalog.services.values() {
                app.store().start_over(account, service).await?;
            }
        }
        self.serve(app.with(catalog, app.store().clone()));
        Ok(())
    }
}
