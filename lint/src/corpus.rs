//! The corpus: wordings, labelled with the rules that must find them, and how well the rules do.

use std::collections::BTreeMap;

use consent_contract::request::ConsentRequest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Severity, lint};

/// The files: what was known when the rules were written, and what was written after them.
const FILES: [(&str, &str); 4] = [
    ("review", include_str!("../corpus/review.json")),
    ("known", include_str!("../corpus/known.json")),
    ("held-out", include_str!("../corpus/held-out.json")),
    ("blind", include_str!("../corpus/blind.json")),
];

/// Requests without a finding, by language, which the cases change.
const BASES: [(&str, &str); 3] = [
    ("ko", include_str!("../corpus/base/ko.json")),
    ("en", include_str!("../corpus/base/en.json")),
    ("ja", include_str!("../corpus/base/ja.json")),
];

/// A wording, and what is to be found in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The language of the base.
    pub locale: String,
    /// What is changed: values by JSON Pointer (RFC 6901). `-` after a list appends.
    pub set: serde_json::Map<String, Value>,
    /// The rules that must be found, by id.
    #[serde(default)]
    pub find: Vec<String>,
    /// Rules that may be found as warnings, with good reason. All others must not be found.
    #[serde(default)]
    pub may: Vec<String>,
    /// What the wording is.
    #[serde(default)]
    pub note: String,
}

/// How well the rules do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    pub cases: usize,
    /// Rules that were found as labelled.
    pub found: usize,
    /// Rules that were not found.
    pub missed: usize,
    /// Rules that were found and should not have been.
    pub wrong: usize,
    /// Those of them that are errors.
    pub false_errors: usize,
}

impl Score {
    /// The share of what must be found that is found.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.found, self.missed)
    }

    /// The share of what is found that must be found.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.found, self.wrong)
    }

    fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.found += other.found;
        self.missed += other.missed;
        self.wrong += other.wrong;
        self.false_errors += other.false_errors;
    }
}

fn share(part: usize, rest: usize) -> f64 {
    let whole = u32::try_from(part + rest).map_or(f64::INFINITY, f64::from);
    if part + rest == 0 { 1.0 } else { u32::try_from(part).map_or(0.0, f64::from) / whole }
}

/// The scores of the whole corpus.
#[derive(Debug, Default, Serialize)]
pub struct Scores {
    pub all: Score,
    pub by_file: BTreeMap<&'static str, Score>,
    pub by_locale: BTreeMap<String, Score>,
    /// By rule: found, missed and wrong only.
    pub by_rule: BTreeMap<String, Score>,
    /// A line for each rule that was missed or wrong.
    pub mistakes: Vec<String>,
}

/// The cases of each file.
///
/// # Panics
/// When a file is not read: they are compiled in, and tested.
#[must_use]
pub fn cases() -> Vec<(&'static str, Vec<Case>)> {
    let read = |(name, file): (&'static str, &str)| {
        let cases = serde_json::from_str(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, cases)
    };
    FILES.into_iter().map(read).collect()
}

/// A request without a finding.
///
/// # Errors
/// Where there is none in this language.
pub fn base(locale: &str) -> Result<ConsentRequest, String> {
    serde_json::from_value(base_json(locale)?).map_err(|error| error.to_string())
}

fn base_json(locale: &str) -> Result<Value, String> {
    let base = BASES.iter().find(|(name, _)| *name == locale);
    let (_, json) = base.ok_or_else(|| format!("no base in {locale}"))?;
    serde_json::from_str(json).map_err(|error| error.to_string())
}

impl Case {
    /// The changed base.
    ///
    /// # Errors
    /// Where a place does not exist, or the result is no request.
    pub fn request(&self) -> Result<ConsentRequest, String> {
        let mut json = base_json(&self.locale)?;
        for (at, value) in &self.set {
            if let Some(list) = at.strip_suffix("/-") {
                let list = json.pointer_mut(list).and_then(Value::as_array_mut);
                list.ok_or_else(|| format!("no list at {at}"))?.push(value.clone());
            } else {
                *json.pointer_mut(at).ok_or_else(|| format!("nothing at {at}"))? = value.clone();
            }
        }
        serde_json::from_value(json).map_err(|error| error.to_string())
    }
}

/// Lints every case.
///
/// # Panics
/// When a case is no request: the corpus is compiled in, and tested.
#[must_use]
pub fn scores() -> Scores {
    let mut scores = Scores::default();
    for (file, cases) in cases() {
        for case in cases {
            let request = case.request().unwrap_or_else(|error| panic!("{case:?}: {error}"));
            scores.score(file, &case, &request);
        }
    }
    scores
}

impl Scores {
    fn score(&mut self, file: &'static str, case: &Case, request: &ConsentRequest) {
        let findings = lint(request);
        let mut ids: BTreeMap<&str, Severity> = BTreeMap::new();
        for it in &findings {
            let worst = ids.entry(it.rule.id).or_insert(it.rule.severity);
            *worst = (*worst).min(it.rule.severity);
        }
        let what = || Value::Object(case.set.clone()).to_string();
        let mut score = Score { cases: 1, ..Score::default() };
        for rule in &case.find {
            let hit = ids.contains_key(rule.as_str());
            let one =
                Score { found: usize::from(hit), missed: usize::from(!hit), ..Score::default() };
            score.add(one);
            self.by_rule.entry(rule.clone()).or_default().add(one);
            if !hit {
                self.mistakes.push(format!("{file}: missed {rule} in {}", what()));
            }
        }
        for (rule, severity) in ids {
            let is = |labels: &[String]| labels.iter().any(|it| it == rule);
            let is_error = severity == Severity::Error;
            if is(&case.find) || is(&case.may) && !is_error {
                continue;
            }
            let one = Score { wrong: 1, false_errors: usize::from(is_error), ..Score::default() };
            score.add(one);
            self.by_rule.entry(rule.to_owned()).or_default().add(one);
            let name = severity.name();
            self.mistakes.push(format!("{file}: wrong {rule} ({name}) in {}", what()));
        }
        self.all.add(score);
        self.by_file.entry(file).or_default().add(score);
        self.by_locale.entry(case.locale.clone()).or_default().add(score);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bases_have_no_findings() {
        for (locale, _) in BASES {
            assert_eq!(lint(&base(locale).unwrap()), [], "{locale}");
        }
    }

    #[test]
    fn recall_and_precision_are_above_their_gates_and_no_error_is_false() {
        let scores = scores();
        let Scores { all, mistakes, .. } = &scores;
        let report = format!("{all:?}\n{}", mistakes.join("\n"));
        assert_eq!(all.false_errors, 0, "{report}");
        assert!(all.recall() >= 0.9, "recall {:.3}: {report}", all.recall());
        assert!(all.precision() >= 0.9, "precision {:.3}: {report}", all.precision());
        for (file, score) in &scores.by_file {
            assert!(score.recall() >= 0.9, "{file}: {score:?}\n{report}");
        }
    }

    #[test]
    fn the_corpus_is_large_and_in_three_languages() {
        let scores = scores();
        assert!(scores.all.cases >= 200, "{}", scores.all.cases);
        assert!(scores.by_file["held-out"].cases * 4 >= scores.all.cases, "{scores:?}");
        assert!(scores.by_locale.values().all(|it| it.cases >= 40), "{:?}", scores.by_locale);
    }

    #[test]
    fn each_label_is_a_rule() {
        let known = |id: &String| crate::rules().any(|rule| rule.id == id);
        for (file, cases) in cases() {
            for case in cases {
                let labels = case.find.iter().chain(&case.may);
                let unknown: Vec<_> = labels.filter(|it| !known(it)).collect();
                assert!(unknown.is_empty(), "{file}: {unknown:?}");
            }
        }
    }
}
