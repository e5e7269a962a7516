//! What the browser complained about, and which addresses it requested.
//!
//! Chromium logs both. In the other engines a script in each page reports to the proxy.

use crate::engine::Engine;
use crate::proxy::{Proxy, REPORTS};
use anyhow::{Context, Result};
use serde_json::Value;
use thirtyfour::WebDriver;

/// Reports errors, violations of the policy, and requests to other origins. Unlike Chromium
/// it does not complain about answers that are errors.
const SPY: &str = "{
    const report = (what) => navigator.sendBeacon(REPORTS, what);
    addEventListener('error', (event) => {
        if (event.error) report('error: ' + event.error);
        // Not every engine lists what failed among the resources below.
        else if (event.target.src) report('asked ' + event.target.src);
    }, true);
    addEventListener('unhandledrejection', (event) => report('rejected: ' + event.reason));
    addEventListener('securitypolicyviolation', (event) => report(
        'Content Security Policy: ' + event.violatedDirective + ' forbids ' + event.blockedURI));
    for (const level of ['error', 'warn']) {
        const write = console[level];
        console[level] = (...words) => (report(level + ': ' + words.join(' ')), write(...words));
    }
    new PerformanceObserver((list) => {
        // A report is a request, too: each would be reported, without an end.
        for (const { name } of list.getEntries()) if (!name.endsWith(REPORTS)) report('asked ' + name);
    }).observe({ type: 'resource', buffered: true });
}";

/// Watches the pages of an engine that logs nothing by itself.
pub fn watch(engine: Engine, proxy: &Proxy) {
    if engine != Engine::Chromium {
        proxy.inject(SPY.replace("REPORTS", &format!("'{REPORTS}'")));
    }
}

/// What a browser wrote during a scene.
#[derive(Debug, Default)]
pub struct Log {
    /// Errors and warnings of the console: failed loads and violations of the Content Security
    /// Policy among them.
    pub complaints: Vec<String>,
    /// Addresses that something was asked of, in order.
    pub requested: Vec<String>,
}

impl Log {
    /// The log so far. Chromium clears it then.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn take(engine: Engine, driver: &WebDriver, proxy: &Proxy) -> Result<Self> {
        match engine {
            Engine::Chromium => Self::of_chromium(driver).await,
            Engine::Firefox | Engine::WebKit => Ok(Self::of_spy(proxy.reports())),
        }
    }

    /// What an injected script reported.
    pub(crate) fn of_spy(reports: Vec<String>) -> Self {
        let mut log = Self::default();
        for words in reports {
            match words.strip_prefix("asked ") {
                Some(address) => log.requested.push(address.to_owned()),
                None => log.complaints.push(words),
            }
        }
        log
    }

    async fn of_chromium(driver: &WebDriver) -> Result<Self> {
        let mut log = Self::default();
        for entry in driver.get_log("browser").await.context("cannot read the console")? {
            if matches!(entry.level.as_str(), "SEVERE" | "WARNING") {
                log.complaints.push(format!("{}: {}", entry.level, entry.message));
            }
        }
        for entry in driver.get_log("performance").await.context("cannot read the requests")? {
            let event: Value = serde_json::from_str(&entry.message)?;
            let message = &event["message"];
            if message["method"] == "Network.requestWillBeSent" {
                let address = message["params"]["request"]["url"].as_str().unwrap_or_default();
                log.requested.push(address.to_owned());
            }
        }
        Ok(log)
    }

    /// Both logs as one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.complaints.extend(other.complaints);
        self.requested.extend(other.requested);
        self
    }

    /// What no test expects: complaints that hold none of the `allowed` texts, and requests to another
    /// origin than those of the test.
    #[must_use]
    pub fn unexpected(&self, origins: &[&str], allowed: &[String]) -> Vec<String> {
        let complaints = self
            .complaints
            .iter()
            .filter(|complaint| !allowed.iter().any(|text| complaint.contains(text)))
            .cloned();
        let is_inside = |address: &str| {
            let path = origins.iter().find_map(|origin| address.strip_prefix(origin));
            path.is_some_and(|path| path.starts_with('/'))
        };
        // A browser starts with a page of its own, which is none of ours.
        let own = ["data:", "about:", "chrome:"];
        let foreign = self
            .requested
            .iter()
            .filter(|address| !is_inside(address))
            .filter(|address| !own.iter().any(|scheme| address.starts_with(scheme)))
            .map(|address| format!("asked another origin: {address}"))
            .filter(|request| !allowed.iter().any(|text| request.contains(text)));
        complaints.chain(foreign).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_request_or_a_complaint() {
        let log = Log::of_spy(vec!["asked http://127.0.0.1:1/a".into(), "error: boom".into()]);
        assert_eq!((log.requested.len(), log.complaints.len()), (1, 1));
    }

    #[test]
    fn foreign_requests_and_complaints_are_unexpected_unless_allowed() {
        let log = Log {
            complaints: vec!["SEVERE: … status of 410 (Gone)".into(), "SEVERE: boom".into()],
            requested: vec![
                "http://127.0.0.1:1/a".into(),
                "http://127.0.0.1:12/b".into(),
                "data:,".into(),
            ],
        };
        let allowed = ["status of 410".to_owned()];
        assert_eq!(
            log.unexpected(&["http://127.0.0.1:1"], &allowed),
            ["SEVERE: boom", "asked another origin: http://127.0.0.1:12/b"]
        );
    }
}
