//! The user whom a service of a file is shown to.

use leptos::{ev::Targeted, prelude::*};
use web_sys::{Event, HtmlSelectElement};

use crate::{
    accounts::{shown_to, user_of},
    language::t,
    store::{Snapshot, Store},
    theme::Theme,
};

const ID: &str = "shown-to";

/// The accounts of the file. Nothing for a draft of none, and for a file without accounts.
#[component]
pub fn UserOfFile() -> impl IntoView {
    let store = expect_context::<Store>();
    let chosen = Memo::new(move |_| user_of(&store.fixture.read(), &store.audience.read().users));
    let choose = move |event: Targeted<Event, HtmlSelectElement>| {
        let audience = store.audience.read_untracked();
        let at: Option<usize> = event.target().value().parse().ok();
        let Some(user) = at.and_then(|at| audience.users.get(at)) else { return };
        let shown = shown_to(&store.fixture.read_untracked(), user);
        // Into the fixture alone: the theme stays.
        let new = Snapshot::of(&shown, Theme::default()).fixture;
        drop(audience);
        store.edit(None, |_| new);
    };
    view! {
        <Show when=move || { store.audience.read().users.len() > 1 }>
            <div class="field">
                <label for=ID>{t("Shown to")}</label>
                <select id=ID prop:value=move || chosen.get().to_string() on:change:target=choose>
                    {move || store.audience.get().users.into_iter().enumerate().map(|(at, user)| view! {
                        <option value=at.to_string() selected=move || chosen.get() == at>
                            {user.label()}
                        </option>
                    }).collect_view()}
                </select>
            </div>
        </Show>
    }
}
