use leptos::{html::Dialog, prelude::*};
use leptos_router::hooks::use_navigate;

use crate::{
    browser,
    language::t,
    opened::{self, OpenedServices},
    opening,
    state::View,
    store::Store,
    texts,
};

/// The services of an opened file, one of which becomes a draft.
#[component]
pub fn ChooseService() -> impl IntoView {
    let store = expect_context::<Store>();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let is_open = store.choosing.read().is_some();
        if let Some(dialog) = dialog.get() {
            match is_open {
                true => browser::show_modal(&dialog),
                false => dialog.close(),
            }
        }
    });
    let cancel = move |_| store.choosing.set(None);
    view! {
        <dialog class="choose" node_ref=dialog aria-labelledby="choose-title" on:close=cancel>
            {move || store.choosing.get().map(|services| view! { <Services services /> })}
        </dialog>
    }
}

#[component]
fn Services(services: OpenedServices) -> impl IntoView {
    let store = expect_context::<Store>();
    let navigate = use_navigate();
    let to_gallery = navigate.clone();
    let error = RwSignal::new(String::new());
    let opened = services.clone();
    let OpenedServices { file, list } = services;
    let name = file.name.clone();
    let open = Callback::new(move |index: usize| match opened::service(&file, index) {
        Ok((fixture, source)) => {
            store.choosing.set(None);
            opening::as_draft(store, &navigate, fixture, View::default(), Some(source));
        }
        Err(reason) => error.set(reason),
    });
    let open_all = move |_| match opening::all(store, &to_gallery, &opened) {
        Ok(()) => store.choosing.set(None),
        Err(reason) => error.set(reason),
    };
    let services = list.into_iter().enumerate().map(|(index, listed)| {
        let client_id = listed.client_id.unwrap_or_default();
        let name = if listed.name.is_empty() { client_id.clone() } else { listed.name };
        let counts = texts::of_service(listed.terms, listed.items, listed.channels);
        view! {
            <li>
                <button class="choose__service" on:click=move |_| open.run(index)>
                    <strong>{name}</strong>
                    <code>{client_id}</code>
                    <span>{counts}</span>
                </button>
            </li>
        }
    });
    view! {
        <h2 id="choose-title">{t(texts::CHOOSE_SERVICE)} " " <span class="choose__file">{name}</span></h2>
        <p>{t(texts::ABOUT_CHOOSING)}</p>
        <p class="error" role="alert">{error}</p>
        <ul class="choose__services">{services.collect_view()}</ul>
        <p class="choose__kept">{t(texts::KEPT_IN_BROWSER)}</p>
        <div class="choose__tools">
            <button class="tool" id="open-all" on:click=open_all>{t("Make a draft of each")}</button>
            <button class="tool" on:click=move |_| store.choosing.set(None)>{t(texts::CANCEL)}</button>
        </div>
    }
}
