//! `cargo xtask lint FILE`: what the rules of consent say of a screen's data.

use anyhow::{Context, Result, bail};
use clap::Args;
use consent_contract::lint::{self, Finding, Severity};
use consent_contract::request::{ConsentRequest, ConsentState};
use std::fmt::Write;
use std::path::PathBuf;

/// What to look at.
#[derive(Args)]
pub struct Options {
    /// What the API says to `GET /api/v1/consents/{challenge}`, as JSON
    file: PathBuf,
}

/// Prints every finding.
///
/// # Errors
/// When the file is no request, or breaks a rule whose breaking is an error.
pub fn run(options: &Options) -> Result<()> {
    let name = options.file.display();
    let text = std::fs::read_to_string(&options.file).with_context(|| format!("{name}"))?;
    let request = read(&text).with_context(|| format!("{name}"))?;
    let findings = lint::lint(&request);
    print!("{}", report(&findings));
    match findings.iter().filter(|it| it.rule.severity == Severity::Error).count() {
        0 => Ok(()),
        errors => bail!("{name}: {errors} of {} findings are errors", findings.len()),
    }
}

fn read(text: &str) -> Result<ConsentRequest> {
    match ConsentState::from_json(text) {
        Ok(ConsentState::Ask(request)) => Ok(*request),
        Ok(ConsentState::Done { .. }) => bail!("it asks nothing"),
        Err(_) => bail!("it is no request of the consent API: see docs/API.md, ConsentState"),
    }
}

fn report(findings: &[Finding]) -> String {
    let mut report = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        writeln!(report, "{text}").expect("writing to a string does not fail");
    };
    for Finding { rule, at, what } in findings {
        line(format_args!("{} {} {at}: {what}", rule.severity.name(), rule.id));
        line(format_args!("    {}", rule.says));
        line(format_args!("    source: {} (certainty: {})", rule.source, rule.certainty.name()));
        line(format_args!("    mend: {}", rule.mend));
    }
    line(format_args!(
        "{} findings. This is engineering advice, not legal advice.",
        findings.len()
    ));
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../contract/samples/ask.json");

    #[test]
    fn findings_are_told_with_rule_place_source_and_way_out() {
        let mut request = read(SAMPLE).expect("the sample asks");
        request.terms[1].required = true;
        let report = report(&lint::lint(&request));
        assert!(report.starts_with("error KR-P07 /terms/1/required: \""), "{report}");
        assert!(report.contains("source: PIPA 22(5)") && report.contains("mend: Set required"));
        assert!(report.contains("not legal advice"));
    }

    #[test]
    fn a_file_that_breaks_a_rule_fails_and_a_good_one_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let lint = |text: &str| {
            let file = folder.path().join("case.json");
            std::fs::write(&file, text).expect("a file");
            run(&Options { file }).map_err(|error| format!("{error:#}"))
        };
        assert_eq!(lint(SAMPLE), Ok(()));
        // A warning is no reason to fail.
        assert_eq!(lint(&SAMPLE.replace("\"required_only\"", "\"everything\"")), Ok(()));
        let bad = SAMPLE.replacen("\"required\": false", "\"required\": true", 1);
        assert!(lint(&bad).is_err_and(|error| error.contains("1 of 1 findings are errors")));
        assert!(lint("{}").is_err_and(|error| error.contains("no request of the consent API")));
    }
}
