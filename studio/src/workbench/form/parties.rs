//! The fields of a service and of an account.

use leptos::{ev::Targeted, prelude::*};
use serde_json::{Value, json};
use web_sys::{Event, HtmlInputElement};

use super::{
    fields::{CheckboxField, SelectField, TextField, value_at},
    picture::PictureField,
};
use crate::{language::t, pointer, store::Store};

#[component]
pub fn ServiceFields(at: &'static str) -> impl IntoView {
    view! {
        <TextField at=format!("{at}/name") />
        <TextField at=format!("{at}/company") />
        <TextField at=format!("{at}/destination_origin") />
        <CheckboxField at=format!("{at}/verified") />
        <SelectField at=format!("{at}/mode") />
        <TextField at=format!("{at}/privacy_policy_url") nullable=true />
        <PictureField at=format!("{at}/icon_url") />
    }
}

#[component]
pub fn AccountFields(at: &'static str) -> impl IntoView {
    view! {
        <TextField at=format!("{at}/nickname") />
        <TextField at=format!("{at}/identifier") />
        <PictureField at=format!("{at}/avatar_url") />
        <TextField at=format!("{at}/switch_url") nullable=true />
    }
}

/// Whether there is an account.
#[component]
pub fn SignedIn() -> impl IntoView {
    let store = expect_context::<Store>();
    let account = value_at(store, "/account");
    let write = move |event: Targeted<Event, HtmlInputElement>| {
        let new = match event.target().checked() {
            true => json!({"nickname": "하나", "avatar_url": null, "switch_url": null,
                "identifier": "ha***@example.com", "messenger_registered": true}),
            false => Value::Null,
        };
        store.edit(None, |fixture| pointer::with(fixture, "/account", new));
    };
    view! {
        <div class="check-field">
            <input
                type="checkbox"
                id="signed-in"
                prop:checked=move || !account.read().is_null()
                on:change:target=write
            />
            <label for="signed-in">{t("A user is signed in")}</label>
        </div>
    }
}
