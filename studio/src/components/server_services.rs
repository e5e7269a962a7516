use leptos::{ev::SubmitEvent, html::Dialog, prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

use crate::{
    browser::{self, NotFetched},
    language::t,
    opened::{self, Content, OpenedFile},
    opening,
    store::Store,
    texts,
};

/// A button that opens the services of the server that serves the studio. There is none elsewhere than on
/// a server's admin listener.
#[component]
pub fn ServerServices() -> impl IntoView {
    browser::server_services().map(|path| view! { <OpenServerServices path /> })
}

/// They are read with a token of the admin API, which is not kept.
#[component]
fn OpenServerServices(path: String) -> impl IntoView {
    let store = expect_context::<Store>();
    let navigate = use_navigate();
    let dialog = NodeRef::<Dialog>::new();
    let token = RwSignal::new(String::new());
    let error = RwSignal::new(String::new());
    let path = StoredValue::new(path);
    // An answer counts while the dialog waits for it.
    let is_waiting = RwSignal::new(false);
    let forget = move |_| {
        token.set(String::new());
        error.set(String::new());
        is_waiting.set(false);
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let open = Callback::new(move |text: String| {
        let file = OpenedFile { name: "services.toml".to_owned(), text };
        close();
        let outcome = opened::read(file).and_then(|content| match content {
            Content::Services(services) => opening::choose(store, &navigate, services),
            Content::Fixture(_) => Ok(()),
        });
        if let Err(reason) = outcome {
            store.notice.set(reason);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_waiting.get_untracked() {
            return;
        }
        is_waiting.set(true);
        error.set(String::new());
        let answer = browser::fetched_with_token(&path.read_value(), token.get_untracked().trim());
        spawn_local(async move {
            let answer = answer.await;
            // The page may be another one by now.
            if is_waiting.try_get_untracked() != Some(true) {
                return;
            }
            is_waiting.set(false);
            match answer {
                Ok(text) => open.run(text),
                Err(NotFetched::Refused) => error.set(t(texts::TOKEN_REFUSED).to_owned()),
                Err(NotFetched::Failed) => error.set(t(texts::SERVER_FAILED).to_owned()),
            }
        });
    };
    let show = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            browser::show_modal(&dialog);
        }
    };
    view! {
        <button class="tool" aria-haspopup="dialog" on:click=show>{t(texts::SERVER_SERVICES)}</button>
        <dialog class="choose" node_ref=dialog aria-labelledby="server-title" on:close=forget>
            <form class="choose__form" on:submit=submit>
                <h2 id="server-title">{t(texts::SERVER_SERVICES)}</h2>
                <p>{t(texts::ABOUT_SERVER_SERVICES)}</p>
                <div class="field">
                    <label for="server-token">{t(texts::ADMIN_TOKEN)}</label>
                    <input
                        id="server-token"
                        type="password"
                        autocomplete="off"
                        required
                        aria-describedby="server-error"
                        bind:value=token
                    />
                </div>
                <p class="error" id="server-error" role="alert">{error}</p>
                <div class="choose__buttons">
                    <button class="tool tool--main" type="submit">{t(texts::OPEN_SERVICES)}</button>
                    <button class="tool" type="button" on:click=move |_| close()>{t(texts::CANCEL)}</button>
                </div>
            </form>
        </dialog>
    }
}
