//! Before there is anything to ask, and after there was nothing to ask.

use leptos::prelude::*;

use super::{
    Machine,
    actions::waiting,
    state::{Event, State},
};
use crate::{
    components::{Button, Look, PageHeading},
    i18n::Locale,
    problem::CancelForm,
};

/// The same skeleton as the static shell's, so that nothing moves when one takes the other's
/// place; and, once something went wrong, what, and what happens next.
pub fn view(machine: Machine, locale: Locale) -> AnyView {
    let texts = locale.texts();
    let trouble = Memo::new(move |_| {
        machine.page.with(|page| match &page.state {
            State::Loading { attempt, .. } if attempt.is_waiting() => Some(waiting(texts, attempt)),
            _ => None,
        })
    });
    let retry = Callback::new(move |()| machine.send(Event::RetryPressed));
    view! {
        <div class="loading">
            <PageHeading><span class="visually-hidden">{texts.loading}</span></PageHeading>
            <div class="skeleton" aria-hidden="true">
                <span class="skeleton__who"></span>
                <span class="skeleton__title"></span>
                <span class="skeleton__line"></span>
                <span class="skeleton__box"></span>
                <span class="skeleton__line"></span>
                <span class="skeleton__line"></span>
                <span class="skeleton__line"></span>
            </div>
            {move || trouble.get().map(|words| view! {
                <div class="loading__trouble">
                    <p>{words}</p>
                    <Button look=Look::Quiet on_press=retry>{texts.retry_now}</Button>
                </div>
            })}
            <div class="actions">
                <div class="actions__buttons actions__buttons--one">
                    <CancelForm machine texts/>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// On the way to the service.
pub fn leaving(machine: Machine, locale: Locale) -> AnyView {
    let texts = locale.texts();
    let stuck = Memo::new(move |_| {
        machine.page.with(|page| match &page.state {
            State::Leaving(leaving) if leaving.stuck => Some(leaving.to.clone()),
            _ => None,
        })
    });
    view! {
        <div class="problem">
            <PageHeading>{texts.leaving}</PageHeading>
            {move || stuck.get().map(|to| view! {
                <p class="lead">{texts.leaving_stuck}</p>
                <p class="problem__ways"><a class=Look::Primary.class() href=to>{texts.go_on}</a></p>
            })}
        </div>
    }
    .into_any()
}
