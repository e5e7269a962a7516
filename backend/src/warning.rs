//! Warnings for the operator at the start.

use std::fmt;

use consent_contract::request::Mode;
use time::Date;

use crate::{
    clock::Seconds,
    config::{Catalog, Configuration, Fault, Service, Source},
    consent,
};

/// One warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where in the configuration, as `file:line:column`; none for what is not written there.
    pub place: Option<String>,
    pub what: Doubt,
}

/// What a warning is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// No one can sign in: why.
    NoSignIn(&'static str),
    /// No one can sign up to a service, because `approved` is not `true`.
    NotApproved { service: String },
    /// A test app without members: no account can use it.
    NoTestMembers { service: String },
    /// A Kakao app without a client secret: who learns a code can redeem it.
    NoClientSecret { service: String },
    /// The file has a secret in clear.
    ClearSecret { key: &'static str },
    /// A version of a term is not asked before its day. Until then the version named here, or none.
    NotYetAsked {
        service: String,
        tag: String,
        version: String,
        from: Date,
        time_zone: String,
        until_then: Option<String>,
    },
    /// Links or channels of an account were edited after they were written to the database.
    SeededBefore { account: String },
    /// A service of the admin API cannot be used beside the file.
    ManagedService { service: String, reason: String },
    /// The directory of `--dist` holds no consent screen: why.
    NoScreen { directory: String, why: &'static str },
    /// The directory of `--studio` holds no preview studio.
    NoStudio { directory: String },
    /// A rule of consent finds something in what a service asks.
    Rule {
        service: String,
        locale: String,
        rule: &'static str,
        /// A JSON pointer into the consent request.
        at: String,
        found: String,
        says: &'static str,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        self.what.fmt(f)
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSignIn(why) => write!(f, "no one can sign in: {why}"),
            Self::NotApproved { service } => write!(
                f,
                "no one can sign up to `{service}`: without `approved = true` only those go there \
                 who have nothing left to agree to"
            ),
            Self::NoTestMembers { service } => write!(
                f,
                "no one can go to `{service}`: it is a test app, and `test_members` names no account"
            ),
            Self::NoClientSecret { service } => write!(
                f,
                "`{service}` has no `client_secret`, and clients of Kakao's dialect may do without \
                 PKCE: whoever learns a code can redeem it"
            ),
            Self::ClearSecret { key } => write!(
                f,
                "`{key}` is in this file in clear, and so in every copy of it: name a `file`, a \
                 `credential` or a variable (`env`) that has it (docs/SERVICES.md, Secrets)"
            ),
            Self::NotYetAsked { service, tag, version, from, time_zone, until_then } => {
                write!(
                    f,
                    "`{tag}` of `{service}` is asked in version `{version}` from {from} on \
                     ({time_zone}); until then "
                )?;
                match until_then {
                    Some(before) => write!(f, "in version `{before}`"),
                    None => write!(f, "it is not asked at all"),
                }
            }
            Self::SeededBefore { account } => write!(
                f,
                "the links and channels of account `{account}` were written to the database at an \
                 earlier start and are not read again: put them back as they were, or give the \
                 account another id or an empty --data-dir"
            ),
            Self::ManagedService { service, reason } => write!(
                f,
                "the service `{service}` of the admin API does not fit this file and is left out: {reason}"
            ),
            Self::NoScreen { directory, why } => {
                write!(f, "--dist {directory}: {why}; pages say that the screen is not there")
            }
            Self::NoStudio { directory } => {
                write!(f, "--studio {directory}: the preview studio is not there")
            }
            Self::Rule { service, locale, rule, at, found, says } => {
                write!(f, "{rule}: {says}: {found} (service `{service}` in `{locale}`, {at})")
            }
        }
    }
}

/// What can be said of a configuration by itself.
#[must_use]
pub fn of_configuration(
    configuration: &Configuration,
    source: &Source,
    now: Seconds,
) -> Vec<Warning> {
    let Configuration { catalog, places } = configuration;
    let place = |at: usize| Some(place(&source.fault(at, String::new())));
    let mut warnings = Vec::new();
    if let Some(why) = no_sign_in(catalog) {
        let place = places.sign_in.and_then(place);
        warnings.push(Warning { place, what: Doubt::NoSignIn(why) });
    }
    for &(key, at) in &places.clear_secrets {
        warnings.push(Warning { place: place(at), what: Doubt::ClearSecret { key } });
    }
    for service in catalog.services.values() {
        let id = &service.client_id;
        let at = places.services.get(id).copied().unwrap_or_default();
        let mut add = |place, what| warnings.push(Warning { place, what });
        if !service.approved {
            add(place(at), Doubt::NotApproved { service: id.clone() });
        }
        if service.mode == Mode::Test && service.test_members.is_empty() {
            add(place(at), Doubt::NoTestMembers { service: id.clone() });
        }
        if service.kakao.is_some() && service.client_secret.is_none() && !service.require_pkce {
            add(place(at), Doubt::NoClientSecret { service: id.clone() });
        }
        let today = consent::today(&service.time_zone, now);
        let current = service.terms_on(today);
        for term in service.terms.iter().filter(|term| term.effective_from > today) {
            let until_then =
                current.iter().find(|it| it.tag == term.tag).map(|it| it.version.clone());
            let at = places.term(id, &term.tag, &term.version).effective_from;
            let what = Doubt::NotYetAsked {
                service: id.clone(),
                tag: term.tag.clone(),
                version: term.version.clone(),
                from: term.effective_from,
                time_zone: service.time_zone.iana_name().unwrap_or("UTC").to_owned(),
                until_then,
            };
            add(place(at), what);
        }
    }
    warnings
}

/// What the rules of consent find in what the services ask.
#[must_use]
pub fn of_rules(catalog: &Catalog, now: Seconds) -> Vec<Warning> {
    let of_service = |service: &Service| -> Vec<Warning> {
        let today = consent::today(&service.time_zone, now);
        let findings = consent::lint::findings(service, today);
        let warnings = findings.into_iter().map(|found| {
            let (locale, found) = (found.locale.to_owned(), found.finding);
            let what = Doubt::Rule {
                service: service.client_id.clone(),
                locale,
                rule: found.rule.id,
                at: found.at,
                found: found.what,
                says: found.rule.requirement,
            };
            Warning { place: None, what }
        });
        warnings.collect()
    };
    catalog.services.values().flat_map(of_service).collect()
}

/// A place as faults write it.
#[must_use]
pub fn place(fault: &Fault) -> String {
    format!("{}:{}:{}", fault.file, fault.line, fault.column)
}

fn no_sign_in(catalog: &Catalog) -> Option<&'static str> {
    if catalog.sign_in.oidc.is_some() {
        return None;
    }
    match (&catalog.sign_in.account_header, &catalog.sign_in.login_url) {
        (None, None) => Some("there is no `[sign_in]`"),
        (None, Some(_)) => {
            Some("`login_url` has no `account_header` beside it, which says who has signed in")
        }
        (Some(_), _)
            if catalog.accounts.is_empty() && catalog.sign_in.attribute_headers.is_none() =>
        {
            Some("there is no `[[account]]`, and no `attribute_headers` that make accounts")
        }
        (Some(_), _) => None,
    }
}
