//! `cargo xtask lint FILE`: the findings in a screen's data. `--rules`: the rules. `--corpus`: how well
//! they do.

use anyhow::{Context, Result, bail};
use clap::Args;
use consent_contract::request::ConsentRequest;
use consent_fixtures::{Fixture, ParseError};
use consent_lint::corpus::{Score, Scores, scores};
use consent_lint::{Finding, Rule, Severity};
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;

/// What to look at.
#[derive(Args)]
pub struct Options {
    /// A case as the studio exports it, or what the API says to `GET /api/v1/consents/{challenge}`,
    /// as JSON
    #[arg(required_unless_present_any = ["rules", "corpus"])]
    file: Option<PathBuf>,
    /// Name the rules, and what each was read from
    #[arg(long, conflicts_with = "file")]
    rules: bool,
    /// Lint the wordings of lint/corpus, and print precision and recall
    #[arg(long, conflicts_with_all = ["file", "rules"])]
    corpus: bool,
}

/// Prints every finding.
///
/// # Errors
/// When the file is neither a case nor a request, or breaks a rule whose breaking is an error.
pub fn run(options: &Options) -> Result<()> {
    if options.corpus {
        let scores = scores();
        print!("{}", figures(&scores));
        return match scores.all.false_errors {
            0 => Ok(()),
            errors => bail!("{errors} errors in wordings that are lawful"),
        };
    }
    let Some(file) = &options.file else {
        print!("{}", all_rules());
        return Ok(());
    };
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{name}"))?;
    let findings = findings(&text).with_context(|| format!("{name}"))?;
    print!("{}", report(&findings));
    match findings.iter().filter(|it| it.rule.severity == Severity::Error).count() {
        0 => Ok(()),
        errors => bail!("{name}: {errors} of {} findings are errors", findings.len()),
    }
}

fn findings(text: &str) -> Result<Vec<Finding>> {
    let fault = match Fixture::from_json(text) {
        Ok(case) => return Ok(case.lint()),
        Err(fault) => fault,
    };
    match answer(text) {
        Ok(Some(request)) => Ok(consent_lint::lint(&request)),
        Ok(None) => bail!("it asks nothing"),
        Err(error) => bail!("{}", reason(text, &fault, &error)),
    }
}

/// What the API answers; nothing where it asks nothing. Read by serde: the contract's own reader,
/// which reads the same, does not say where a mistake is.
fn answer(text: &str) -> serde_json::Result<Option<ConsentRequest>> {
    #[derive(Deserialize)]
    struct Answer {
        state: State,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum State {
        Ask,
        Done,
    }
    match serde_json::from_str(text)? {
        Answer { state: State::Ask } => serde_json::from_str(text).map(Some),
        Answer { state: State::Done } => Ok(None),
    }
}

/// Why it is neither a fixture nor an API response.
fn reason(text: &str, as_case: &ParseError, as_answer: &serde_json::Error) -> String {
    let Ok(file) = serde_json::from_str::<Value>(text) else {
        return format!("it is no JSON: {as_answer}");
    };
    let neither = "it is neither a case nor what the API answers (ConsentState in docs/API.md)";
    // A case has no state, and an answer no screen.
    if file.get("state").is_some() && file.get("screen").is_none() {
        format!("{neither}; as an answer: {as_answer}")
    } else {
        format!("{neither}; as a case: {as_case}")
    }
}

fn all_rules() -> String {
    let line = |rule: &Rule| {
        let Rule { id, severity, requirement, source, certainty, .. } = rule;
        let (severity, certainty) = (severity.name(), certainty.name());
        format!(
            "{id:<12} {severity:<8} {requirement}\n{:22}{source} (certainty: {certainty})\n",
            ""
        )
    };
    consent_lint::rules().map(line).collect()
}

/// docs/RULES.md: a table of the rules.
#[cfg(test)]
fn reference() -> String {
    let mut page = String::from(
        "# The rules of the lint\n\n\
         Generated from the code: `UPDATE_DOCS=1 cargo test -p xtask lint`. [STUDIO.md](STUDIO.md#the-lint) explains how \
         they are used.\n\n\
         A rule with the same id can be an error where the data proves it, and a warning where words only suggest it. \
         The last column names what settles a guess by words.\n\n\
         | rule | severity | requirement | source (certainty) | a guess, settled by |\n|---|---|---|---|---|\n",
    );
    for rule in consent_lint::rules() {
        let Rule { id, severity, requirement, source, certainty, settled_by, .. } = rule;
        let (severity, certainty) = (severity.name(), certainty.name());
        let settled_by = settled_by.unwrap_or_default();
        writeln!(
            page,
            "| {id} | {severity} | {requirement} | {source} ({certainty}) | {settled_by} |"
        )
        .expect("writing to a string does not fail");
    }
    page
}

/// A table of the scores, and a line for each mistake.
fn figures(scores: &Scores) -> String {
    let mut table = format!(
        "{:<12} {:>5} {:>5} {:>6} {:>5} {:>7} {:>9}\n",
        "", "cases", "found", "missed", "wrong", "recall", "precision"
    );
    let mut line = |name: &str, score: &Score| {
        let Score { cases, found, missed, wrong, .. } = score;
        let (recall, precision) = (score.recall(), score.precision());
        writeln!(
            table,
            "{name:<12} {cases:>5} {found:>5} {missed:>6} {wrong:>5} {recall:>7.3} {precision:>9.3}"
        )
        .expect("writing to a string does not fail");
    };
    scores.by_rule.iter().for_each(|(rule, score)| line(rule, score));
    scores.by_locale.iter().for_each(|(locale, score)| line(locale, score));
    scores.by_file.iter().for_each(|(file, score)| line(file, score));
    line("all", &scores.all);
    let mistakes = scores.mistakes.iter().map(|it| format!("{it}\n")).collect::<String>();
    format!("{table}errors in lawful wordings: {}\n{mistakes}", scores.all.false_errors)
}

fn report(findings: &[Finding]) -> String {
    let mut report = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        writeln!(report, "{text}").expect("writing to a string does not fail");
    };
    for Finding { rule, at, what } in findings {
        line(format_args!("{} {} {at}: {what}", rule.severity.name(), rule.id));
        line(format_args!("    {}", rule.requirement));
        line(format_args!("    source: {} (certainty: {})", rule.source, rule.certainty.name()));
        line(format_args!("    fix: {}", rule.fix));
        if let Some(settled_by) = rule.settled_by {
            line(format_args!("    a guess by words, settled by: {settled_by}"));
        }
    }
    line(format_args!(
        "{} findings. This is engineering advice, not legal advice.",
        findings.len()
    ));
    line(format_args!(
        "What only a drawn page shows was not looked at: the preview studio does that."
    ));
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../contract/samples/ask.json");

    fn case() -> String {
        consent_fixtures::named("sign-up").expect("the first case").fixture.to_json()
    }

    /// With the first term that may be refused made one that may not.
    fn spoilt(good: &str) -> String {
        good.replacen("\"required\": false", "\"required\": true", 1)
    }

    #[test]
    fn findings_name_rule_place_source_and_fix() {
        for (file, place) in [(SAMPLE, "/terms/1/required"), (&case(), "/request/terms/2/required")]
        {
            let report = report(&findings(&spoilt(file)).expect("it asks"));
            assert!(report.starts_with(&format!("error KR-P07 {place}: \"")), "{report}");
            assert!(report.contains("source: PIPA 22(5)") && report.contains("fix: Set required"));
            assert!(report.contains("not legal advice"));
        }
    }

    #[test]
    fn the_theme_of_a_case_is_judged_too() {
        let case = consent_fixtures::named("breaks-the-drawn-rules").expect("a case");
        let report = report(&findings(&case.fixture.to_json()).expect("it asks"));
        assert!(report.contains("error WCAG-1.4.3 /theme/light/--soft: Soft text"), "{report}");
        assert!(report.contains("error WCAG-1.4.11 /theme/dark/--edge: "), "{report}");
    }

    #[test]
    fn a_file_that_breaks_a_rule_fails_and_a_good_one_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let lint = |text: &str| {
            let file = folder.path().join("case.json");
            std::fs::write(&file, text).expect("a file");
            run(&Options { file: Some(file), rules: false, corpus: false })
                .map_err(|error| format!("{error:#}"))
        };
        for good in [SAMPLE, &case()] {
            assert_eq!(lint(good), Ok(()));
            // A warning is no reason to fail.
            assert_eq!(lint(&good.replace("\"required_only\"", "\"everything\"")), Ok(()));
            let error = lint(&spoilt(good)).expect_err("a rule is broken");
            assert!(error.contains("1 of 1 findings are errors"), "{error}");
        }
    }

    #[test]
    fn rules_of_the_data_and_of_the_drawn_page_are_named_with_their_source() {
        let all = all_rules();
        for rule in ["KR-P07 ", "KR-P12a ", "PIPA 22(5), 22(1)7 (certainty: high)"] {
            assert!(all.contains(rule), "{all}");
        }
    }

    #[test]
    fn a_guess_names_what_settles_it() {
        let text = SAMPLE.replacen("회원 가입과 주문 처리", "회원 가입, 주문 처리 등", 1);
        let report = report(&findings(&text).expect("it asks"));
        assert!(report.starts_with("warning KR-P14a /personal_info/purpose: "), "{report}");
        assert!(report.contains("settled by: Whether the words leave a list open."), "{report}");
    }

    #[test]
    fn the_list_of_rules_is_current() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/RULES.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(page, reference()).expect("docs/RULES.md");
        }
        let written = std::fs::read_to_string(page).expect("docs/RULES.md");
        assert_eq!(written, reference(), "UPDATE_DOCS=1 cargo test -p xtask lint");
    }

    #[test]
    fn the_figures_of_the_corpus_are_printed() {
        let figures = figures(&scores());
        for name in ["KR-P01 ", "ko ", "held-out ", "all ", "errors in lawful wordings: 0"] {
            assert!(figures.lines().any(|line| line.starts_with(name)), "{name}: {figures}");
        }
    }

    #[test]
    fn a_mistake_is_reported_with_its_place_for_the_intended_format() {
        let error_of = |text: &str| findings(text).expect_err("a mistake").to_string();
        let line =
            |text: &str, of: &str| text.lines().position(|it| it.contains(of)).expect("a line") + 1;
        let kind = "\"kind\": \"marketing\"";
        let other = |good: &str| good.replacen(kind, "\"kind\": \"surprise\"", 1);

        let error = error_of(&other(&case()));
        let place = format!("as a case: line {}, column", line(&case(), kind));
        assert!(error.contains(&place) && error.contains("request.terms["), "{error}");

        let error = error_of(&other(SAMPLE));
        let place = format!("at line {} column", line(SAMPLE, kind));
        assert!(error.contains("as an answer: ") && error.contains(&place), "{error}");
        assert!(
            error_of(&SAMPLE.replace("\"ask\"", "\"maybe\""))
                .contains("as an answer: unknown variant")
        );

        assert!(error_of("{}").contains("as a case: line 1, column 2: "), "{}", error_of("{}"));
        assert!(
            error_of("{\n\"state\" \"ask\"}").contains("it is no JSON: expected `:` at line 2")
        );
        assert_eq!(error_of("{\"state\":\"done\",\"redirect_to\":\"/\"}"), "it asks nothing");
    }
}
