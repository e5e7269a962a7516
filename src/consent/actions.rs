//! The two buttons, equal in size and one tap apart (rule KR-E02), and what is happening to what
//! was pressed. They can be focused at all times; while they do nothing they say so.

use consent_contract::form::{self as wire, field};
use leptos::prelude::{AnyView, Get, Memo, WithUntracked};

use super::{
    Machine,
    form::{AGREE_BUTTON, CANCEL_BUTTON, CANCEL_FORM, submit},
    retry::{Attempt, Try},
    state::{Asking, Event, Leaving, Notice, Page, Phase, State},
    why,
};
use crate::{
    components::{Element, Look, button, div, el, live},
    i18n::{Texts, fill},
};

pub fn view(machine: Machine, texts: &'static Texts) -> Element {
    let open = machine.asks(Asking::is_open);
    let may_cancel = machine.asks(Asking::may_cancel);
    let label = machine.words(move |page| agree_label(page, texts).to_owned());
    let off = |on: Memo<bool>| move || (!on.get()).then_some("true");
    let cancel = submit(Look::Secondary)
        .id(CANCEL_BUTTON)
        .attr("form", CANCEL_FORM)
        .live_attr("aria-disabled", off(may_cancel))
        .text(texts.cancel);
    let agree = submit(Look::Primary)
        .id(AGREE_BUTTON)
        .form_attr("name", field::DECISION)
        .form_attr("value", wire::AGREE)
        .live_attr("aria-disabled", off(open))
        .live_text(move || label.get());
    div("actions")
        .child(remark(machine, texts))
        .child(div("actions__buttons").child(cancel).child(agree))
}

/// What is happening, and what can be done about it. Nothing, most of the time.
pub fn remark(machine: Machine, texts: &'static Texts) -> AnyView {
    let said =
        machine.words(move |page| Remark::of(page, texts).map(|r| r.text).unwrap_or_default());
    // Drawn anew only for another way: the text counts seconds, and a button that is replaced in
    // the middle of it loses the focus.
    let way = machine.words(move |page| {
        // Not empty, even where there is no way: that stands for no remark.
        Remark::of(page, texts).map(|r| ["+", r.way.label(texts)].concat()).unwrap_or_default()
    });
    live(move || {
        way.get();
        let remark = machine.page.with_untracked(|page| Remark::of(page, texts))?;
        Some(remark.element(machine, texts, said))
    })
}

fn agree_label(page: &Page, texts: &'static Texts) -> &'static str {
    match page.asking().map(|asking| &asking.phase) {
        Some(Phase::Submitting { attempt, .. }) if !attempt.is_waiting() => texts.sending,
        Some(Phase::Leaving(_)) => texts.leaving,
        Some(Phase::Rechecking { attempt }) if !attempt.is_waiting() => texts.checking,
        _ => texts.agree,
    }
}

/// Why it waits, that nothing is lost, when it goes on, and what can be done about it.
struct Remark {
    text: String,
    way: Way,
}

enum Way {
    None,
    Retry,
    MoreTime,
    GoOn(String),
}

impl Way {
    /// What is pressed. Nothing when there is nothing to press.
    fn label(&self, texts: &Texts) -> &'static str {
        match self {
            Self::None => "",
            Self::Retry => texts.retry_now,
            Self::MoreTime => texts.more_time,
            Self::GoOn(_) => texts.go_on,
        }
    }
}

impl Remark {
    fn of(page: &Page, texts: &Texts) -> Option<Self> {
        let (text, way) = match &page.state {
            State::Loading { attempt, .. } => return Self::again(texts, attempt),
            State::Leaving(leaving) => return Self::stuck(texts, leaving),
            State::Stopped(_) => return None,
            State::Asking(asking) => match &asking.phase {
                Phase::Submitting { attempt, .. } | Phase::Rechecking { attempt } => {
                    return Self::again(texts, attempt);
                }
                Phase::Leaving(leaving) => return Self::stuck(texts, leaving),
                Phase::Editing | Phase::Incomplete(_) => match asking.notice {
                    Some(Notice::NotSent) => (texts.not_sent, Way::None),
                    _ if asking.expires_soon => (texts.expires_soon, Way::MoreTime),
                    _ => return None,
                },
            },
        };
        Some(Self { text: text.to_owned(), way })
    }

    /// Also while it is tried once more: who has just pressed "again" keeps the focus there.
    fn again(texts: &Texts, attempt: &Attempt) -> Option<Self> {
        let text = match attempt.stage {
            Try::InFlight if attempt.count == 1 => return None,
            Try::InFlight => texts.ticks_kept.to_owned(),
            Try::Waiting { seconds, again } => {
                let when = fill(texts.again_in, &seconds.to_string());
                [why(texts, again), texts.ticks_kept, &when].join(" ")
            }
            Try::GivenUp(again) => [why(texts, again), texts.ticks_kept].join(" "),
        };
        Some(Self { text, way: Way::Retry })
    }

    fn stuck(texts: &Texts, leaving: &Leaving) -> Option<Self> {
        let way = Way::GoOn(leaving.to.clone());
        leaving.stuck.then(|| Self { text: texts.leaving_stuck.to_owned(), way })
    }

    fn element(self, machine: Machine, texts: &'static Texts, said: Memo<String>) -> Element {
        let press = |event: fn() -> Event| button(Look::Quiet, move || machine.send(event()));
        let label = self.way.label(texts);
        let way = match self.way {
            Way::None => None,
            Way::Retry => Some(press(|| Event::RetryPressed)),
            Way::MoreTime => Some(press(|| Event::MoreTimePressed)),
            Way::GoOn(to) => Some(Look::Quiet.link(&to)),
        };
        let way = way.map(|way| way.text(label));
        div("actions__status").child(el("p").live_text(move || said.get())).child(way)
    }
}
