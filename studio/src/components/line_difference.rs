//! What changed between two texts: lines that were removed and added, with what changed inside them.

use consent_services::difference::{Line, Numbered};
use leptos::prelude::*;

use crate::language::{t, tf, tn};

/// Lines with those around them. Nothing for equal texts.
#[component]
pub fn LineDifference(
    /// What is compared.
    label: String,
    lines: Vec<Line>,
) -> impl IntoView {
    let rows = rows(&lines).into_iter().map(|row| {
        let announced = match row.kind {
            Kind::Removed => tf("{side}: ", &[("side", &t("Removed"))]),
            Kind::Added => tf("{side}: ", &[("side", &t("Added"))]),
            Kind::Same | Kind::Skipped => String::new(),
        };
        view! { <RowView row announced /> }
    });
    (!lines.is_empty()).then(|| {
        view! {
            <div class="diff" role="group" aria-label=label tabindex="0">
                <ol>{rows.collect_view()}</ol>
            </div>
        }
    })
}

/// A value of before and one of after, each with the name of its side. None for a side without one.
#[component]
pub fn ValueDifference(
    before: Option<String>,
    after: Option<String>,
    names: [String; 2],
) -> impl IntoView {
    let texts = match (&before, &after) {
        (Some(old), Some(new)) => parts(old, new).map(Some),
        _ => [before, after].map(|it| it.map(|text| [text, String::new(), String::new()])),
    };
    let kinds = [Kind::Removed, Kind::Added].into_iter();
    let rows = kinds.zip(texts).zip(names).map(|((kind, text), name)| {
        let announced = tf("{side}: ", &[("side", &name)]);
        match text {
            Some(text) => {
                view! { <RowView row=Row { kind, number: 0, text } announced /> }.into_any()
            }
            None => view! {
                <li class="diff__line diff__line--none">
                    <span class="diff__text">
                        <span class="visually-hidden">{announced}</span> {t("Not there")}
                    </span>
                </li>
            }
            .into_any(),
        }
    });
    view! { <ol class="diff diff--values">{rows.collect_view()}</ol> }
}

#[component]
fn RowView(row: Row, announced: String) -> impl IntoView {
    let Row { kind, number, text: [before, changed, after] } = row;
    let class = match kind {
        Kind::Same => "diff__line",
        Kind::Removed => "diff__line diff__line--removed",
        Kind::Added => "diff__line diff__line--added",
        Kind::Skipped => "diff__line diff__line--skipped",
    };
    let changed = (!changed.is_empty()).then(|| view! { <mark>{changed}</mark> });
    let announced =
        (!announced.is_empty()).then(|| view! { <span class="visually-hidden">{announced}</span> });
    view! {
        <li class=class>
            <span class="diff__number" aria-hidden="true">{(number > 0).then_some(number)}</span>
            <span class="diff__sign" aria-hidden="true"></span>
            <span class="diff__text">{announced}{before}{changed}{after}</span>
        </li>
    }
}

/// A line as it is shown: what changed inside it is set apart.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    kind: Kind,
    number: usize,
    /// The text before what changed, what changed, and the rest.
    text: [String; 3],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Same,
    Removed,
    Added,
    Skipped,
}

/// The lines, where as many were removed as added each beside what it became.
fn rows(lines: &[Line]) -> Vec<Row> {
    let row = |kind, it: &Numbered| {
        let text = [it.text.clone(), String::new(), String::new()];
        Row { kind, number: it.number, text }
    };
    let mut rows: Vec<Row> = Vec::new();
    let runs = lines.chunk_by(|one, next| {
        let is_change = |line: &Line| matches!(line, Line::Added(_) | Line::Removed(_));
        is_change(one) == is_change(next)
    });
    for run in runs {
        let removed: Vec<&Numbered> = run
            .iter()
            .filter_map(|line| match line {
                Line::Removed(it) => Some(it),
                _ => None,
            })
            .collect();
        let added: Vec<&Numbered> = run
            .iter()
            .filter_map(|line| match line {
                Line::Added(it) => Some(it),
                _ => None,
            })
            .collect();
        if removed.len() == added.len() && !removed.is_empty() {
            let pairs: Vec<_> =
                removed.iter().zip(&added).map(|(old, new)| parts(&old.text, &new.text)).collect();
            let of = |kind, lines: &[&Numbered], at: usize| {
                let row = |(line, parts): (&&Numbered, &[[String; 3]; 2])| Row {
                    kind,
                    number: line.number,
                    text: parts[at].clone(),
                };
                lines.iter().zip(&pairs).map(row).collect::<Vec<_>>()
            };
            rows.extend(of(Kind::Removed, &removed, 0));
            rows.extend(of(Kind::Added, &added, 1));
            continue;
        }
        rows.extend(run.iter().map(|line| match line {
            Line::Same(it) => row(Kind::Same, it),
            Line::Removed(it) => row(Kind::Removed, it),
            Line::Added(it) => row(Kind::Added, it),
            Line::Skipped(count) => {
                let text = tn(*count, "1 line", "{count} lines");
                row(Kind::Skipped, &Numbered { number: 0, text })
            }
        }));
    }
    rows
}

/// Both lines in three parts, of which the first and the last are the same.
fn parts(old: &str, new: &str) -> [[String; 3]; 2] {
    let same = |pair: &(char, char)| pair.0 == pair.1;
    let before: usize =
        old.chars().zip(new.chars()).take_while(same).map(|(it, _)| it.len_utf8()).sum();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let after = old_rest.chars().rev().zip(new_rest.chars().rev()).take_while(same);
    let after: usize = after.map(|(it, _)| it.len_utf8()).sum();
    [(old, old_rest), (new, new_rest)].map(|(whole, rest)| {
        let (changed, end) = rest.split_at(rest.len() - after);
        [&whole[..before], changed, end].map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_services::difference::difference;

    #[test]
    fn what_changed_in_a_line_is_set_apart() {
        let rows = rows(&difference("a\nname = \"가게\"\nb\n", "a\nname = \"새 가게\"\nb\nc\n"));
        let drawn: Vec<_> =
            rows.iter().map(|it| (it.kind, it.text.each_ref().map(String::as_str))).collect();
        assert_eq!(
            drawn,
            [
                (Kind::Same, ["a", "", ""]),
                (Kind::Removed, ["name = \"", "", "가게\""]),
                (Kind::Added, ["name = \"", "새 ", "가게\""]),
                (Kind::Same, ["b", "", ""]),
                (Kind::Added, ["c", "", ""]),
            ]
        );
    }

    #[test]
    fn the_parts_of_two_lines_are_the_lines() {
        for (old, new) in [("", "a"), ("aa", "aaa"), ("가나", "나가"), ("x", "x"), ("가각", "가갂")]
        {
            let [one, other] = parts(old, new);
            assert_eq!((one.concat(), other.concat()), (old.to_owned(), new.to_owned()));
        }
    }
}
