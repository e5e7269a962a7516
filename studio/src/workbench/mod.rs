//! One fixture: its preview, and everything that can be changed about it.

mod check;
mod developer;
mod form;
mod header;
mod hear;
mod json;
mod look;
mod notes;
mod preview_pane;
mod share;
mod tabs;
mod translations;

use leptos::prelude::*;

use crate::{
    address, browser,
    components::{NotFound, Notice},
    language::t,
    store::Store,
};
use header::Header;
use notes::{NotesPanel, Noting};
use preview_pane::PreviewPane;
use tabs::{Panel, Tabs};

/// The page of a fixture.
#[component]
pub fn Workbench() -> impl IntoView {
    let store = expect_context::<Store>();
    address::open_current(store);
    let panel = RwSignal::new(Panel::Edit);
    provide_context(Noting::new());
    view! {
        <Show when=move || store.found.get() fallback=NotFound>
            <div class="bench">
            <Header />
            <Notice />
            <main
                class="workbench"
                class:workbench--wide=move || panel.get() == Panel::Texts
            >
                <section class="panel" aria-label=t("Settings")>
                    <Tabs panel />
                    <div
                        class="panel__content"
                        role="tabpanel"
                        id="panel"
                        tabindex="0"
                        aria-labelledby=move || panel.get().tab_id()
                    >
                        {move || match panel.get() {
                            Panel::Edit => view! { <form::FixtureForm /> }.into_any(),
                            Panel::Texts => view! { <translations::TextsPanel /> }.into_any(),
                            Panel::Json => view! { <json::JsonEditor /> }.into_any(),
                            Panel::Look => view! { <look::Look /> }.into_any(),
                            Panel::Check => view! {
                                <check::Check on_show=move |at: String| show_field(store, panel, &at) />
                            }.into_any(),
                            Panel::Hear => view! { <hear::Hear /> }.into_any(),
                            Panel::Notes => view! { <NotesPanel /> }.into_any(),
                            Panel::Share => view! {
                                <share::Share on_show=move |at: String| show_field(store, panel, &at) />
                            }.into_any(),
                        }}
                    </div>
                </section>
                <PreviewPane />
            </main>
            </div>
        </Show>
    }
}

/// Brings the field of a place into view: of the form, or of a theme, in the colour scheme that it is about.
fn show_field(store: Store, panel: RwSignal<Panel>, at: &str) {
    let id = match look::token_at(at) {
        Some((scheme, token)) => {
            store.view.write().scheme = scheme;
            panel.set(Panel::Look);
            look::field_id(token)
        }
        None => {
            panel.set(Panel::Edit);
            form::field_id(at)
        }
    };
    browser::when_drawn(move || browser::focus(&id));
}
