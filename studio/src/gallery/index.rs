//! The groups of the gallery, beside it.

use consent_fixtures::{Caption, Group, groups};
use leptos::prelude::*;

use crate::{browser, language::t};

/// The id of a group's heading.
pub fn heading_id(group: &Group) -> String {
    let at = groups().iter().position(|it| it.title == group.title).unwrap_or_default();
    format!("group-{at}")
}

/// Links to the groups that have a fixture. They are there when all groups are, so that each leads somewhere.
#[component]
pub fn Index(
    found: Memo<Vec<(&'static Group, Vec<&'static Caption>)>>,
    is_done: Memo<bool>,
) -> impl IntoView {
    let link = |(group, fixtures): (&'static Group, Vec<&'static Caption>)| {
        let id = heading_id(group);
        let href = format!("#{id}");
        let go = move |event: leptos::ev::MouseEvent| {
            // With one of these, the browser opens it elsewhere.
            if event.ctrl_key() || event.meta_key() || event.shift_key() {
                return;
            }
            // The router would scroll there and leave the focus here.
            event.prevent_default();
            browser::focus(&id);
        };
        view! {
            <li>
                <a class="gallery__link" href=href on:click=go>
                    {t(&group.title)}
                    " "
                    <span class="gallery__number">{fixtures.len()}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav class="gallery__index" aria-label=t("Groups")>
            <Show when=move || is_done.get()>
                <ul>{move || found.get().into_iter().map(link).collect_view()}</ul>
            </Show>
        </nav>
    }
}
