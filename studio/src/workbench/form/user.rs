//! The user whom a service of a file is shown to.

use leptos::{ev::Targeted, prelude::*};
use web_sys::{Event, HtmlSelectElement};

use crate::{
    accounts::{shown_to, user_of, users},
    language::t,
    store::{Snapshot, Store},
    theme::Theme,
};

const ID: &str = "shown-to";

/// The accounts of the file. Nothing for a draft of none, and for a file without accounts.
#[component]
pub fn UserOfFile() -> impl IntoView {
    let store = expect_context::<Store>();
    let users = Memo::new(move |_| store.source.read().as_ref().map(users).unwrap_or_default());
    let chosen = Memo::new(move |_| user_of(&store.fixture.read(), &users.read()));
    let choose = move |event: Targeted<Event, HtmlSelectElement>| {
        let users = users.read_untracked();
        let at: Option<usize> = event.target().value().parse().ok();
        let Some(user) = at.and_then(|at| users.get(at)) else { return };
        let shown = shown_to(&store.fixture.read_untracked(), user);
        // Into the fixture alone: the theme stays.
        let new = Snapshot::of(&shown, Theme::default()).fixture;
        store.edit(None, |_| new);
    };
    view! {
        <Show when=move || { users.read().len() > 1 }>
            <div class="field">
                <label for=ID>{t("Shown to")}</label>
                <select id=ID prop:value=move || chosen.get().to_string() on:change:target=choose>
                    {move || users.get().into_iter().enumerate().map(|(at, user)| view! {
                        <option value=at.to_string() selected=move || chosen.get() == at>
                            {user.label()}
                        </option>
                    }).collect_view()}
                </select>
            </div>
        </Show>
    }
}
