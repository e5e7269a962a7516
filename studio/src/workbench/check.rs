//! What the rules of consent find.

use std::collections::BTreeSet;

use consent_lint::{
    Certainty, Finding, Severity,
    rendered::{self, is_about_looks},
};
use leptos::prelude::*;

use super::preview_pane::STAGE;
use crate::{
    browser,
    components::Detail,
    fixes::{FixedFixture, fixes},
    language::{t, tf},
    message::Sought,
    store::{Snapshot, Store},
    texts,
    theme::Theme,
};

/// The id of the sentence that counts the findings.
const SUMMARY: &str = "check-summary";

/// The headings of the findings.
const HEADINGS: &str = ".finding__head";

/// A finding in the list.
#[derive(Debug, Clone, PartialEq)]
struct Listed {
    finding: Finding,
    /// How many of the same rule and place are before it: with both, it is an id.
    number: usize,
    is_fixable: bool,
}

impl Listed {
    /// The id of what is wrong, which describes the buttons of the finding.
    fn what_id(&self) -> String {
        let Finding { rule, at, .. } = &self.finding;
        let words = at.split_whitespace().collect::<Vec<_>>().join("_");
        format!("finding:{}:{}:{words}:{}", rule.id, rule.severity.name(), self.number)
    }
}

/// Every finding. `on_show`: brings the field of a place into view.
#[component]
pub fn Check(#[prop(into)] on_show: Callback<String>) -> impl IntoView {
    let store = expect_context::<Store>();
    let listed = Memo::new(move |_| listed(store));
    // What is outlined is one of the findings.
    Effect::new(move |_| {
        let is_gone = store.sought.read().as_ref().is_some_and(|sought| {
            let findings = store.findings.read();
            !findings.iter().any(|it| is_measured(it) && it.at == sought.words)
        });
        if is_gone {
            store.sought.set(None);
        }
    });
    on_cleanup(move || {
        store.sought.try_set(None);
    });
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
            <p class="check__sum" role="status" id=SUMMARY tabindex="-1">{summary}</p>
            <ul class="findings">
                <For
                    each=move || listed.get()
                    key=|it| {
                        let Finding { rule, at, what } = &it.finding;
                        (rule.id, rule.severity.name(), at.clone(), what.clone(), it.number, it.is_fixable)
                    }
                    let:listed
                >
                    <FindingItem listed on_show />
                </For>
            </ul>
            <Rules />
        </div>
    }
}

fn listed(store: Store) -> Vec<Listed> {
    let (fixture, findings) = (store.fixture.read(), store.findings.read());
    let fixes = fixes(&fixture, &findings, &browser::today());
    let all = findings.iter().zip(fixes).enumerate().map(|(at, (finding, fix))| Listed {
        finding: finding.clone(),
        number: number(&findings, at),
        is_fixable: fix.is_some(),
    });
    all.collect()
}

/// How many findings before this one have its rule and its place, whatever they found there.
fn number(findings: &[Finding], at: usize) -> usize {
    let Finding { rule, at: place, .. } = &findings[at];
    findings[..at].iter().filter(|it| it.rule == *rule && it.at == *place).count()
}

/// Whether it was found on the page, of which it has words. The others have places in the data, also those of
/// the theme, which is judged by rules of the page.
fn is_measured(finding: &Finding) -> bool {
    rendered::ALL.contains(&finding.rule) && !finding.at.starts_with("/theme/")
}

/// Fixes a finding of the data in one step, and moves the focus: to a text that was written, or else to what
/// is in the finding's place in the list.
fn fix(store: Store, finding: &Finding, on_show: Callback<String>) {
    let found = store.findings.with_untracked(|all| all.iter().position(|it| it == finding));
    let fixed = store.fixture.with_untracked(|fixture| {
        fixes(fixture, std::slice::from_ref(finding), &browser::today()).pop().flatten()
    });
    let Some(FixedFixture { fixture, written }) = fixed else { return };
    store.edit(None, |_| Snapshot::of(&fixture, Theme::default()).fixture);
    match written {
        Some(at) => {
            on_show.run(at);
            store.announce(&texts::finding_fixed_by_a_text(finding.rule.id));
        }
        None => {
            store.announce(&texts::finding_fixed(finding.rule.id));
            browser::when_drawn(move || {
                if !browser::focus_nth(HEADINGS, found.unwrap_or_default()) {
                    browser::focus(SUMMARY);
                }
            });
        }
    }
}

#[component]
fn FindingItem(listed: Listed, on_show: Callback<String>) -> impl IntoView {
    let store = expect_context::<Store>();
    let described_by = listed.what_id();
    let Listed { finding, is_fixable, .. } = listed;
    let to_fix = finding.clone();
    let fix_it = is_fixable.then(|| {
        view! {
            <button
                class="tool tool--main"
                aria-describedby=described_by.clone()
                on:click=move |_| fix(store, &to_fix, on_show)
            >{t("Fix it")}</button>
        }
    });
    let is_measured = is_measured(&finding);
    let is_of_looks = is_about_looks(&finding.rule);
    let Finding { rule, at, what } = finding;
    let show = match is_measured {
        true => {
            let sought = Sought { words: at.clone(), alike: is_of_looks };
            let wanted = sought.clone();
            let is_shown = Memo::new(move |_| store.sought.read().as_ref() == Some(&wanted));
            let toggle = move |_| {
                let is_shown = is_shown.get_untracked();
                store.sought.set((!is_shown).then(|| sought.clone()));
                if !is_shown {
                    browser::bring_into_view(STAGE);
                }
            };
            view! {
                <button
                    class="tool"
                    aria-pressed=move || is_shown.get().to_string()
                    aria-describedby=described_by.clone()
                    on:click=toggle
                >{t("Show on the screen")}</button>
            }
            .into_any()
        }
        false => {
            let target = at.clone();
            view! {
                <button
                    class="tool"
                    aria-describedby=described_by.clone()
                    on:click=move |_| on_show.run(target.clone())
                >{t("Show the field")}</button>
            }
            .into_any()
        }
    };
    view! {
        <li class=format!("finding finding--{}", rule.severity.name())>
            <h3 class="finding__head" tabindex="-1">
                <span class="finding__severity">{t(rule.severity.name())}</span>
                " "
                <span class="finding__rule">{rule.id}</span>
            </h3>
            <p class="finding__what" id=described_by><Detail text=what /></p>
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
            <div class="finding__tools">{fix_it} {show}</div>
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

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: consent_lint::Rule, at: &str, what: &str) -> Finding {
        Finding { rule, at: at.into(), what: what.into() }
    }

    #[test]
    fn findings_of_one_rule_at_one_place_have_ids_of_their_own() {
        let rule = rendered::ALL[0];
        let all = ["a", "b", "a"].map(|what| finding(rule, "/request/service/company", what));
        let ids = (0..all.len()).map(|at| {
            Listed { finding: all[at].clone(), number: number(&all, at), is_fixable: false }
                .what_id()
        });
        assert_eq!(ids.collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn words_of_the_page_may_look_like_a_place_in_the_data() {
        assert!(is_measured(&finding(rendered::ALL[0], "/account", "")));
        let found = consent_fixtures::all().flat_map(|named| named.fixture.lint());
        let found: Vec<_> = found.collect();
        assert!(found.len() > 20, "{} findings", found.len());
        for finding in found {
            assert!(!is_measured(&finding) && finding.at.starts_with('/'), "{finding:?}");
        }
    }
}
