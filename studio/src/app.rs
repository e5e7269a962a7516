//! The studio's pages.

use leptos::{mount::mount_to, prelude::*};
use leptos_router::{
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    address, browser,
    compare::ComparePage,
    components::{ChooseService, DropFile, NotFound},
    gallery::Gallery,
    keeping, language,
    matrix::MatrixPage,
    store::Store,
    storyboard::StoryboardPage,
    thumbnail,
    workbench::Workbench,
};

/// The id of what the page shows until the studio is there.
const SHELL: &str = "shell";

/// Mounts the studio, in the user's language.
pub fn start() {
    consent_screen::i18n::offer_shipped();
    if let Some(root) = browser::root() {
        address::set_root(root);
    }
    // Nothing is drawn before the texts are there: a text is read once.
    wasm_bindgen_futures::spawn_local(async {
        let theme = thumbnail::look_for_theme();
        language::load().await;
        theme.await;
        let Some(root) = consent_screen::browser::document::mount_point() else { return };
        mount_to(root, App).forget();
    });
}

#[component]
fn App() -> impl IntoView {
    let store = Store::new();
    provide_context(store);
    keeping::sync(store);
    // In a task of its own: the page answers in between.
    let is_begun = RwSignal::new(false);
    browser::soon(move || is_begun.set(true));
    view! {
        <Show when=move || is_begun.get()>
            <Router base=address::base()>
                <Pages />
            </Router>
        </Show>
        <p class="visually-hidden" role="status">{move || store.announcement.get()}</p>
    }
}

#[component]
fn Pages() -> impl IntoView {
    address::sync(expect_context::<Store>());
    // What was there before the app.
    Effect::new(|_| browser::remove(SHELL));
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/") view=Gallery />
            <Route path=path!("/cases/:name") view=Workbench />
            <Route path=path!("/cases/:name/matrix") view=MatrixPage />
            <Route path=path!("/cases/:name/storyboard") view=StoryboardPage />
            <Route path=path!("/cases/:name/compare") view=ComparePage />
        </FlatRoutes>
        <ChooseService />
        <DropFile />
    }
}
