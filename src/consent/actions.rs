//! The two buttons, equal in size and one tap apart (rule KR-E02), and what is happening to what
//! was pressed. They can be pressed and focused at all times; while they do nothing they say so.

use consent_contract::form::{self, field};
use leptos::prelude::*;

use super::{
    Machine,
    form::CANCEL_FORM,
    retry::{Attempt, Try},
    state::{Asking, Event, Leaving, Notice, Phase},
    why,
};
use crate::{
    components::{Button, Look},
    i18n::{Texts, fill},
};

pub fn view(machine: Machine, texts: &'static Texts) -> impl IntoView {
    let asking = move |of: fn(&Asking) -> bool| {
        Memo::new(move |_| machine.page.with(|page| page.asking().is_some_and(of)))
    };
    let open = asking(Asking::is_open);
    let may_cancel = asking(Asking::may_cancel);
    let label = Memo::new(move |_| {
        machine
            .page
            .with(|page| page.asking().map_or(texts.agree, |asking| agree_label(asking, texts)))
    });
    let status = Memo::new(move |_| machine.page.with(|page| page.asking().and_then(Status::of)));
    view! {
        <div class="actions">
            {move || status.get().map(|status| self::status(machine, texts, status))}
            <div class="actions__buttons">
                <button
                    type="submit"
                    form=CANCEL_FORM
                    class=Look::Secondary.class()
                    aria-disabled=move || (!may_cancel.get()).then_some("true")
                >
                    {texts.cancel}
                </button>
                <button
                    type="submit"
                    name=field::DECISION
                    value=form::AGREE
                    class=Look::Primary.class()
                    aria-disabled=move || (!open.get()).then_some("true")
                >
                    {move || label.get()}
                </button>
            </div>
        </div>
    }
}

fn agree_label(asking: &Asking, texts: &'static Texts) -> &'static str {
    match &asking.phase {
        Phase::Submitting { attempt, .. } if !attempt.is_waiting() => texts.sending,
        Phase::Leaving(_) => texts.leaving,
        Phase::Rechecking { attempt } if !attempt.is_waiting() => texts.checking,
        _ => texts.agree,
    }
}

/// What stands above the buttons.
#[derive(Debug, Clone, PartialEq)]
enum Status {
    Waiting(Attempt),
    Stuck(String),
    NotSent,
    ExpiresSoon,
}

impl Status {
    fn of(asking: &Asking) -> Option<Self> {
        match &asking.phase {
            Phase::Submitting { attempt, .. } | Phase::Rechecking { attempt }
                if attempt.is_waiting() =>
            {
                Some(Self::Waiting(attempt.clone()))
            }
            Phase::Leaving(Leaving { to, stuck: true }) => Some(Self::Stuck(to.clone())),
            Phase::Editing | Phase::Incomplete(_) if asking.notice == Some(Notice::NotSent) => {
                Some(Self::NotSent)
            }
            Phase::Editing | Phase::Incomplete(_) if asking.expires_soon => Some(Self::ExpiresSoon),
            _ => None,
        }
    }
}

fn status(machine: Machine, texts: &'static Texts, status: Status) -> AnyView {
    let press = move |event: Event| Callback::new(move |()| machine.send(event.clone()));
    match status {
        Status::Waiting(attempt) => {
            let retry = press(Event::RetryPressed);
            view! {
                <div class="actions__status">
                    <p>{waiting(texts, &attempt)}</p>
                    <Button look=Look::Quiet on_press=retry>{texts.retry_now}</Button>
                </div>
            }
            .into_any()
        }
        Status::Stuck(to) => view! {
            <div class="actions__status">
                <p>{texts.leaving_stuck}</p>
                <a class=Look::Quiet.class() href=to>{texts.go_on}</a>
            </div>
        }
        .into_any(),
        Status::NotSent => {
            view! { <div class="actions__status"><p>{texts.not_sent}</p></div> }.into_any()
        }
        Status::ExpiresSoon => {
            let more = press(Event::MoreTimePressed);
            view! {
                <div class="actions__status">
                    <p>{texts.expires_soon}</p>
                    <Button look=Look::Quiet on_press=more>{texts.more_time}</Button>
                </div>
            }
            .into_any()
        }
    }
}

/// Why it waits, that nothing is lost, and when it goes on.
pub fn waiting(texts: &Texts, attempt: &Attempt) -> String {
    match attempt.stage {
        Try::Waiting { seconds, again } => {
            let when = fill(texts.again_in, &seconds.to_string());
            [why(texts, again), texts.ticks_kept, &when].join(" ")
        }
        Try::GivenUp(again) => [why(texts, again), texts.ticks_kept].join(" "),
        Try::InFlight => String::new(),
    }
}
