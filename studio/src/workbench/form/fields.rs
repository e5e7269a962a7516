//! Form fields, each bound to a JSON Pointer into the fixture, which has its label. What the rules find
//! there is shown below the field.

use leptos::{ev::Targeted, prelude::*};
use serde_json::{Value, json};
use web_sys::{Event, HtmlInputElement, HtmlSelectElement};

use super::pasting;
use crate::{language::t, pointer, store::Store, words};

/// The id of the field for a place.
pub fn field_id(at: &str) -> String {
    format!("field:{at}")
}

/// The place of the field with an id.
pub fn place_of(id: &str) -> Option<&str> {
    id.strip_prefix("field:")
}

/// The id of the findings below a field.
pub fn findings_id(at: &str) -> String {
    format!("findings:{at}")
}

/// The JSON at a place.
pub fn value_at(store: Store, at: &str) -> Memo<Value> {
    let at = at.to_owned();
    Memo::new(move |_| store.history.read().now().fixture.pointer(&at).cloned().unwrap_or_default())
}

/// What the rules find at a place.
#[component]
pub fn Findings(at: String) -> impl IntoView {
    let store = expect_context::<Store>();
    let id = findings_id(&at);
    let findings = Memo::new(move |_| {
        let findings = store.findings.read();
        findings.iter().filter(|it| it.at == at).map(|it| it.rule).collect::<Vec<_>>()
    });
    view! {
        <div id=id>
            {move || findings.get().into_iter().map(|rule| view! {
                <p class=format!("field-finding field-finding--{}", rule.severity.name())>
                    <strong>{rule.id}</strong> ": " {t(rule.requirement)} " " {t(rule.fix)}
                </p>
            }).collect_view()}
        </div>
    }
}

/// A line of text.
#[component]
pub fn TextField(
    #[prop(into)] at: String,
    /// An empty field is `null`.
    #[prop(optional)]
    nullable: bool,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let json = value_at(store, &at);
    let value = move || json.read().as_str().unwrap_or_default().to_owned();
    let (id, described_by) = (field_id(&at), findings_id(&at));
    let place = at.clone();
    let write = move |event: Targeted<Event, HtmlInputElement>| {
        let input = event.target();
        let typed = input.value();
        let new = if nullable && typed.is_empty() { Value::Null } else { json!(typed) };
        store.edit(Some(&place), |fixture| pointer::with(fixture, &place, new));
        // A rejected change leaves the signal as it was, so nothing else would restore the value.
        let value = untrack(value);
        if input.value() != value {
            input.set_value(&value);
        }
    };
    view! {
        <div class="field">
            <label for=id.clone()>{t(words::form_label(&at))}</label>
            <input
                type="text"
                id=id
                autocomplete="off"
                aria-describedby=described_by
                prop:value=value
                on:input:target=write
            />
            <Findings at />
        </div>
    }
}

/// A boolean.
#[component]
pub fn CheckboxField(#[prop(into)] at: String) -> impl IntoView {
    let store = expect_context::<Store>();
    let json = value_at(store, &at);
    let (id, described_by) = (field_id(&at), findings_id(&at));
    let place = at.clone();
    let write = move |event: Targeted<Event, HtmlInputElement>| {
        let checked = event.target().checked();
        store.edit(None, |fixture| pointer::with(fixture, &place, json!(checked)));
    };
    view! {
        <div class="check-field">
            <input
                type="checkbox"
                id=id.clone()
                aria-describedby=described_by
                prop:checked=move || json.read().as_bool().unwrap_or_default()
                on:change:target=write
            />
            <label for=id>{t(words::form_label(&at))}</label>
            <Findings at />
        </div>
    }
}

/// One of a few options.
#[component]
pub fn SelectField(
    #[prop(into)] at: String,
    /// What to do instead of writing the option to its place.
    #[prop(optional, into)]
    on_change: Option<Callback<Value>>,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let json = value_at(store, &at);
    let (id, described_by) = (field_id(&at), findings_id(&at));
    let options = words::options(&at);
    let selected = move || {
        let json = json.read();
        options.iter().position(|(value, _)| *value == json.as_str()).unwrap_or_default()
    };
    let place = at.clone();
    let write = move |event: Targeted<Event, HtmlSelectElement>| {
        let select = event.target();
        let chosen = select.value().parse().ok();
        if let Some((value, _)) = chosen.and_then(|index: usize| options.get(index)) {
            let new = value.map_or(Value::Null, |it| json!(it));
            match on_change {
                Some(on_change) => on_change.run(new),
                None => store.edit(None, |fixture| pointer::with(fixture, &place, new)),
            }
        }
        // As in a text field.
        select.set_value(&untrack(selected).to_string());
    };
    view! {
        <div class="field">
            <label for=id.clone()>{t(words::form_label(&at))}</label>
            <select
                id=id
                aria-describedby=described_by
                prop:value=move || selected().to_string()
                on:change:target=write
            >
                {options.iter().enumerate().map(|(index, (_, label))| view! {
                    <option value=index.to_string() selected=move || selected() == index>{t(label)}</option>
                }).collect_view()}
            </select>
            <Findings at />
        </div>
    }
}

/// A longer text. Typed text is kept as it is, as long as it means what the fixture has.
#[component]
pub fn TextAreaField(
    #[prop(into)] at: String,
    parse: fn(&str) -> Value,
    format: fn(&Value) -> String,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let json = value_at(store, &at);
    let (id, described_by) = (field_id(&at), findings_id(&at));
    let (label, place) = (t(words::form_label(&at)), at.clone());
    let typed = RwSignal::new(format(&json.get_untracked()));
    Effect::new(move |_| {
        let json = json.read();
        if typed.with_untracked(|typed| parse(typed) != *json) {
            typed.set(format(&json));
        }
    });
    let write = move |text: String| {
        let new = parse(&text);
        typed.set(text);
        store.edit(Some(&at), |fixture| pointer::with(fixture, &at, new));
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea
                id=id
                rows="6"
                aria-describedby=described_by
                prop:value=typed
                on:input:target=move |event| write(event.target().value())
                on:paste=move |event| pasting::paste(store, &event)
            ></textarea>
            <Findings at=place />
        </div>
    }
}

/// Fields that belong together, under a heading that collapses them.
#[component]
pub fn Section(
    title: &'static str,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="section" open=open>
            <summary><h2>{t(title)}</h2></summary>
            <div class="section__fields">{children()}</div>
        </details>
    }
}
