//! What a guardian has on the form beside a user: for whom it is, their own name, and the confirmation
//! that they are the guardian. Server-rendered only, so none of it is in the bundle.

use consent_contract::request::Account;
use leptos::prelude::*;

use super::section::Section;
use crate::{
    components::{Avatar, ProperName, Shape},
    i18n::{self, Locale},
    texts,
};

/// The names of the fields.
pub mod field {
    pub const NAME: &str = "guardian_name";
    pub const CONFIRMS: &str = "guardian_confirms";
    /// The value of [`CONFIRMS`].
    pub const CONFIRMED: &str = "confirmed";
}

/// The guardian's own fields, as they are so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardianFields {
    /// Where the form is sent.
    pub action: String,
    pub name: String,
    pub confirms: bool,
    pub is_name_missing: bool,
    pub is_unconfirmed: bool,
}

impl GuardianFields {
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.is_name_missing || self.is_unconfirmed
    }

    /// The id of each field that has an error, and the error.
    pub(super) fn errors(&self, locale: Locale) -> Vec<(&'static str, &'static str)> {
        let words = Words::of(locale);
        let name = self.is_name_missing.then_some((field::NAME, words.name_missing));
        let confirms = self.is_unconfirmed.then_some((field::CONFIRMS, words.unconfirmed));
        name.into_iter().chain(confirms).collect()
    }
}

texts! {
    /// Only a server needs them.
    Words in "guardian_form" {
        child,
        legend,
        name,
        name_missing,
        confirms,
        unconfirmed,
    }
}

/// For whom the form is.
#[component]
pub fn ChildSection(account: Account, locale: Locale) -> impl IntoView {
    let Account { nickname, avatar_url, identifier, .. } = account;
    let label = Words::of(locale).child;
    view! {
        <section class="account" aria-label=label>
            <Avatar shape=Shape::Account url=avatar_url name=nickname.clone()/>
            <p class="account__text">
                {label}
                {i18n::texts(locale).colon}
                <strong><ProperName text=nickname/></strong>
                " "
                <ProperName text=identifier class="account__identifier"/>
            </p>
        </section>
    }
    .into_any()
}

#[component]
pub fn GuardianSection(fields: GuardianFields, locale: Locale) -> impl IntoView {
    let words = Words::of(locale);
    // Not an empty string: what is empty has no space in it.
    let fault = |is_wrong: bool, text: &'static str| is_wrong.then_some(text);
    view! {
        <Section legend=words.legend>
            <div class="field">
                <label class="field__hint" for=field::NAME>{words.name}</label>
                <input
                    class="field__input"
                    id=field::NAME
                    name=field::NAME
                    type="text"
                    autocomplete="name"
                    maxlength="60"
                    value=fields.name
                    aria-required="true"
                    aria-describedby="guardian-name-fault"
                    aria-invalid=fields.is_name_missing.then_some("true")
                />
                <p class="row__fault" id="guardian-name-fault">
                    {fault(fields.is_name_missing, words.name_missing)}
                </p>
            </div>
            <div class="row">
                <input
                    class="checkbox"
                    id=field::CONFIRMS
                    name=field::CONFIRMS
                    type="checkbox"
                    value=field::CONFIRMED
                    autocomplete="off"
                    checked=fields.confirms
                    aria-required="true"
                    aria-describedby="guardian-confirms-fault"
                    aria-invalid=fields.is_unconfirmed.then_some("true")
                />
                <div class="row__text">
                    <label class="row__label" for=field::CONFIRMS>
                        {words.confirms}
                    </label>
                    <p class="row__fault" id="guardian-confirms-fault">
                        {fault(fields.is_unconfirmed, words.unconfirmed)}
                    </p>
                </div>
            </div>
        </Section>
    }
    .into_any()
}
