//! The data of a new service: well-formed, and empty but for what a screen needs to be drawn.

use consent_fixtures::Fixture;

/// A fixture without terms, items or channels, of a service with a name to replace.
///
/// # Panics
/// Never: the file is part of the program, and tested.
#[must_use]
pub fn new_service() -> Fixture {
    Fixture::from_json(include_str!("new_service.json")).expect("new_service.json is a fixture")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain;
    use consent_lint::Severity;

    #[test]
    fn a_new_service_is_empty_and_breaks_no_rule() {
        let fixture = new_service();
        let errors: Vec<_> = fixture.lint();
        let errors = errors.iter().filter(|it| it.rule.severity == Severity::Error);
        assert_eq!(errors.map(|it| it.rule.id).collect::<Vec<_>>(), Vec::<&str>::new());
        assert_eq!(explain::stage(&fixture), None);
        let request = fixture.request().expect("it asks");
        assert!(request.terms.is_empty() && request.channels.is_empty());
        assert!(request.personal_info.items.is_empty());
        let json = fixture.to_json();
        assert!(!json.contains("한옥") && !json.contains("shop.example"), "left over: {json}");
    }
}
