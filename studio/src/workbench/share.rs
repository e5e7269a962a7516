//! Handing on what was made: the address, the fixture, the theme, a picture.

use consent_fixtures::Fixture;
use leptos::{prelude::*, task::spawn_local};

use super::files::{self, Bring};
use crate::{
    browser,
    share::encode,
    store::{Draft, Store},
    theme::Theme,
};

#[component]
pub fn Share(store: Store) -> impl IntoView {
    let address = move || {
        let address = browser::address();
        let before = address.split('#').next().unwrap_or_default().to_owned();
        format!("{before}#{}", encode(&store.shared()))
    };
    let copy = move |_| {
        let address = untrack(address);
        spawn_local(async move {
            let copied = browser::copy(&address).await;
            store.told.set(if copied {
                "The address is copied".into()
            } else {
                "The browser does not let us copy: the address is marked, copy it yourself".into()
            });
            if !copied && let Some(input) = browser::element("address") {
                use wasm_bindgen::JsCast;
                if let Ok(input) = input.dyn_into::<web_sys::HtmlInputElement>() {
                    input.select();
                }
            }
        });
    };
    let name = move || match store.name.get() {
        name if name.is_empty() => super::OWN.to_owned(),
        name => name,
    };
    let export = move |_| {
        let json = store.fixture.read_untracked().to_json() + "\n";
        browser::download(&format!("{}.json", untrack(name)), "application/json", &json);
    };
    let export_theme = move |_| {
        let css = store.history.with_untracked(|history| history.now().theme.css());
        browser::download("theme.css", "text/css", &css);
    };
    let bring = Callback::new(move |fixture: Fixture| {
        if store.name.with_untracked(|name| consent_fixtures::named(name).is_some()) {
            // Into this fixture, as a step that can be undone.
            let new = Draft::of(&fixture, Theme::default()).fixture;
            store.edit(None, |_| new);
        } else {
            files::bring(store, &fixture);
        }
        store.told.set("The file is opened".into());
    });
    let theme_fault = RwSignal::new(String::new());
    let bring_theme = move |event| {
        spawn_local(async move {
            let Some(css) = browser::chosen_file(&event).await else { return };
            let theme = Theme::from_css(&css);
            if theme.is_empty() {
                theme_fault.set("This file sets no token.".into());
            } else {
                theme_fault.set(String::new());
                store.paint("theme.css", |now| *now = theme);
                store.told.set("The theme is opened".into());
            }
        });
    };
    view! {
        <div class="share">
            <section>
                <h2>"Address"</h2>
                <p>"The whole state is in it, and no server ever sees it: it stands behind the #."</p>
                <div class="field">
                    <label for="address">"Address of what you see"</label>
                    <input id="address" type="text" readonly prop:value=address />
                </div>
                <button class="tool tool--main" on:click=copy>"Copy the address"</button>
                <p class="share__told" aria-hidden="true">{move || store.told.get()}</p>
            </section>
            <section>
                <h2>"Fixture"</h2>
                <p>
                    "A JSON file, which "
                    <code>"cargo xtask lint FILE"</code>
                    " reads, too."
                </p>
                <div class="share__ways">
                    <button class="tool" on:click=export>"Export the case"</button>
                    <Bring id="bring" label="Open a file" on_case=bring />
                </div>
            </section>
            <section>
                <h2>"Theme"</h2>
                <p>"A style sheet with the tokens that you have set."</p>
                <div class="share__ways">
                    <button class="tool" on:click=export_theme>"Export the theme"</button>
                    <div class="bring">
                        <label class="tool" for="bring-theme">"Open a theme"</label>
                        <input
                            class="visually-hidden bring__input"
                            type="file"
                            accept=".css,text/css"
                            id="bring-theme"
                            on:change=bring_theme
                        />
                        <p class="fault" role="alert">{move || theme_fault.get()}</p>
                    </div>
                </div>
            </section>
            <section>
                <h2>"Picture"</h2>
                <p>"From a checkout, as PNG, on a phone and a desktop, light and dark:"</p>
                <pre class="share__command">
                    {move || format!("cargo xtask pictures --case {}", if store.is_changed() {
                        format!("{}.json", name())
                    } else {
                        name()
                    })}
                </pre>
            </section>
        </div>
    }
}
