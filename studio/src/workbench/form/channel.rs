//! The fields of a channel.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::{
    fields::{CheckboxField, SelectField, TextField},
    list::unused_name,
    picture::PictureField,
};
use crate::{explain, language::t, store::Store};

#[component]
pub fn ChannelFields(at: String) -> impl IntoView {
    let store = expect_context::<Store>();
    let index: Option<usize> = at.rsplit('/').next().and_then(|it| it.parse().ok());
    let explanation = move || {
        let channels = store.fixture.read().request().map(explain::channels).unwrap_or_default();
        channels.into_iter().find(|it| Some(it.index) == index).map(|it| it.text)
    };
    view! {
        <TextField at=format!("{at}/name") />
        <PictureField at=format!("{at}/icon_url") />
        <CheckboxField at=format!("{at}/primary") />
        <CheckboxField at=format!("{at}/requested") />
        <SelectField at=format!("{at}/relation") />
        <p class="explanation">{explanation}</p>
        <details class="explanation">
            <summary>{t("Which channels can be linked")}</summary>
            <ul>
                {explain::linking().map(|text| view! { <li>{text}</li> }).collect_view()}
            </ul>
        </details>
    }
}

pub fn new_channel(list: &Value) -> Value {
    json!({"public_id": unused_name(list, "public_id", "_channel_"), "name": "새 채널",
           "icon_url": null, "primary": false, "requested": true, "relation": "none"})
}
