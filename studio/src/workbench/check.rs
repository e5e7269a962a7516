//! What the rules of consent find.

use std::collections::BTreeSet;

use consent_lint::{Certainty, Finding, Severity};
use leptos::prelude::*;

use crate::{
    components::Detail,
    language::{t, tf},
    store::Store,
};

/// Every finding. `on_show`: brings the field of a place into view.
#[component]
pub fn Check(#[prop(into)] on_show: Callback<String>) -> impl IntoView {
    let store = expect_context::<Store>();
    let count = move |severity| {
        store.findings.read().iter().filter(|it| it.rule.severity == severity).count()
    };
    let summary = move || {
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        match store.findings.read().len() {
            0 => t("No findings.").to_owned(),
            _ => tf(
                match errors {
                    1 => "{errors} broken rule, {warnings} to review.",
                    _ => "{errors} broken rules, {warnings} to review.",
                },
                &[("errors", &errors), ("warnings", &warnings)],
            ),
        }
    };
    view! {
        <div class="check">
            <p class="panel__lead">
                {t("Engineering advice, not legal advice: each rule is an engineer’s reading of a text. \
                    A lawyer must confirm compliance.")}
            </p>
            <h2 class="visually-hidden">{t("Findings")}</h2>
            <p class="check__sum" role="status">{summary}</p>
            <ul class="findings">
                {move || store.findings.get().into_iter().map(|finding| view! {
                    <FindingItem finding on_show />
                }).collect_view()}
            </ul>
            <Rules />
        </div>
    }
}

#[component]
fn FindingItem(finding: Finding, on_show: Callback<String>) -> impl IntoView {
    let Finding { rule, at, what } = finding;
    // Places in the data are JSON Pointers; a measured finding has none.
    let show_field = at.starts_with('/').then(|| {
        let target = at.clone();
        view! {
            <button class="tool" on:click=move |_| on_show.run(target.clone())>{t("Show the field")}</button>
        }
    });
    view! {
        <li class=format!("finding finding--{}", rule.severity.name())>
            <h3>
                <span class="finding__severity">{t(rule.severity.name())}</span>
                " "
                <span class="finding__rule">{rule.id}</span>
            </h3>
            <p class="finding__what"><Detail text=what /></p>
            <p>{t(rule.requirement)}</p>
            <dl>
                <dt>{t("Where")}</dt>
                <dd><code>{if at.is_empty() { t("the page").to_owned() } else { at }}</code></dd>
                <dt>{t("Why")}</dt>
                <dd><bdi lang="en">{rule.source}</bdi> " (" {describe(rule.certainty)} ")"</dd>
                <dt>{t("Fix")}</dt>
                <dd>{t(rule.fix)}</dd>
                {rule.settled_by.map(|settled_by| view! {
                    <dt>{t("A guess by words, settled by")}</dt>
                    <dd>{t(settled_by)}</dd>
                })}
            </dl>
            {show_field}
        </li>
    }
}

/// Every rule that is checked.
#[component]
fn Rules() -> impl IntoView {
    // Rendered when it is first opened.
    let opened = RwSignal::new(false);
    // An id can have two rules, for example an error and a warning.
    let count = consent_lint::rules().map(|rule| rule.id).collect::<BTreeSet<_>>().len();
    let rules = move || {
        consent_lint::rules()
            .map(|rule| {
                let certainty = describe(rule.certainty);
                view! {
                    <dt>{rule.id} " · " {t(rule.severity.name())}</dt>
                    <dd>
                        {t(rule.requirement)} " "
                        <small><bdi lang="en">{rule.source}</bdi> " (" {certainty} ")"</small>
                    </dd>
                }
            })
            .collect_view()
    };
    view! {
        <details class="section rules" on:toggle=move |_| opened.set(true)>
            <summary><h2>{tf("{count} rules are checked", &[("count", &count)])}</h2></summary>
            <p>
                {t("Rules about wording search for usual phrases, and can be wrong. \
                    docs/STUDIO.md lists the rules that are not checked.")}
            </p>
            <dl>{move || opened.get().then(rules)}</dl>
        </details>
    }
}

fn describe(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::High => t("from the text itself"),
        Certainty::Medium => t("a reliable reading, one step from the text"),
        Certainty::Low => t("uncertain: a single source"),
    }
}
