//! What changed between two files, line by line.

use imara_diff::{Algorithm, Diff, InternedInput};

/// How many unchanged lines are shown around a change.
const CONTEXT: u32 = 3;

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Same(Numbered),
    Removed(Numbered),
    Added(Numbered),
    /// So many unchanged lines that are not shown.
    Skipped(usize),
}

/// A line, and its number in the new file; of a removed one in the old file. From 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    pub number: usize,
    pub text: String,
}

/// The lines that changed, with those around them. Empty for equal files.
#[must_use]
pub fn difference(old: &str, new: &str) -> Vec<Line> {
    let input = InternedInput::new(old, new);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let numbered = |lines: &[&str], at: u32| {
        let text = lines.get(at as usize).copied().unwrap_or_default().to_owned();
        Numbered { number: at as usize + 1, text }
    };
    let mut lines = Vec::new();
    // Up to which line of the new file everything is in the list.
    let mut shown = 0;
    let hunks: Vec<_> = diff.hunks().collect();
    for (index, hunk) in hunks.iter().enumerate() {
        let begin = hunk.after.start.saturating_sub(CONTEXT).max(shown);
        if begin > shown {
            lines.push(Line::Skipped((begin - shown) as usize));
        }
        lines.extend((begin..hunk.after.start).map(|at| Line::Same(numbered(&new, at))));
        lines.extend(hunk.before.clone().map(|at| Line::Removed(numbered(&old, at))));
        lines.extend(hunk.after.clone().map(|at| Line::Added(numbered(&new, at))));
        let count = new.len() as u32;
        let next = hunks.get(index + 1).map_or(count, |it| it.after.start);
        shown = (hunk.after.end + CONTEXT).min(next);
        lines.extend((hunk.after.end..shown).map(|at| Line::Same(numbered(&new, at))));
    }
    let rest = new.len().saturating_sub(shown as usize);
    if !lines.is_empty() && rest > 0 {
        lines.push(Line::Skipped(rest));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lines: &[Line]) -> Vec<String> {
        let line = |line: &Line| match line {
            Line::Same(it) => format!(" {} {}", it.number, it.text),
            Line::Removed(it) => format!("-{} {}", it.number, it.text),
            Line::Added(it) => format!("+{} {}", it.number, it.text),
            Line::Skipped(count) => format!("…{count}"),
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn a_changed_line_stands_between_those_around_it() {
        let old: String = (1..=12).map(|number| format!("line {number}\n")).collect();
        assert_eq!(difference(&old, &old), []);
        let new = old.replace("line 6\n", "line six\n").replace("line 12\n", "");
        assert_eq!(
            drawn(&difference(&old, &new)),
            [
                "…2",
                " 3 line 3",
                " 4 line 4",
                " 5 line 5",
                "-6 line 6",
                "+6 line six",
                " 7 line 7",
                " 8 line 8",
                " 9 line 9",
                " 10 line 10",
                " 11 line 11",
                "-12 line 12"
            ]
        );
        assert_eq!(drawn(&difference("", "a\nb\n")), ["+1 a", "+2 b"]);
        assert_eq!(drawn(&difference("a\r\nb\r\n", "a\r\nc\r\n")), [" 1 a", "-2 b", "+2 c"]);
    }
}
