//! Lines of the shop's own source, shown in the panel behind the scenes and in the partner guide.
//!
//! A sample starts after a line `// sample: NAME` and ends before the next `// end sample`.

use std::sync::LazyLock;

/// Lines of a source file, without their common indentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub name: &'static str,
    /// Path in the repository, `shop/src/http/callback.rs`.
    pub file: &'static str,
    pub code: String,
}

macro_rules! sources {
    ($($path:literal),* $(,)?) => {
        const SOURCES: &[(&str, &str)] =
            &[$((concat!("shop/src/", $path), include_str!($path))),*];
    };
}

sources! {
    "http/callback.rs",
    "http/coupons.rs",
    "http/goods.rs",
    "http/join.rs",
    "http/leave.rs",
    "http/order.rs",
    "http/profile.rs",
    "http/sign_in.rs",
    "http/webhooks.rs",
    "http/reasons.rs",
    "member/sign_up.rs",
    "provider/oidc.rs",
    "settings.rs",
}

static SAMPLES: LazyLock<Vec<Sample>> =
    LazyLock::new(|| SOURCES.iter().flat_map(|(file, source)| cut(file, source)).collect());

/// The sample with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Sample> {
    SAMPLES.iter().find(|sample| sample.name == name)
}

/// All samples, by file.
#[must_use]
pub fn all() -> &'static [Sample] {
    &SAMPLES
}

fn cut(file: &'static str, source: &'static str) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut open: Option<(&'static str, Vec<&str>)> = None;
    for line in source.lines() {
        let trimmed = line.trim();
        if let Some(name) = trimmed.strip_prefix("// sample: ") {
            open = Some((name, Vec::new()));
        } else if trimmed == "// end sample" {
            if let Some((name, lines)) = open.take() {
                samples.push(Sample { name, file, code: dedent(&lines) });
            }
        } else if let Some((_, lines)) = &mut open {
            lines.push(line);
        }
    }
    samples
}

fn dedent(lines: &[&str]) -> String {
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or("")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// That every sample of a page exists is checked where every page is rendered: the example.
    #[test]
    fn names_are_unique_and_no_sample_is_empty() {
        let names: Vec<&str> = all().iter().map(|sample| sample.name).collect();
        let unique: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), unique.len(), "a name is used twice: {names:?}");
        assert!(!names.is_empty());
        for sample in all() {
            assert!(!sample.code.trim().is_empty(), "{} is empty", sample.name);
        }
    }

    #[test]
    fn a_sample_loses_its_indentation_and_its_markers() {
        let source = "x\n    // sample: a\n    one\n\n        two\n    // end sample\ny";
        assert_eq!(
            cut("f", source),
            [Sample { name: "a", file: "f", code: "one\n\n    two".to_owned() }]
        );
    }

    #[test]
    fn an_open_sample_is_none() {
        assert_eq!(cut("f", "// sample: a\none"), []);
    }
}
