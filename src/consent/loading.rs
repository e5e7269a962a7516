//! The page while it loads, and while it redirects because there was nothing to ask.

use leptos::prelude::*;

use super::{ConsentForm, status_message::StatusMessage};
use crate::{components::PageHeading, problem::CancelForm};

/// The bars of the skeleton, as in index.html: nothing moves when the app replaces the shell.
const BARS: [&str; 7] = [
    "skeleton__who",
    "skeleton__title",
    "skeleton__line",
    "skeleton__box",
    "skeleton__line",
    "skeleton__line",
    "skeleton__line",
];

/// The skeleton and, once a request has failed, the status.
#[component]
pub fn Loading() -> impl IntoView {
    let texts = expect_context::<ConsentForm>().texts();
    view! {
        <div class="loading">
            <PageHeading><span class="visually-hidden">{texts.loading}</span></PageHeading>
            <div class="skeleton" aria-hidden="true">
                {BARS.map(|bar| view! { <span class=bar></span> }).collect_view()}
            </div>
            <div class="actions">
                <StatusMessage/>
                <div class="actions__buttons actions__buttons--one"><CancelForm/></div>
            </div>
        </div>
    }
    .into_any()
}

/// Redirecting to the service.
#[component]
pub fn Leaving() -> impl IntoView {
    let texts = expect_context::<ConsentForm>().texts();
    view! {
        <div class="problem">
            <PageHeading>{texts.leaving}</PageHeading>
            <StatusMessage/>
        </div>
    }
    .into_any()
}
