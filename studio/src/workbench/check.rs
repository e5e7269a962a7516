//! What the rules of consent say.

use std::collections::BTreeSet;

use consent_lint::{Certainty, Finding, Severity};
use leptos::prelude::*;

use crate::store::Store;

/// Every finding. `show`: brings the field of a place into view.
#[component]
pub fn Check(store: Store, show: Callback<String>) -> impl IntoView {
    let of = move |severity| {
        store.findings.read().iter().filter(|it| it.rule.severity == severity).count()
    };
    let sum = move || {
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        match store.findings.read().len() {
            0 => "Nothing was found.".to_owned(),
            _ => {
                let rules = if errors == 1 { "rule" } else { "rules" };
                format!("{errors} broken {rules}, {warnings} to think about.")
            }
        }
    };
    view! {
        <div class="check">
            <p class="panel__lead">
                "Engineering advice, and no legal advice: each rule is an engineer’s reading of a text, \
                 and needs a lawyer before anybody calls it compliance."
            </p>
            <h2 class="visually-hidden">"Findings"</h2>
            <p class="check__sum" role="status">{sum}</p>
            <ul class="findings">
                {move || store.findings.get().into_iter().map(|it| finding(it, show)).collect_view()}
            </ul>
            <Rules/>
        </div>
    }
}

/// Every rule that is looked at: who finds nothing wants to know what was looked for.
#[component]
fn Rules() -> impl IntoView {
    // Drawn when they are first asked for.
    let opened = RwSignal::new(false);
    // One id can have two: an error and a warning, say.
    let count = consent_lint::rules().map(|rule| rule.id).collect::<BTreeSet<_>>().len();
    let rules = move || {
        consent_lint::rules()
            .map(|rule| {
                let why = format!("{} ({})", rule.source, how_certain(rule.certainty));
                view! {
                    <dt>{rule.id} " · " {rule.severity.name()}</dt>
                    <dd>{rule.says} <small>{why}</small></dd>
                }
            })
            .collect_view()
    };
    view! {
        <details class="section rules" on:toggle=move |_| opened.set(true)>
            <summary><h2>{count} " rules are looked at"</h2></summary>
            <p>
                "What goes by words finds what is usually written, and can be wrong about a word. \
                 docs/STUDIO.md names the rules that nothing here looks at."
            </p>
            <dl>{move || opened.get().then(rules)}</dl>
        </details>
    }
}

fn how_certain(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::High => "the text itself was read",
        Certainty::Medium => "a reliable reading, one step from the text",
        Certainty::Low => "uncertain: a single source",
    }
}

fn finding(Finding { rule, at, what }: Finding, show: Callback<String>) -> impl IntoView {
    // Places of the data begin with a slash; what was measured has none.
    let place = at.starts_with('/').then(|| {
        let target = at.clone();
        view! {
            <button class="tool" on:click=move |_| show.run(target.clone())>"Show the field"</button>
        }
    });
    let certainty = how_certain(rule.certainty);
    view! {
        <li class=format!("finding finding--{}", rule.severity.name())>
            <h3>
                <span class="finding__severity">{rule.severity.name()}</span>
                " "
                <span class="finding__rule">{rule.id}</span>
            </h3>
            <p class="finding__what">{what}</p>
            <p>{rule.says}</p>
            <dl>
                <dt>"Where"</dt>
                <dd><code>{if at.is_empty() { "the page".to_owned() } else { at }}</code></dd>
                <dt>"StopReason"</dt>
                <dd>{rule.source} " (" {certainty} ")"</dd>
                <dt>"Mend it"</dt>
                <dd>{rule.mend}</dd>
            </dl>
            {place}
        </li>
    }
}
