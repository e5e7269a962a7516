//! What a developer gets: the services.toml with what was edited, the difference, and what is to do.

use consent_services::difference::{Line, Numbered};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    browser,
    services::{FoundIn, HandOver, hand_over},
    store::Store,
};

/// `on_show`: brings the field of a place into view.
#[component]
pub fn ForDeveloper(#[prop(into)] on_show: Callback<String>) -> impl IntoView {
    let store = expect_context::<Store>();
    let given = Memo::new(move |_| {
        hand_over(&store.fixture.read(), &store.theme(), store.source.read().as_ref())
    });
    view! {
        <Show when=move || given.read().is_some()>
            <section class="developer">
                <h2>"For your developer"</h2>
                {move || given.get().map(|given| view! {
                    <Summary given=given.clone() />
                    <Difference given=given.clone() />
                    <Actions given=given.clone() />
                    <ToDo given=given.clone() />
                    <Findings found=given.findings on_show />
                })}
            </section>
        </Show>
    }
}

#[component]
fn Summary(given: HandOver) -> impl IntoView {
    let (added, removed) = given.counts();
    let lines =
        |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let sum = match (given.is_new, added + removed) {
        (true, _) => format!("A new service: {}", lines(added)),
        (false, 0) => "Nothing changed: the file is the same bytes".to_owned(),
        (false, _) => {
            format!("{} added, {} removed; every other byte stays", lines(added), lines(removed))
        }
    };
    view! {
        <p class="developer__file">
            <code>{given.file}</code>
            {given.client_id.map(|id| view! { " · service " <code>{id}</code> })}
        </p>
        <p class="developer__sum">
            <span class="developer__count developer__count--added" aria-hidden="true">{format!("+{added}")}</span>
            <span class="developer__count developer__count--removed" aria-hidden="true">{format!("−{removed}")}</span>
            {sum} "."
        </p>
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
                let text = if *count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
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

#[component]
fn Difference(given: HandOver) -> impl IntoView {
    let label = format!("Difference of {}", given.file);
    let lines = rows(&given.lines).into_iter().map(|Row { kind, number, text }| {
        let [before, changed, after] = text;
        let (class, sign, announced) = match kind {
            Kind::Same => ("diff__line", " ", None),
            Kind::Removed => ("diff__line diff__line--removed", "−", Some("Removed: ")),
            Kind::Added => ("diff__line diff__line--added", "+", Some("Added: ")),
            Kind::Skipped => ("diff__line diff__line--skipped", "⋯", None),
        };
        let changed = (!changed.is_empty()).then(|| view! { <mark>{changed}</mark> });
        view! {
            <li class=class>
                <span class="diff__number" aria-hidden="true">{(number > 0).then_some(number)}</span>
                <span class="diff__sign" aria-hidden="true">{sign}</span>
                <span class="diff__text">
                    {announced.map(|it| view! { <span class="visually-hidden">{it}</span> })}
                    {before}{changed}{after}
                </span>
            </li>
        }
    });
    (!given.lines.is_empty()).then(|| {
        view! {
            <div class="diff" role="group" aria-label=label tabindex="0">
                <ol>{lines.collect_view()}</ol>
            </div>
        }
    })
}

#[component]
fn Actions(given: HandOver) -> impl IntoView {
    let store = expect_context::<Store>();
    let label = format!("Save {}", given.file);
    let text = as_text(&given.lines);
    let is_changed = !given.lines.is_empty();
    let file = given.file.clone();
    let save = move |_| {
        browser::download(&file, "application/toml", &given.toml);
        store.announce(&format!("{file} saved"));
    };
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let outcome = match browser::copy(&text).await {
                true => "Difference copied",
                false => "The browser blocked copying. Save the file instead.",
            };
            store.announce(outcome);
        });
    };
    let secrets = match given.secrets {
        0 => None,
        1 => Some(
            "The file has a secret: it is in the file that you save, and masked here.".to_owned(),
        ),
        count => Some(format!(
            "The file has {count} secrets: they are in the file that you save, and masked here."
        )),
    };
    view! {
        <div class="share__actions">
            <button class="tool tool--main" on:click=save>{label}</button>
            {is_changed.then(|| view! {
                <button class="tool" on:click=copy>"Copy the difference"</button>
            })}
        </div>
        {secrets.map(|text| view! { <p class="developer__note">{text}</p> })}
    }
}

/// The difference as text, to be sent to a developer.
fn as_text(lines: &[Line]) -> String {
    let lines = lines.iter().map(|line| match line {
        Line::Same(it) => format!("  {}\n", it.text),
        Line::Removed(it) => format!("- {}\n", it.text),
        Line::Added(it) => format!("+ {}\n", it.text),
        Line::Skipped(count) => format!("… {count}\n"),
    });
    lines.collect()
}

/// What the file does not have.
#[component]
fn ToDo(given: HandOver) -> impl IntoView {
    let left_out: Vec<_> = given.left_out.into_iter().map(|it| (Some(it.at), it.reason)).collect();
    let versions = given.same_version.into_iter().map(|tag| {
        let text = format!(
            "The term `{tag}` has another title or text under the same version. A backend that has shown \
             it refuses the file: give it a new version, and keep the old entry until its first day."
        );
        (None, text)
    });
    let versions: Vec<_> = versions.collect();
    let missing: Vec<_> = given.missing.into_iter().map(|it| (None, it)).collect();
    view! {
        <Points title="Not in the file" points=left_out />
        <Points title="Needs a new version" points=versions />
        <Points title="Still missing for a running service" points=missing />
    }
}

/// Sentences below a heading, each with its place in the data.
#[component]
fn Points(title: &'static str, points: Vec<(Option<String>, String)>) -> impl IntoView {
    (!points.is_empty()).then(|| {
        view! {
            <h3>{title}</h3>
            <ul class="points">
                {points.into_iter().map(|(at, text)| view! {
                    <li>{at.map(|at| view! { <code>{at}</code> " " })} <Sentence text /></li>
                }).collect_view()}
            </ul>
        }
    })
}

/// A sentence with code between backquotes.
#[component]
fn Sentence(text: String) -> impl IntoView {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        let part = part.to_owned();
        if index % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
    });
    parts.collect_view()
}

#[component]
fn Findings(found: Vec<FoundIn>, on_show: Callback<String>) -> impl IntoView {
    let findings = found.into_iter().map(|FoundIn { languages, finding }| {
        let at = finding.at.clone();
        let languages = languages.join(", ");
        view! {
            <li class=format!("finding finding--{}", finding.rule.severity.name())>
                <h4>
                    <span class="finding__severity">{finding.rule.severity.name()}</span>
                    " "
                    <span class="finding__rule">{finding.rule.id}</span>
                    " "
                    <span class="developer__languages">{languages}</span>
                </h4>
                <p class="finding__what">{finding.what}</p>
                <p>{finding.rule.requirement} " " {finding.rule.fix}</p>
                <button class="tool" on:click=move |_| on_show.run(at.clone())>"Show the field"</button>
            </li>
        }
    });
    let list: Vec<_> = findings.collect();
    match list.is_empty() {
        true => view! {
            <p class="developer__note">"The rules of consent find nothing in what changed."</p>
        }
        .into_any(),
        false => view! {
            <h3>"Check of what changed"</h3>
            <ul class="findings">{list}</ul>
        }
        .into_any(),
    }
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
