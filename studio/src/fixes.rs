//! Fixes of findings that need no decision.

use consent_fixtures::{Fixture, Screen};
use consent_lint::{Finding, Fixed, Fixes};

/// The place of a request in a fixture.
const REQUEST: &str = "/request";

/// A fixture with a finding fixed.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedFixture {
    pub fixture: Fixture,
    /// The place of a text that was written, which the user has to read.
    pub written: Option<String>,
}

/// The fixes of findings, in their order. None for those that need a decision. `today`: as `YYYY-MM-DD`.
#[must_use]
pub fn fixes(fixture: &Fixture, findings: &[Finding], today: &str) -> Vec<Option<FixedFixture>> {
    let fixes = fixture.request().map(Fixes::of);
    let fix = |finding: &Finding| {
        // What is measured, full texts and the theme are in no request.
        let at = finding.at.strip_prefix(REQUEST)?.to_owned();
        let Fixed { request, written } =
            fixes.as_ref()?.fix(&Finding { at, ..finding.clone() }, today)?;
        let mut fixture = fixture.clone();
        let Screen::Consent(consent) = &mut fixture.screen else { return None };
        consent.request = request;
        // What no file could have is no fix.
        let fixture = Fixture::from_json(&fixture.to_json()).ok()?;
        Some(FixedFixture { fixture, written: written.map(|at| format!("{REQUEST}{at}")) })
    };
    findings.iter().map(fix).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_contract::request::AgreeAllPolicy;

    #[test]
    fn findings_of_the_request_are_fixed_and_others_are_not() {
        let mut fixture = consent_fixtures::named("sign-up").unwrap().fixture.clone();
        let Screen::Consent(consent) = &mut fixture.screen else { panic!("it asks") };
        consent.request.agree_all = AgreeAllPolicy::Everything;
        consent.request.terms[2].highlights.clear();
        consent.documents.remove("privacy");
        let findings = fixture.lint();
        let all = fixes(&fixture, &findings, "2026-12-01");
        let fix = |at: &str| {
            let place = findings.iter().position(|it| it.at == at);
            all[place.unwrap_or_else(|| panic!("nothing at {at}: {findings:#?}"))].clone()
        };
        let required_only = fix("/request/agree_all").expect("a fix");
        let agree_all = required_only.fixture.request().map(|it| it.agree_all);
        assert_eq!(agree_all, Some(AgreeAllPolicy::RequiredOnly));
        assert_eq!(required_only.written, None);
        let described = fix("/request/terms/2/highlights").expect("a fix");
        let at = "/request/terms/2/highlights/0/text";
        assert_eq!(described.written.as_deref(), Some(at));
        assert!(described.fixture.lint().iter().all(|it| it.at != "/request/terms/2/highlights"
            || it.rule.severity != consent_lint::Severity::Error));
        assert_eq!(fix("/documents/privacy"), None);
    }
}
