//! Sharing: the address, the fixture, the theme, and screenshots.

use consent_fixtures::Fixture;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

use super::developer::ForDeveloper;
use crate::{
    address, browser,
    components::{OpenFile, Sentence},
    language::{t, t_in},
    share::encode,
    state::{Comparison, StudioState},
    store::{Snapshot, Store},
    texts,
    theme::{Exported, Theme, tokens},
};

/// `on_show`: brings the field of a place into view.
#[component]
pub fn Share(#[prop(into)] on_show: Callback<String>) -> impl IntoView {
    view! {
        <div class="share">
            <ForDeveloper on_show />
            <ShareAddress />
            <ShareFixture />
            <ShareTheme />
            <Screenshots />
        </div>
    }
}

#[component]
fn ShareAddress() -> impl IntoView {
    let store = expect_context::<Store>();
    let path = use_location().pathname;
    // What it was compared with is not part of it.
    let state = move || StudioState { compare: Comparison::default(), ..store.state() };
    let address = move || format!("{}{}#{}", browser::origin(), path.read(), encode(&state()));
    let copy = move |_| {
        let address = untrack(address);
        spawn_local(async move {
            if browser::copy(&address).await {
                store.announce(t("Address copied"));
                return;
            }
            store.announce(t(
                "The browser blocked copying. The address is selected: copy it yourself.",
            ));
            let input = browser::element("address");
            if let Some(Ok(input)) = input.map(JsCast::dyn_into::<web_sys::HtmlInputElement>) {
                input.select();
            }
        });
    };
    view! {
        <section>
            <h2>{t_in("link", "Address")}</h2>
            <p>{t("It contains the whole state, in the part after # that is never sent to a server.")}</p>
            <div class="field">
                <label for="address">{t("Address of this view")}</label>
                <input id="address" type="text" readonly prop:value=address />
            </div>
            <button class="tool tool--main" on:click=copy>{t("Copy the address")}</button>
            <p class="share__status" aria-hidden="true">{move || store.announcement.get()}</p>
        </section>
    }
}

/// The name of the fixture, for files.
fn file_name(store: Store) -> String {
    let name = store.name.get();
    if name.is_empty() { address::CUSTOM.to_owned() } else { name }
}

#[component]
fn ShareFixture() -> impl IntoView {
    let store = expect_context::<Store>();
    let export = move |_| {
        let json = untrack(|| store.exported()).to_json() + "\n";
        let name = format!("{}.json", untrack(|| file_name(store)));
        browser::download(&name, "application/json", &json);
    };
    let open = move |fixture: Fixture| {
        // Replaces this fixture, as a step that can be undone.
        let new = Snapshot::of(&fixture, Theme::default()).fixture;
        store.edit(None, |_| new);
        store.announce(t("File opened"));
    };
    view! {
        <section>
            <h2>{t("Fixture")}</h2>
            <p><Sentence text=t("A JSON file with the theme, which `cargo xtask lint FILE` can check.") /></p>
            <div class="share__actions">
                <button class="tool" on:click=export>{t("Export the fixture")}</button>
                <OpenFile id="open-file" on_open=open />
            </div>
        </section>
    }
}

#[component]
fn ShareTheme() -> impl IntoView {
    let store = expect_context::<Store>();
    let error = RwSignal::new(String::new());
    let export = move |_| {
        let css = untrack(|| store.shown_theme().css());
        browser::download("theme.css", "text/css", &css);
    };
    let export_tokens = move |_| {
        let Exported { json, left_out } = untrack(|| store.shown_theme().design_tokens());
        browser::download("theme.tokens.json", "application/json", &json);
        error.set(match left_out.is_empty() {
            true => String::new(),
            false => texts::not_exported(&left_out),
        });
    };
    let open = move |event| {
        spawn_local(async move {
            let Some(file) = browser::chosen_file(&event).await else { return };
            let (theme, left_out) = match read_theme(&file.text) {
                Ok(read) => read,
                Err(reason) => {
                    error.set(reason);
                    return;
                }
            };
            if theme.is_empty() {
                error.set(texts::no_token(&left_out));
                return;
            }
            error.set(String::new());
            store.edit_theme("theme.css", |current| *current = theme);
            if !left_out.is_empty() {
                error.set(texts::left_out(&left_out));
            }
            store.announce(t("Theme opened"));
        });
    };
    view! {
        <section>
            <h2>{t("Theme")}</h2>
            <p>
                {t("The tokens that you changed: as a style sheet, or as design tokens in the format of \
                    designtokens.org.")}
            </p>
            <div class="share__actions">
                <button class="tool" on:click=export>{t("Export the theme")}</button>
                <button class="tool" on:click=export_tokens>{t("Export design tokens")}</button>
                <div class="open-file">
                    <label class="tool" for="open-theme">{t("Open a theme")}</label>
                    <input
                        class="visually-hidden open-file__input"
                        type="file"
                        accept=".css,.json,.tokens,text/css,application/json"
                        id="open-theme"
                        on:change=open
                    />
                    <p class="error" role="alert">{error}</p>
                </div>
            </div>
        </section>
    }
}

/// The theme of a style sheet or of design tokens, and what of the file is not in it.
fn read_theme(file: &str) -> Result<(Theme, Vec<String>), String> {
    let (mut theme, mut left_out) = match file.trim_start().starts_with('{') {
        true => {
            let opened = Theme::from_design_tokens(file).map_err(|error| error.to_string())?;
            (opened.theme, opened.left_out)
        }
        false => (Theme::from_css(file), Theme::left_out(file)),
    };
    for set in [&mut theme.light, &mut theme.dark] {
        set.retain(|name, value| {
            let token = tokens().iter().find(|it| it.name == *name);
            let is_known = token.is_some_and(|it| browser::supports(it.property(), value));
            if !is_known {
                left_out.push(name.clone());
            }
            is_known
        });
    }
    Ok((theme, left_out))
}

#[component]
fn Screenshots() -> impl IntoView {
    let store = expect_context::<Store>();
    let command = move || {
        let name = file_name(store);
        let file = if store.is_changed() { format!("{name}.json") } else { name };
        format!("cargo xtask screenshots --case {file}")
    };
    view! {
        <section>
            <h2>{t("Screenshots")}</h2>
            <p>{t("From a checkout, as PNG, on a phone and a desktop, light and dark:")}</p>
            <pre class="share__command">{command}</pre>
            <Show when=move || store.is_changed()>
                <p>{t("Export the fixture to this file first: it has the theme, too.")}</p>
            </Show>
        </section>
    }
}
