//! The two buttons, equal in size and one tap apart (rule KR-E02), and what is happening to what
//! was pressed. They can be focused at all times; while they do nothing they say so.

use consent_contract::form::{self as wire, field};
use leptos::prelude::{Get, Memo, WithUntracked};

use super::{
    Machine,
    form::{CANCEL_FORM, submit},
    retry::{Attempt, Try},
    state::{Asking, Event, Leaving, Notice, Page, Phase},
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
    let said =
        machine.words(move |page| Remark::of(page, texts).map(|r| r.text).unwrap_or_default());
    // Drawn anew only for another way: the text counts seconds, and a button that is replaced in
    // the middle of it loses the focus.
    let way = machine.words(move |page| match Remark::of(page, texts) {
        Some(remark) => remark.way.name().to_owned(),
        None => String::new(),
    });
    let remark = live(move || {
        way.get();
        let remark = machine.page.with_untracked(|page| Remark::of(page, texts))?;
        Some(remark.element(machine, texts, said))
    });
    let off = |on: Memo<bool>| move || (!on.get()).then_some("true");
    let cancel = submit(Look::Secondary)
        .attr("form", CANCEL_FORM)
        .live_attr("aria-disabled", off(may_cancel))
        .text(texts.cancel);
    let agree = submit(Look::Primary)
        .form_attr("name", field::DECISION)
        .form_attr("value", wire::AGREE)
        .live_attr("aria-disabled", off(open))
        .live_text(move || label.get());
    div("actions").child(remark).child(div("actions__buttons").child(cancel).child(agree))
}

fn agree_label(page: &Page, texts: &'static Texts) -> &'static str {
    match page.asking().map(|asking| &asking.phase) {
        Some(Phase::Submitting { attempt, .. }) if !attempt.is_waiting() => texts.sending,
        Some(Phase::Leaving(_)) => texts.leaving,
        Some(Phase::Rechecking { attempt }) if !attempt.is_waiting() => texts.checking,
        _ => texts.agree,
    }
}

/// What stands above the buttons, and what can be done about it.
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
    fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Retry => "retry",
            Self::MoreTime => "more",
            Self::GoOn(_) => "on",
        }
    }
}

impl Remark {
    fn of(page: &Page, texts: &Texts) -> Option<Self> {
        let asking = page.asking()?;
        let (text, way) = match &asking.phase {
            // Also while it is tried once more: who has just pressed "again" keeps the focus there.
            Phase::Submitting { attempt, .. } | Phase::Rechecking { attempt }
                if *attempt != Attempt::first() =>
            {
                (waiting(texts, attempt), Way::Retry)
            }
            Phase::Leaving(Leaving { to, stuck: true }) => {
                (texts.leaving_stuck.to_owned(), Way::GoOn(to.clone()))
            }
            Phase::Editing | Phase::Incomplete(_) => match asking.notice {
                Some(Notice::NotSent) => (texts.not_sent.to_owned(), Way::None),
                _ if asking.expires_soon => (texts.expires_soon.to_owned(), Way::MoreTime),
                _ => return None,
            },
            _ => return None,
        };
        Some(Self { text, way })
    }

    fn element(self, machine: Machine, texts: &'static Texts, said: Memo<String>) -> Element {
        let press = |event: fn() -> Event| button(Look::Quiet, move || machine.send(event()));
        let way = match self.way {
            Way::None => None,
            Way::Retry => Some(press(|| Event::RetryPressed).text(texts.retry_now)),
            Way::MoreTime => Some(press(|| Event::MoreTimePressed).text(texts.more_time)),
            Way::GoOn(to) => Some(Look::Quiet.link(&to).text(texts.go_on)),
        };
        div("actions__status").child(el("p").live_text(move || said.get())).child(way)
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
        Try::InFlight => texts.ticks_kept.to_owned(),
    }
}
