//! What a developer gets: the services.toml with what was edited, the difference, and what is to do.

use consent_services::difference::Line;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    browser,
    components::{Detail, LineDifference, Sentence},
    language::{t, tf, tn},
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
                <h2>{t("For your developer")}</h2>
                {move || given.get().map(|given| view! {
                    <Summary given=given.clone() />
                    <LineDifference
                        label=tf("Difference of {file}", &[("file", &given.file)])
                        lines=given.lines.clone()
                    />
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
    let lines = |count: usize| tn(count, "1 line", "{count} lines");
    let sum = match (given.is_new, added + removed) {
        (true, _) => tf("A new service: {lines}.", &[("lines", &lines(added))]),
        (false, 0) => t("Nothing changed: the file is the same bytes.").to_owned(),
        (false, _) => tf(
            "{added} added, {removed} removed; every other byte stays.",
            &[("added", &lines(added)), ("removed", &lines(removed))],
        ),
    };
    view! {
        <p class="developer__file">
            <code>{given.file}</code>
            {given.client_id.map(|id| view! { " · " {t("service")} " " <code>{id}</code> })}
        </p>
        <p class="developer__sum">
            <span class="developer__count developer__count--added" aria-hidden="true">{format!("+{added}")}</span>
            <span class="developer__count developer__count--removed" aria-hidden="true">{format!("−{removed}")}</span>
            {sum}
        </p>
    }
}

#[component]
fn Actions(given: HandOver) -> impl IntoView {
    let store = expect_context::<Store>();
    let label = tf("Save {file}", &[("file", &given.file)]);
    let text = as_text(&given.lines);
    let is_changed = !given.lines.is_empty();
    let file = given.file.clone();
    let save = move |_| {
        browser::download(&file, "application/toml", &given.toml);
        store.announce(&tf("{file} saved", &[("file", &file)]));
    };
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let outcome = match browser::copy(&text).await {
                true => t("Difference copied"),
                false => t("The browser blocked copying. Save the file instead."),
            };
            store.announce(outcome);
        });
    };
    let secrets = match given.secrets {
        0 => None,
        count => Some(tn(
            count,
            "The file has a secret: it is in the file that you save, and masked here.",
            "The file has {count} secrets: they are in the file that you save, and masked here.",
        )),
    };
    view! {
        <div class="share__actions">
            <button class="tool tool--main" on:click=save>{label}</button>
            {is_changed.then(|| view! {
                <button class="tool" on:click=copy>{t("Copy the difference")}</button>
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
    let detail = |text: String| view! { <Detail text /> }.into_any();
    let left_out = given.left_out.into_iter().map(|it| (Some(it.at), detail(it.reason)));
    let versions = given.same_version.into_iter().map(|tag| {
        let text = tf(
            "The term `{tag}` has another title or text under the same version. A backend that has shown \
             it refuses the file: give it a new version, and keep the old entry until its first day.",
            &[("tag", &tag)],
        );
        (None, view! { <Sentence text /> }.into_any())
    });
    let missing = given.missing.into_iter().map(|it| (None, detail(it)));
    view! {
        <Points title="Not in the file" points=left_out.collect() />
        <Points title="Needs a new version" points=versions.collect() />
        <Points title="Still missing for a running service" points=missing.collect() />
    }
}

/// Sentences below a heading, each with its place in the data.
#[component]
fn Points(title: &'static str, points: Vec<(Option<String>, AnyView)>) -> impl IntoView {
    (!points.is_empty()).then(|| {
        view! {
            <h3>{t(title)}</h3>
            <ul class="points">
                {points.into_iter().map(|(at, text)| view! {
                    <li>{at.map(|at| view! { <code>{at}</code> " " })} {text}</li>
                }).collect_view()}
            </ul>
        }
    })
}

#[component]
fn Findings(found: Vec<FoundIn>, on_show: Callback<String>) -> impl IntoView {
    let findings = found.into_iter().map(|FoundIn { languages, finding }| {
        let at = finding.at.clone();
        let languages = languages.join(", ");
        view! {
            <li class=format!("finding finding--{}", finding.rule.severity.name())>
                <h4>
                    <span class="finding__severity">{t(finding.rule.severity.name())}</span>
                    " "
                    <span class="finding__rule">{finding.rule.id}</span>
                    " "
                    <span class="developer__languages">{languages}</span>
                </h4>
                <p class="finding__what"><Detail text=finding.what /></p>
                <p>{t(finding.rule.requirement)} " " {t(finding.rule.fix)}</p>
                <button class="tool" on:click=move |_| on_show.run(at.clone())>{t("Show the field")}</button>
            </li>
        }
    });
    let list: Vec<_> = findings.collect();
    match list.is_empty() {
        true => view! {
            <p class="developer__note">{t("The rules of consent find nothing in what changed.")}</p>
        }
        .into_any(),
        false => view! {
            <h3>{t("Check of what changed")}</h3>
            <ul class="findings">{list}</ul>
        }
        .into_any(),
    }
}
