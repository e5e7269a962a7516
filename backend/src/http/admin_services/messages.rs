//! Messages of the admin API about services.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    clock::{Seconds, rfc3339},
    config::Service,
    managed::{Document, Entry, Finding, State},
    store::ManagedService,
};

/// A service with the keys of `[[service]]` (docs/SERVICES.md), in JSON: days are strings, tables are
/// objects. `approved` and `previous_client_secret` are not there, and `icon` cannot be, because it is a
/// file. `client_secret` is `{"generate": true}` for one that the server makes; a string of at least 32
/// characters or `{"sha256": "…"}` for one that the client has already; absent for a public client. Where a
/// secret is stored, it reads as `{"kept": true}`, which keeps it when it is sent back.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct ServiceDocument(Value);

/// Where a service comes from.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceOrigin {
    /// services.toml.
    File,
    /// The admin API.
    Api,
}

/// Every service.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceList {
    pub services: Vec<ServiceSummary>,
}

/// A service in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ServiceSummary {
    pub client_id: String,
    pub origin: ServiceOrigin,
    /// `active`; `pending` while no one can sign up, because it was not approved; `disabled`, which is as if
    /// there were no such service.
    pub state: String,
    /// In Korean.
    pub name: String,
    pub company: String,
    pub terms: Vec<TermSummary>,
}

/// A version of a term.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TermSummary {
    pub tag: String,
    pub version: String,
    /// `YYYY-MM-DD`.
    pub effective_from: String,
    pub required: bool,
}

/// A service as the admin API has it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ServiceState {
    pub client_id: String,
    pub origin: ServiceOrigin,
    /// See `ServiceSummary`.
    pub state: String,
    /// In Korean.
    pub name: String,
    pub company: String,
    pub terms: Vec<TermSummary>,
    /// Not of a service of services.toml, which may hold secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceDocument>,
    /// RFC 3339, UTC, like all times here. Of a service of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<String>,
    /// When secrets that were rotated away end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub previous_secrets_end_at: Vec<String>,
    /// The secret that was just made. It cannot be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// What the lint finds, and why this server cannot use the service beside its services.toml.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// How a secret is rotated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretRotation {
    /// How long the secret of now is still accepted, in seconds: 0 to 2592000. 0 ends it and those before it
    /// at once.
    #[serde(default = "a_day")]
    #[schema(default = 86400)]
    pub overlap_seconds: u32,
}

/// The overlap that is not given: a day.
fn a_day() -> u32 {
    24 * 60 * 60
}

impl Default for SecretRotation {
    fn default() -> Self {
        Self { overlap_seconds: a_day() }
    }
}

/// A secret that was made. It cannot be read again.
#[derive(Debug, Serialize, ToSchema)]
pub struct RotatedSecret {
    pub client_secret: String,
    /// When the secret before ends; none when it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_ends_at: Option<String>,
}

impl ServiceSummary {
    /// Of a service of the file.
    #[must_use]
    pub fn of_file(service: &Service) -> Self {
        let state = if service.approved { State::Active } else { State::Pending };
        Self::of(service, ServiceOrigin::File, state)
    }

    /// Of a managed service.
    #[must_use]
    pub fn of_entry(entry: &Entry) -> Self {
        let state = State::of(&entry.stored);
        match &entry.service {
            Ok(service) => Self::of(service, ServiceOrigin::Api, state),
            Err(_) => Self {
                client_id: entry.stored.client_id.clone(),
                origin: ServiceOrigin::Api,
                state: state.name().to_owned(),
                name: String::new(),
                company: String::new(),
                terms: Vec::new(),
            },
        }
    }

    fn of(service: &Service, origin: ServiceOrigin, state: State) -> Self {
        let terms = service.terms.iter().map(|term| TermSummary {
            tag: term.tag.clone(),
            version: term.version.clone(),
            effective_from: term.effective_from.to_string(),
            required: term.required,
        });
        Self {
            client_id: service.client_id.clone(),
            origin,
            state: state.name().to_owned(),
            name: service.name.get("ko").clone(),
            company: service.company.get("ko").clone(),
            terms: terms.collect(),
        }
    }
}

impl ServiceState {
    /// Of a service of the file.
    #[must_use]
    pub fn of_file(service: &Service) -> Self {
        Self::of(ServiceSummary::of_file(service))
    }

    fn of(summary: ServiceSummary) -> Self {
        let ServiceSummary { client_id, origin, state, name, company, terms } = summary;
        Self {
            client_id,
            origin,
            state,
            name,
            company,
            terms,
            service: None,
            created_at: None,
            updated_at: None,
            approved_at: None,
            disabled_at: None,
            previous_secrets_end_at: Vec::new(),
            client_secret: None,
            findings: Vec::new(),
        }
    }

    /// Of a managed service, with what was found in it.
    #[must_use]
    pub fn of_entry(entry: &Entry, findings: Vec<Finding>, now: Seconds) -> Self {
        let ManagedService { created_at, updated_at, approved_at, disabled_at, .. } = entry.stored;
        let faults = entry.service.as_ref().err().into_iter().flatten().cloned();
        let mut found: Vec<Finding> = faults.map(Finding::from).collect();
        let service = match Document::stored(&entry.stored) {
            Ok(document) => Some(ServiceDocument(document.value)),
            Err(fault) => {
                found.push(fault.into());
                None
            }
        };
        found.extend(findings);
        let ends = entry.stored.client_secrets.iter().filter_map(|secret| secret.ends_at);
        Self {
            service,
            created_at: Some(rfc3339(created_at)),
            updated_at: Some(rfc3339(updated_at)),
            approved_at: approved_at.map(rfc3339),
            disabled_at: disabled_at.map(rfc3339),
            previous_secrets_end_at: ends.filter(|at| *at > now).map(rfc3339).collect(),
            findings: found,
            ..Self::of(ServiceSummary::of_entry(entry))
        }
    }
}
