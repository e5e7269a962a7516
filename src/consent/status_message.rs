//! The status of a request beside the buttons: why it waits, that nothing is lost, when it is
//! retried, and a button or link for it.

use leptos::prelude::*;

use super::{
    ConsentForm,
    retry::{Attempt, AttemptStage},
    state::{Event, FormState, Leaving, Notice, Page, Phase, State},
};
use crate::{
    components::{Button, Keyed, LinkButton, Variant, initial_text, reactive_text},
    i18n::{self, Texts},
};

/// What the user can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    None,
    Retry,
    MoreTime,
    Continue(String),
}

/// Empty most of the time.
#[component]
pub fn StatusMessage() -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let text = form.select(|page| {
        status(page, i18n::texts(page.locale)).map(|(text, _)| text).unwrap_or_default()
    });
    // Built again for another action only: the text counts seconds, and a button that is replaced
    // meanwhile would lose the focus.
    let action =
        form.select(|page| status(page, i18n::texts(page.locale)).map(|(_, action)| action));
    let view = move |action: Option<Action>| match action {
        None => ().into_any(),
        Some(action) => view! {
            <div class="actions__status">
                <p use:reactive_text=Signal::from(text)>{initial_text(text.into())}</p>
                <ActionButton action/>
            </div>
        }
        .into_any(),
    };
    view! { <Keyed key=action view/> }
}

#[component]
fn ActionButton(action: Action) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let texts = form.texts();
    let button = |event: fn() -> Event, label: &'static str| {
        let click = Callback::new(move |()| form.dispatch(event()));
        view! { <Button variant=Variant::Link on_click=click>{label}</Button> }.into_any()
    };
    match action {
        Action::None => ().into_any(),
        Action::Retry => button(|| Event::RetryClicked, texts.retry_now),
        Action::MoreTime => button(|| Event::MoreTimeClicked, texts.more_time),
        Action::Continue(to) => {
            view! { <LinkButton variant=Variant::Link href=to>{texts.go_on}</LinkButton> }
                .into_any()
        }
    }
}

fn status(page: &Page, texts: &Texts) -> Option<(String, Action)> {
    match &page.state {
        State::Loading { attempt, .. } => retrying(texts, attempt),
        State::Leaving(leaving) => stuck(texts, leaving),
        State::Stopped(_) => None,
        State::Form(form) => form_status(form, texts),
    }
}

fn form_status(form: &FormState, texts: &Texts) -> Option<(String, Action)> {
    match &form.phase {
        Phase::Submitting { attempt, .. } | Phase::Rechecking { attempt } => {
            retrying(texts, attempt)
        }
        Phase::Leaving(leaving) => stuck(texts, leaving),
        Phase::Editing | Phase::Incomplete(_) => match form.notice {
            Some(Notice::NotSent) => Some((texts.not_sent.to_owned(), Action::None)),
            _ => form.expires_soon.then(|| (texts.expires_soon.to_owned(), Action::MoreTime)),
        },
    }
}

/// Also while a retry is in flight: the "try again" button keeps the focus.
fn retrying(texts: &Texts, attempt: &Attempt) -> Option<(String, Action)> {
    let text = match attempt.stage {
        AttemptStage::InFlight if attempt.count == 1 => return None,
        AttemptStage::InFlight => texts.ticks_kept.to_owned(),
        AttemptStage::Waiting { seconds, reason } => {
            let when = texts.count(texts.retry_in, seconds as usize);
            i18n::sentences(&[texts.retry_reason(reason), texts.ticks_kept, &when])
        }
        AttemptStage::GivenUp(reason) => {
            i18n::sentences(&[texts.retry_reason(reason), texts.ticks_kept])
        }
    };
    Some((text, Action::Retry))
}

fn stuck(texts: &Texts, leaving: &Leaving) -> Option<(String, Action)> {
    let Leaving { to, stuck } = leaving;
    stuck.then(|| (texts.leaving_stuck.to_owned(), Action::Continue(to.clone())))
}
