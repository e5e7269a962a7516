//! The page that a server has painted, as the app finds it: what was asked, and the form as it
//! stands by now. On a static host nothing is painted, but the shell has read the request already.

use std::sync::Arc;

use consent_contract::{
    acceptance::Objection,
    draft::Draft,
    form::{TOLD_CHANGED, TOLD_INCOMPLETE, TOLD_REFRESHED, TOLD_RESTORED},
    request::{ConsentRequest, ConsentState},
};

use super::state::{Asking, Effect, Event, Fault, Notice, Page, Phase, State, fault, step};
use crate::i18n::Locale;

/// What was painted, and what the person has made of it.
#[derive(Debug)]
pub struct Painted {
    /// The answer of the API that was painted, as JSON.
    pub answer: String,
    /// The fields of the form, in their order.
    pub fields: Vec<(String, String)>,
    /// Seconds since then.
    pub age: u32,
}

impl Painted {
    /// The page in the state in which the person has it before their eyes. An answer that cannot be
    /// read is asked for again, as if nothing had been painted.
    #[must_use]
    pub fn taken_over(&self, locale: Locale) -> (Page, Vec<Effect>) {
        let (page, asks) = Page::start(locale);
        let Ok(mut answer) = ConsentState::from_json(&self.answer) else { return (page, asks) };
        if let ConsentState::Ask(request) = &mut answer {
            request.expires_in = request.expires_in.saturating_sub(self.age);
        }
        let (mut page, mut effects) = step(page, Event::Read(Ok(answer)));
        if let State::Asking(asking) = &mut page.state {
            let draft = Draft(&self.fields);
            **asking = Asking::drafted(asking.request.clone(), draft);
            asking.tell(draft);
            // Chosen before there was anybody to do it.
            if let Some(chosen) = draft.language().and_then(Locale::of) {
                let (next, more) = step(page, Event::LocaleChosen(chosen));
                page = next;
                effects.extend(more);
            }
        }
        (page, effects)
    }
}

impl Asking {
    /// A request with the answers that a form holds. What has changed since it was shown comes out
    /// unticked, and the notice says so.
    #[must_use]
    pub fn drafted(request: Arc<ConsentRequest>, draft: Draft<'_>) -> Self {
        let (mut answers, changed) = draft.answers(&request);
        // What was ticked there may be what has changed: that has to be read first.
        if changed.is_empty() {
            draft.agree_to_all(&request, &mut answers);
        }
        let notice = match changed.is_empty() {
            // The script that put the boxes back sent the form here for this: it has no words.
            true => draft.told().any(|it| it == TOLD_RESTORED).then_some(Notice::ChoicesRestored),
            false => Some(Notice::TextChanged(changed)),
        };
        Self { answers, notice, ..Self::new(request) }
    }

    /// Says what is in the way of agreeing, if something is.
    pub fn find_faults(&mut self) {
        if let Err(faults) = self.in_the_way() {
            self.phase = Phase::Incomplete(faults);
        }
    }

    /// Shows what the backend objects to and the contract's own rules do not: whether a birthday is
    /// in the future depends on the backend's clock.
    pub fn add_faults(&mut self, objections: Vec<Objection>) {
        let faults: Vec<Fault> = objections.into_iter().filter_map(fault).collect();
        if self.faults().is_empty() && !faults.is_empty() {
            self.phase = Phase::Incomplete(faults);
        }
    }

    /// Says again what the page said above the form, as far as it still holds.
    fn tell(&mut self, draft: Draft<'_>) {
        let mut changed = Vec::new();
        for told in draft.told() {
            match told {
                TOLD_INCOMPLETE => self.find_faults(),
                TOLD_REFRESHED => self.notice = Some(Notice::Refreshed),
                TOLD_RESTORED => self.notice = Some(Notice::ChoicesRestored),
                _ => changed.extend(told.strip_prefix(TOLD_CHANGED).and_then(|it| it.parse().ok())),
            }
        }
        if !changed.is_empty() {
            self.notice = Some(Notice::TextChanged(changed));
        }
    }
}
