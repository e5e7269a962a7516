//! The fixture as a form.

mod channel;
mod consent;
mod fields;
mod list;
mod parties;
pub mod pasting;
mod picture;
mod problem;
mod term;
mod user;

use consent_fixtures::Screen;
use leptos::{ev::FocusEvent, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::{language::t, store::Store};
use consent::ConsentFields;
use fields::{CheckboxField, Section, SelectField, TextField};
use parties::{AccountFields, ServiceFields, SignedIn};
use problem::ProblemFields;

pub use fields::field_id;

/// The form for the kind of screen that the fixture shows.
#[component]
pub fn FixtureForm() -> impl IntoView {
    let store = expect_context::<Store>();
    let kind = Memo::new(move |_| std::mem::discriminant(&store.fixture.read().screen));
    // The preview follows the focus.
    let follow = move |event: FocusEvent| {
        let id = event.target().and_then(|it| it.dyn_into::<Element>().ok()).map(|it| it.id());
        let place = id.as_deref().and_then(fields::place_of).unwrap_or_default();
        store.edited.set(place.to_owned());
    };
    on_cleanup(move || {
        store.edited.try_set(String::new());
    });
    view! {
        <div
            class="form"
            on:focusin=follow
            on:focusout=move |_| {
                store.edited.try_set(String::new());
            }
        >
            {move || {
                kind.track();
                match store.fixture.read_untracked().screen {
                    Screen::Consent(_) => view! { <ConsentFields /> }.into_any(),
                    Screen::Loading { .. } => view! { <LoadingFields /> }.into_any(),
                    Screen::Problem(_) => view! { <ProblemFields /> }.into_any(),
                    Screen::Stopped(_) => view! { <StoppedFields /> }.into_any(),
                    Screen::AutoLogin(_) => view! { <AutoLoginFields /> }.into_any(),
                    Screen::Account(_) => view! { <AccountPageFields /> }.into_any(),
                    // A text is edited as JSON, and a recorded page not at all.
                    Screen::TextChanges(_) | Screen::ServerPage(_) => ().into_any(),
                }
            }}
            <Section title="Description">
                <TextField at="/title" />
                <TextField at="/about" />
            </Section>
        </div>
    }
}

#[component]
fn LoadingFields() -> impl IntoView {
    view! {
        <Section title="Loading" open=true>
            <CheckboxField at="/slow" />
        </Section>
    }
}

#[component]
fn StoppedFields() -> impl IntoView {
    view! {
        <Section title="Screen error" open=true>
            <SelectField at="/reason" />
        </Section>
    }
}

/// The data of an account page is nested too deeply for a form.
#[component]
fn AccountPageFields() -> impl IntoView {
    view! {
        <Section title="Page" open=true>
            <p>{t("Edit this page as JSON.")}</p>
        </Section>
    }
}

#[component]
fn AutoLoginFields() -> impl IntoView {
    view! {
        <Section title="Page" open=true>
            <SelectField at="/page" />
        </Section>
        <Section title="Service" open=true>
            <ServiceFields at="/service" />
        </Section>
        <Section title="Account" open=true>
            <SignedIn />
            <AccountFields at="/account" />
        </Section>
    }
}
