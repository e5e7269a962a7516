//! A picture: a path on the origin of the screen, or a file from disk for the preview.

use leptos::{ev::Targeted, prelude::*, task::spawn_local};
use serde_json::{Value, json};
use web_sys::{Event, HtmlInputElement};

use super::fields::{Findings, field_id, findings_id, value_at};
use crate::{
    browser,
    language::{t, tf},
    picture::{self, LARGEST, Refused},
    pointer,
    store::Store,
    words,
};

/// The path of a picture, with a file input beside it.
#[component]
pub fn PictureField(#[prop(into)] at: String) -> impl IntoView {
    let store = expect_context::<Store>();
    let json = value_at(store, &at);
    let url = Memo::new(move |_| json.read().as_str().unwrap_or_default().to_owned());
    let is_from_disk = Memo::new(move |_| picture::is_from_disk(&url.read()));
    let refused = RwSignal::new(String::new());
    let place = StoredValue::new(at.clone());
    let put = move |new: Value| {
        let at = place.get_value();
        store.edit(Some(&at), |fixture| pointer::with(fixture, &at, new));
    };
    let write = move |event: Targeted<Event, HtmlInputElement>| {
        let typed = event.target().value();
        refused.set(String::new());
        put(if typed.is_empty() { Value::Null } else { json!(typed) });
    };
    let choose = move |event: Event| {
        spawn_local(async move {
            let Some(chosen) = browser::chosen_bytes(&event, LARGEST).await else { return };
            let chosen = chosen.map_err(|bytes| Refused::TooLarge { bytes: bytes as usize });
            match chosen.and_then(|bytes| Ok(picture::read(&bytes)?.data_url(&bytes))) {
                Ok(url) => {
                    refused.set(String::new());
                    put(json!(url));
                    store.announce(t("Picture chosen"));
                }
                Err(reason) => refused.set(reason.to_string()),
            }
        });
    };
    let path_id = field_id(&at);
    let remove = {
        let path_id = path_id.clone();
        Callback::new(move |()| {
            put(Value::Null);
            store.announce(t("Picture removed"));
            // The button is gone with the picture.
            browser::focus(&path_id);
        })
    };
    let (label, described_by) = (t(words::form_label(&at)), findings_id(&at));
    let name = words::without_hint(label);
    let file_id = format!("picture:{at}");
    view! {
        <div class="field picture-field">
            <label for=path_id.clone()>{label}</label>
            <input
                type="text"
                id=path_id
                autocomplete="off"
                aria-describedby=described_by
                placeholder=move || if is_from_disk.get() { t("A picture from disk") } else { "" }
                prop:value=move || if is_from_disk.get() { String::new() } else { url.get() }
                on:input:target=write
            />
            <div class="picture-field__file">
                <div class="open-file">
                    <label class="tool" for=file_id.clone()>
                        {t("From disk")} <span class="visually-hidden">{format!(": {name}")}</span>
                    </label>
                    <input
                        class="visually-hidden open-file__input"
                        type="file"
                        accept=".png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp"
                        id=file_id
                        on:change=choose
                    />
                </div>
                <p class="picture-field__hint">
                    {tf("PNG, JPEG or WebP, square, at most {size}", &[("size", &picture::size(LARGEST))])}
                </p>
            </div>
            <p class="error" role="alert">{refused}</p>
            {move || picture::of_url(&url.read()).map(|read| view! {
                <div class="picture-field__chosen">
                    <img src=url.get() alt="" width="40" height="40" />
                    <div>
                        {match read {
                            Ok(picture) => view! {
                                <p>{picture.to_string()}</p>
                                {picture.warnings().into_iter().map(|it| view! {
                                    <p class="picture-field__warning">{it}</p>
                                }).collect_view()}
                            }.into_any(),
                            Err(reason) => view! { <p class="error">{reason.to_string()}</p> }.into_any(),
                        }}
                        <p>{t("Only previews show it: the screen takes pictures from its own origin.")}</p>
                    </div>
                    <button class="tool" on:click=move |_| remove.run(())>
                        {t("Remove")} <span class="visually-hidden">{format!(": {name}")}</span>
                    </button>
                </div>
            })}
            <Findings at />
        </div>
    }
}
