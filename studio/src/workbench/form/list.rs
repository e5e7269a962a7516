//! A list whose items can be added, removed and moved.

use leptos::prelude::*;
use serde_json::Value;

use super::fields::{Findings, field_id, value_at};
use crate::{
    browser,
    language::{t, tf},
    pointer,
    store::Store,
    words,
};

/// A list. The children render the fields of the item at a place.
#[component]
pub fn ListField<F, V>(
    #[prop(into)] at: String,
    /// The label of the button that adds an item.
    add: &'static str,
    /// The key of the text that names an item.
    name: &'static str,
    /// A new item for the list.
    new: fn(&Value) -> Value,
    /// Adds what a new item needs elsewhere in the fixture.
    #[prop(optional)]
    complete: Option<fn(&Value, &Value) -> Value>,
    children: F,
) -> impl IntoView
where
    F: Fn(String) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let store = expect_context::<Store>();
    let count = {
        let at = at.clone();
        Memo::new(move |_| pointer::count(&store.history.read().now().fixture, &at))
    };
    let list = StoredValue::new(at.clone());
    // The item that was added last: it is open.
    let added = StoredValue::new(None);
    let append = move |_| {
        let at = list.get_value();
        let index = count.get_untracked();
        added.set_value(Some(index));
        store.edit(None, |fixture| {
            let item = new(fixture.pointer(&at).unwrap_or(&Value::Null));
            let appended = pointer::appended(fixture, &at, item.clone());
            match complete {
                Some(complete) => complete(&appended, &item),
                None => appended,
            }
        });
        // Once it is there.
        request_animation_frame(move || browser::focus(&field_id(&format!("{at}/{index}"))));
    };
    view! {
        <div class="list" role="group" aria-label=t(words::form_label(&at)) id=field_id(&at) tabindex="-1">
            <Findings at=at.clone() />
            <For
                each=move || 0..count.get()
                key=|index| *index
                children=move |index| {
                    let fields = children(format!("{}/{index}", list.get_value()));
                    let is_open = index == 0 || added.get_value() == Some(index);
                    view! { <ListItem list index name is_open>{fields}</ListItem> }
                }
            />
            <button class="tool" id=add_id(&at) on:click=append>{t(add)}</button>
        </div>
    }
}

/// The id of the button that adds an item to a list.
fn add_id(list: &str) -> String {
    format!("add:{list}")
}

/// The id of the button that moves an item up.
fn up_id(list: &str, index: usize) -> String {
    format!("up:{list}/{index}")
}

#[component]
fn ListItem(
    list: StoredValue<String>,
    index: usize,
    name: &'static str,
    is_open: bool,
    children: Children,
) -> impl IntoView {
    let store = expect_context::<Store>();
    let at = format!("{}/{index}", list.get_value());
    let name = value_at(store, &format!("{at}/{name}"));
    let name = Memo::new(move |_| name.read().as_str().unwrap_or_default().to_owned());
    let move_up = move |_| {
        if index == 0 {
            return;
        }
        let list = list.get_value();
        store.edit(None, |fixture| pointer::moved_up(fixture, &list, index));
        // The focus follows the item.
        browser::focus(&up_id(&list, index - 1));
        store.announce(&tf("Moved to position {position}", &[("position", &index)]));
    };
    let remove = move |_| {
        let list = list.get_value();
        store.edit(None, |fixture| pointer::without(fixture, &list, index));
        // The button with the focus may be gone.
        browser::focus(&add_id(&list));
    };
    view! {
        <details class="list__item" open=is_open>
            <summary><span class="list__name">{move || name.get()}</span></summary>
            <div
                class="list__fields"
                role="group"
                aria-label=move || name.get()
                id=field_id(&at)
                tabindex="-1"
            >
                <Findings at=at.clone() />
                {children()}
                <div class="list__tools">
                    <button
                        class="tool"
                        id=up_id(&list.get_value(), index)
                        aria-disabled=(index == 0).then_some("true")
                        aria-label=move || tf("Move up “{name}”", &[("name", &name.get())])
                        on:click=move_up
                    >{t("Move up")}</button>
                    <button
                        class="tool"
                        aria-label=move || tf("Remove “{name}”", &[("name", &name.get())])
                        on:click=remove
                    >{t("Remove")}</button>
                </div>
            </div>
        </details>
    }
}

/// The first of `prefix1`, `prefix2` and so on that no item of the list has for its `key`.
pub fn unused_name(list: &Value, key: &str, prefix: &str) -> String {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let taken = |name: &str| items.iter().any(|item| item[key].as_str() == Some(name));
    let mut names = (1..).map(|number| format!("{prefix}{number}"));
    names.find(|name| !taken(name)).expect("there are more names than items")
}
