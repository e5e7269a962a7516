//! Checks a document before it is written: everything that a services.toml is checked for, and the consent
//! lint, whose errors refuse it.

use super::{Document, Finding, Managed, read_document};
use crate::{
    clock::Seconds,
    config::{Catalog, Service, ServiceReader},
    consent,
    network::Network,
};

/// A document that may be written.
#[derive(Debug)]
pub struct Checked {
    pub service: Service,
    /// What is doubtful.
    pub findings: Vec<Finding>,
}

/// Checks the document of a service beside all others.
///
/// # Errors
/// Every finding, of which at least one is an error.
pub fn check(
    (file, managed): (&Catalog, &Managed),
    client_id: &str,
    document: &Document,
    networks: &[Network],
    now: Seconds,
) -> Result<Checked, Vec<Finding>> {
    let mut reader = ServiceReader::beside(file, managed.others(client_id));
    let read = read_document(document, &mut reader, networks)
        .map_err(|faults| faults.into_iter().map(Finding::from).collect::<Vec<_>>())?;
    let service = read.service;
    let today = consent::today(&service.time_zone, now);
    let findings = consent::lint::findings(&service, today).into_iter().map(Finding::from);
    let mut findings: Vec<Finding> = findings.collect();
    findings.sort_by_key(|it| !it.is_error());
    match findings.iter().any(Finding::is_error) {
        true => Err(findings),
        false => Ok(Checked { service, findings }),
    }
}
