//! What the browser complained about, and whom it spoke to.
//!
//! Chromium tells by itself. In the other engines a script in each page tells the proxy.

use crate::engine::Engine;
use crate::proxy::{Proxy, TOLD};
use anyhow::{Context, Result};
use serde_json::Value;
use thirtyfour::WebDriver;

/// Tells of errors, of what the policy forbids, and of requests to other origins. Unlike Chromium
/// it does not complain about answers that are errors.
const SPY: &str = "{
    const tell = (what) => navigator.sendBeacon(TOLD, what);
    addEventListener('error', (event) => {
        if (event.error) tell('error: ' + event.error);
        // Not every engine lists what failed among the resources below.
        else if (event.target.src) tell('asked ' + event.target.src);
    }, true);
    addEventListener('unhandledrejection', (event) => tell('rejected: ' + event.reason));
    addEventListener('securitypolicyviolation', (event) => tell(
        'Content Security Policy: ' + event.violatedDirective + ' forbids ' + event.blockedURI));
    for (const level of ['error', 'warn']) {
        const write = console[level];
        console[level] = (...words) => (tell(level + ': ' + words.join(' ')), write(...words));
    }
    new PerformanceObserver((list) => {
        for (const { name } of list.getEntries()) tell('asked ' + name);
    }).observe({ type: 'resource', buffered: true });
}";

/// Lets the pages of an engine that tells nothing by itself be watched.
pub fn watch(engine: Engine, proxy: &Proxy) {
    if engine != Engine::Chromium {
        proxy.inject(SPY.replace("TOLD", &format!("'{TOLD}'")));
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
    /// What was told so far. Chromium forgets it then.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn take(engine: Engine, driver: &WebDriver, proxy: &Proxy) -> Result<Self> {
        match engine {
            Engine::Chromium => Self::of_chromium(driver).await,
            Engine::Firefox | Engine::WebKit => Ok(Self::of_spy(proxy.told())),
        }
    }

    fn of_spy(told: Vec<String>) -> Self {
        let mut log = Self::default();
        for words in told {
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

    /// What nobody expected: complaints that hold none of the `allowed` texts, and requests to
    /// another origin.
    #[must_use]
    pub fn unexpected(&self, origin: &str, allowed: &[String]) -> Vec<String> {
        let complaints = self
            .complaints
            .iter()
            .filter(|complaint| !allowed.iter().any(|text| complaint.contains(text)))
            .cloned();
        let inside = format!("{origin}/");
        // A browser starts with a page of its own, which is none of ours.
        let own = ["data:", "about:", "chrome:"];
        let strangers = self
            .requested
            .iter()
            .filter(|address| !address.starts_with(&inside))
            .filter(|address| !own.iter().any(|scheme| address.starts_with(scheme)))
            .map(|address| format!("asked another origin: {address}"))
            .filter(|stranger| !allowed.iter().any(|text| stranger.contains(text)));
        complaints.chain(strangers).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spy_tells_is_a_request_or_a_complaint() {
        let log = Log::of_spy(vec!["asked http://127.0.0.1:1/a".into(), "error: boom".into()]);
        assert_eq!((log.requested.len(), log.complaints.len()), (1, 1));
    }

    #[test]
    fn strangers_and_complaints_are_unexpected_unless_forgiven() {
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
            log.unexpected("http://127.0.0.1:1", &allowed),
            ["SEVERE: boom", "asked another origin: http://127.0.0.1:12/b"]
        );
    }
}
