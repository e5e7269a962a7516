//! Fields of the form: each is bound to a place in the fixture, and says what is wrong there.

use leptos::prelude::*;
use serde_json::{Value, json};

use crate::{place, store::Store};

/// The id of the field for a place.
pub fn id(at: &str) -> String {
    format!("field:{at}")
}

/// What the rules say of a place.
pub fn remarks(store: Store, at: String) -> impl IntoView {
    let found = move || {
        let findings = store.findings.read();
        findings.iter().filter(|it| it.at == at).cloned().collect::<Vec<_>>()
    };
    move || {
        found()
            .into_iter()
            .map(|it| {
                view! {
                    <p class=format!("remark remark--{}", it.rule.severity.name())>
                        <strong>{it.rule.id}</strong>
                        ": "
                        {it.rule.says}
                        " "
                        {it.rule.mend}
                    </p>
                }
            })
            .collect_view()
    }
}

fn remarks_id(at: &str) -> String {
    format!("remarks:{at}")
}

/// The JSON at a place, followed.
pub fn at_place(store: Store, at: &str) -> Memo<Value> {
    let at = at.to_owned();
    Memo::new(move |_| store.history.read().now().fixture.pointer(&at).cloned().unwrap_or_default())
}

/// Shows in the control again what is so: a change that was refused changes nothing that could draw it.
fn so_it_is(event: &leptos::ev::Event, value: &str) {
    use wasm_bindgen::JsCast;
    let target = event.target();
    if let Some(input) = target.as_ref().and_then(|it| it.dyn_ref::<web_sys::HtmlInputElement>()) {
        if input.value() != value {
            input.set_value(value);
        }
    } else if let Some(list) =
        target.and_then(|it| it.dyn_into::<web_sys::HtmlSelectElement>().ok())
    {
        list.set_value(value);
    }
}

/// A line of text. `or_none`: nothing typed is no text at all.
pub fn text(store: Store, label: &'static str, at: String, or_none: bool) -> AnyView {
    let value = at_place(store, &at);
    let (id, remarks_id) = (id(&at), remarks_id(&at));
    let field = at.clone();
    let write = move |event: leptos::ev::Event| {
        let typed = event_target_value(&event);
        let new = if or_none && typed.is_empty() { Value::Null } else { json!(typed) };
        store.edit(Some(&field), |fixture| place::with(fixture, &field, new));
        so_it_is(&event, value.read_untracked().as_str().unwrap_or_default());
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                type="text"
                id=id
                autocomplete="off"
                aria-describedby=remarks_id.clone()
                prop:value=move || value.read().as_str().unwrap_or_default().to_owned()
                on:input=write
            />
            <div id=remarks_id>{remarks(store, at)}</div>
        </div>
    }
    .into_any()
}

/// Yes or no.
pub fn truth(store: Store, label: &'static str, at: String) -> AnyView {
    let value = at_place(store, &at);
    let (id, remarks_id) = (id(&at), remarks_id(&at));
    let field = at.clone();
    let write = move |event| {
        let ticked = event_target_checked(&event);
        store.edit(None, |fixture| place::with(fixture, &field, json!(ticked)));
    };
    view! {
        <div class="check-field">
            <input
                type="checkbox"
                id=id.clone()
                aria-describedby=remarks_id.clone()
                prop:checked=move || value.read().as_bool().unwrap_or_default()
                on:change=write
            />
            <label for=id>{label}</label>
            <div id=remarks_id>{remarks(store, at)}</div>
        </div>
    }
    .into_any()
}

/// One of a few: as JSON and in words. The JSON `null` is no choice at all.
pub fn choice(
    store: Store,
    label: &'static str,
    at: String,
    choices: &'static [(Option<&'static str>, &'static str)],
) -> AnyView {
    let field = at.clone();
    let set = Callback::new(move |new: Value| {
        store.edit(None, |fixture| place::with(fixture, &field, new));
    });
    choice_that(store, label, at, choices, set)
}

/// As [`choice`], with something else done about it.
pub fn choice_that(
    store: Store,
    label: &'static str,
    at: String,
    choices: &'static [(Option<&'static str>, &'static str)],
    set: Callback<Value>,
) -> AnyView {
    let value = at_place(store, &at);
    let (id, remarks_id) = (id(&at), remarks_id(&at));
    let now = move || {
        let value = value.read();
        choices.iter().position(|(json, _)| *json == value.as_str()).unwrap_or_default()
    };
    let write = move |event: leptos::ev::Event| {
        let chosen = event_target_value(&event).parse().ok();
        if let Some((json, _)) = chosen.and_then(|at: usize| choices.get(at)) {
            set.run(json.map_or(Value::Null, |it| json!(it)));
        }
        so_it_is(&event, &untrack(now).to_string());
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                id=id
                aria-describedby=remarks_id.clone()
                prop:value=move || now().to_string()
                on:change=write
            >
                {choices.iter().enumerate().map(|(at, (_, words))| view! {
                    <option value=at.to_string() selected=move || now() == at>{*words}</option>
                }).collect_view()}
            </select>
            <div id=remarks_id>{remarks(store, at)}</div>
        </div>
    }
    .into_any()
}

/// The first of `prefix1`, `prefix2` and so on that no item of the list has for its `key`.
pub fn free(list: &Value, key: &str, prefix: &str) -> String {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let taken = |name: &str| items.iter().any(|item| item[key].as_str() == Some(name));
    let mut names = (1..).map(|number| format!("{prefix}{number}"));
    names.find(|name| !taken(name)).expect("there are more names than items")
}

/// A longer text. What is typed stays as it is typed, as long as it means what the fixture says.
pub fn area(
    store: Store,
    label: &'static str,
    at: String,
    read: fn(&str) -> Value,
    written: fn(&Value) -> String,
) -> AnyView {
    let value = at_place(store, &at);
    let id = id(&at);
    let typed = RwSignal::new(written(&value.get_untracked()));
    Effect::new(move |_| {
        let value = value.read();
        if typed.with_untracked(|typed| read(typed) != *value) {
            typed.set(written(&value));
        }
    });
    let write = move |event| {
        let text = event_target_value(&event);
        let new = read(&text);
        typed.set(text);
        store.edit(Some(&at), |fixture| place::with(fixture, &at, new));
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea id=id rows="6" prop:value=move || typed.get() on:input=write></textarea>
        </div>
    }
    .into_any()
}

/// A list whose items can be added, removed and moved. `called`: what an item is called, by the
/// place of the text that says it.
pub fn list(
    store: Store,
    title: &'static str,
    at: String,
    one: &'static str,
    called: &'static str,
    new: fn(&Value) -> Value,
    item: fn(Store, String) -> AnyView,
) -> AnyView {
    let many = {
        let at = at.clone();
        Memo::new(move |_| place::count(&store.history.read().now().fixture, &at))
    };
    let (add_at, each_at) = (at.clone(), at.clone());
    let add_id = format!("add:{at}");
    let add = move |_| {
        store.edit(None, |fixture| {
            let one = new(fixture.pointer(&add_at).unwrap_or(&Value::Null));
            place::appended(fixture, &add_at, one)
        });
    };
    let focus_id = add_id.clone();
    let list_id = id(&at);
    view! {
        <div class="list" role="group" aria-label=title id=list_id tabindex="-1">
            {remarks(store, at)}
            <For
                each=move || 0..many.get()
                key=|at| *at
                children=move |position| {
                    let (at, focus_id) = (each_at.clone(), focus_id.clone());
                    let here = format!("{at}/{position}");
                    let name = at_place(store, &format!("{here}{called}"));
                    let name = Memo::new(move |_| name.read().as_str().unwrap_or_default().to_owned());
                    let (up_at, remove_at) = (at.clone(), at.clone());
                    let up_id = format!("up:{at}/{position}");
                    let before_id = format!("up:{at}/{}", position.saturating_sub(1));
                    let here_id = id(&here);
                    view! {
                        <details class="list__item" open=position == 0>
                            <summary>
                                <span class="list__name">{move || name.get()}</span>
                            </summary>
                            <div class="list__fields" id=here_id tabindex="-1">
                                {remarks(store, here.clone())}
                                {item(store, here)}
                                <div class="list__tools">
                                    <button
                                        class="tool"
                                        id=up_id
                                        aria-disabled=(position == 0).then_some("true")
                                        aria-label=move || format!("Move up “{}”", name.get())
                                        on:click=move |_| {
                                            if position == 0 {
                                                return;
                                            }
                                            store.edit(None, |fixture| {
                                                place::moved_up(fixture, &up_at, position)
                                            });
                                            // It goes on with what was moved.
                                            crate::browser::focus(&before_id);
                                            store.say(&format!("Number {position} now"));
                                        }
                                    >"Move up"</button>
                                    <button
                                        class="tool"
                                        aria-label=move || format!("Remove “{}”", name.get())
                                        on:click=move |_| {
                                            store.edit(None, |fixture| {
                                                place::without(fixture, &remove_at, position)
                                            });
                                            // The button that had the focus may be gone.
                                            crate::browser::focus(&focus_id);
                                        }
                                    >"Remove"</button>
                                </div>
                            </div>
                        </details>
                    }
                }
            />
            <button class="tool" id=add_id on:click=add>{format!("Add {one}")}</button>
        </div>
    }
    .into_any()
}

/// Fields that belong together, under a heading that folds them.
pub fn section(title: &'static str, open: bool, fields: Vec<AnyView>) -> AnyView {
    view! {
        <details class="section" open=open>
            <summary><h2>{title}</h2></summary>
            <div class="section__fields">{fields}</div>
        </details>
    }
    .into_any()
}
