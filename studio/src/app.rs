//! The studio's pages, and what they share.

use leptos::{mount::mount_to, prelude::*};
use leptos_router::{
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{gallery::Gallery, matrix::MatrixPage, store::Store, workbench::Workbench};

/// The address of a case. Whole: links that begin with a slash are not below the router's base.
#[must_use]
pub fn place_of(case: &str) -> String {
    format!("/studio/cases/{case}")
}

/// Puts the studio into the page.
pub fn start() {
    let Some(place) = consent_screen::browser::document::mount_point() else { return };
    mount_to(place, App).forget();
}

#[component]
fn App() -> impl IntoView {
    let store = Store::new();
    provide_context(store);
    view! {
        <Router base="/studio">
            <FlatRoutes fallback=Nothing>
                <Route path=path!("/") view=Gallery />
                <Route path=path!("/cases/:name") view=Workbench />
                <Route path=path!("/cases/:name/matrix") view=MatrixPage />
            </FlatRoutes>
        </Router>
        <p class="visually-hidden" role="status">{move || store.told.get()}</p>
    }
}

/// Something that everybody must see, until they have.
#[component]
pub fn Notice(store: Store) -> impl IntoView {
    view! {
        <div role="status">
            {move || {
                let words = store.notice.get();
                (!words.is_empty()).then(|| view! {
                    <div class="notice-bar">
                        <p>{words}</p>
                        <button class="tool" on:click=move |_| store.notice.set(String::new())>
                            "Close"
                        </button>
                    </div>
                })
            }}
        </div>
    }
}

/// An address of nothing.
#[component]
pub fn Nothing() -> impl IntoView {
    consent_screen::browser::document::set_title("Nothing here · Preview studio");
    let store = expect_context::<Store>();
    view! {
        <Notice store />
        <main class="empty">
            <h1>"There is nothing here"</h1>
            <p>"No case has this name, and the address holds none."</p>
            <p><a class="way" rel="external" href="/studio/">"To the gallery"</a></p>
        </main>
    }
}
