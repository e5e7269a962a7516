//! What is found in a service that the admin API is given.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{config::ServiceFault, consent::lint::ServiceFinding};

/// One finding in a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// `error`, which refuses the service; `warning` or `info`.
    pub severity: String,
    /// A JSON pointer into the service; empty for the whole of it.
    pub at: String,
    /// The rule of the consent lint (docs/RULES.md); none for what services.toml could not have either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The language in which it was found, as a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// In English, for developers.
    pub reason: String,
}

impl Finding {
    /// Whether a service with it is refused.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == consent_lint::Severity::Error.name()
    }
}

impl From<ServiceFault> for Finding {
    fn from(fault: ServiceFault) -> Self {
        let ServiceFault { at, reason } = fault;
        let severity = consent_lint::Severity::Error.name().to_owned();
        Self { severity, at, rule: None, locale: None, reason }
    }
}

impl From<ServiceFinding<'_>> for Finding {
    fn from(found: ServiceFinding<'_>) -> Self {
        let rule = found.finding.rule;
        Self {
            severity: rule.severity.name().to_owned(),
            at: found.in_service,
            rule: Some(rule.id.to_owned()),
            locale: Some(found.locale.to_owned()),
            reason: format!("{}: {}", rule.requirement, found.finding.what),
        }
    }
}
