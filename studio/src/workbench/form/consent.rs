//! The fields of a consent page.

use consent_services::attribute::Attribute;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{
    channel::{ChannelFields, new_channel},
    fields::{CheckboxField, Section, SelectField, TextField, value_at},
    list::{ListField, unused_name},
    parties::{AccountFields, ServiceFields},
    term::{TermFields, new_term, with_text},
    user::UserOfFile,
};
use crate::store::Store;

#[component]
pub fn ConsentFields() -> impl IntoView {
    view! {
        <Section title="Request" open=true>
            <SelectField at="/stage" />
            <UserOfFile />
            <SelectField at="/request/purpose" />
            <SelectField at="/request/agree_all" />
        </Section>
        <Section title="Service" open=true>
            <ServiceFields at="/request/service" />
        </Section>
        <Section title="Terms" open=true>
            <ListField
                at="/request/terms"
                add="Add a term"
                name="title"
                new=new_term
                complete=with_text
                let:at
            >
                <TermFields at />
            </ListField>
        </Section>
        <Section title="Personal information">
            <TextField at="/request/personal_info/recipient" />
            <TextField at="/request/personal_info/purpose" />
            <TextField at="/request/personal_info/retention" />
            <TextField at="/request/personal_info/refusal_effect" />
            <ListField
                at="/request/personal_info/items"
                add="Add an item"
                name="label"
                new=new_item
                let:at
            >
                <ItemFields at />
            </ListField>
        </Section>
        <Section title="Channels" open=true>
            <CheckboxField at="/request/account/messenger_registered" />
            <ListField
                at="/request/channels"
                add="Add a channel"
                name="name"
                new=new_channel
                let:at
            >
                <ChannelFields at />
            </ListField>
        </Section>
        <Section title="Account">
            <AccountFields at="/request/account" />
        </Section>
        <Section title="Already agreed">
            <ListField
                at="/request/already_agreed/terms"
                add="Add a term"
                name="title"
                new=new_agreed_term
                let:at
            >
                <TextField at=format!("{at}/title") />
                <TextField at=format!("{at}/version") />
                <TextField at=format!("{at}/agreed_at") />
            </ListField>
            <ListField
                at="/request/already_agreed/personal_info"
                add="Add an item"
                name="label"
                new=new_agreed_item
                let:at
            >
                <TextField at=format!("{at}/label") />
                <TextField at=format!("{at}/agreed_at") />
            </ListField>
        </Section>
    }
}

#[component]
fn ItemFields(at: String) -> impl IntoView {
    let id = value_at(expect_context::<Store>(), &format!("{at}/id"));
    let is_known = Memo::new(move |_| id.read().as_str().and_then(Attribute::of).is_some());
    let id_at = format!("{at}/id");
    view! {
        <Show when=move || is_known.get()>
            <SelectField at=id_at.clone() />
        </Show>
        <TextField at=format!("{at}/label") />
        <CheckboxField at=format!("{at}/required") />
        <TextField at=format!("{at}/value") nullable=true />
        <SelectField at=format!("{at}/collect") />
        <TextField at=format!("{at}/recipient") nullable=true />
        <TextField at=format!("{at}/purpose") nullable=true />
        <TextField at=format!("{at}/retention") nullable=true />
        <TextField at=format!("{at}/refusal_effect") nullable=true />
    }
}

/// The first of the platform's items that the list does not have.
pub fn new_item(list: &Value) -> Value {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let is_unused = |id: &&str| items.iter().all(|item| item["id"].as_str() != Some(*id));
    let unused = Attribute::ALL.into_iter().map(Attribute::id).find(is_unused);
    let id = unused.map_or_else(|| unused_name(list, "id", "item_"), str::to_owned);
    json!({"id": id, "label": "새 항목", "required": false,
           "value": null, "collect": null, "recipient": null, "purpose": null, "retention": null,
           "refusal_effect": null})
}

fn new_agreed_term(list: &Value) -> Value {
    json!({"tag": unused_name(list, "tag", "agreed_"), "title": "이용약관",
           "version": "2026-11-01", "agreed_at": "2026-11-01T00:00:00Z"})
}

fn new_agreed_item(list: &Value) -> Value {
    json!({"id": unused_name(list, "id", "agreed_"), "label": "닉네임",
           "agreed_at": "2026-11-01T00:00:00Z"})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pointer;
    use consent_fixtures::Fixture;

    #[test]
    fn a_fixture_with_a_new_item_is_valid() {
        let fixture = &consent_fixtures::named("sign-up").unwrap().fixture;
        let fixture = serde_json::to_value(fixture).unwrap();
        for (at, new) in [
            ("/request/terms", new_term as fn(&Value) -> Value),
            ("/request/personal_info/items", new_item),
            ("/request/channels", new_channel),
            ("/request/already_agreed/terms", new_agreed_term),
            ("/request/already_agreed/personal_info", new_agreed_item),
        ] {
            // Add two, remove the first, add one: every name is unique.
            let add = |json: &Value| pointer::appended(json, at, new(json.pointer(at).unwrap()));
            let added = add(&pointer::without(&add(&add(&fixture)), at, 0));
            assert_eq!(Fixture::from_json(&added.to_string()).map(drop), Ok(()), "{at}");
        }
    }
}
