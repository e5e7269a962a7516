//! The page as the app finds it: rendered by a server and perhaps filled in by the user. On a static
//! host the shell may have loaded the request already.

use std::sync::Arc;

use consent_contract::{
    acceptance::Objection,
    draft::Draft,
    form::{NOTICE_CHANGED, NOTICE_INCOMPLETE, NOTICE_REFRESHED, NOTICE_RESTORED},
    request::{ConsentRequest, ConsentState},
};

use super::state::{Effect, Event, FormError, FormState, Notice, Page, Phase, State, update};
use crate::i18n::{self, Locale};

/// What was rendered, and what the user entered since.
#[derive(Debug)]
pub struct InitialPage {
    /// The API response that was rendered, as JSON.
    pub answer: String,
    /// The fields of the form, in document order.
    pub fields: Vec<(String, String)>,
    /// Seconds since the response.
    pub age: u32,
}

impl InitialPage {
    /// The state that the user sees in the page. An unreadable response is loaded again, as if
    /// nothing had been rendered.
    #[must_use]
    pub fn restore(&self, locale: Locale) -> (Page, Vec<Effect>) {
        let (page, load) = Page::start(locale);
        let Ok(mut answer) = ConsentState::from_json(&self.answer) else { return (page, load) };
        if let ConsentState::Ask(request) = &mut answer {
            // A static shell may have loaded a request of another language than its texts.
            if Locale::of(&request.locale).is_some_and(|locale| !i18n::is_loaded(locale)) {
                return (page, load);
            }
            request.expires_in = request.expires_in.saturating_sub(self.age);
        }
        let (mut page, mut effects) = update(page, Event::RequestLoaded(Ok(answer)));
        if let State::Form(form) = &mut page.state {
            let draft = Draft(&self.fields);
            **form = FormState::from_draft(form.request.clone(), draft);
            form.restore_notices(draft);
            // Chosen before the app was mounted.
            if let Some(chosen) = draft.language().and_then(Locale::of) {
                let (next, more) = update(page, Event::LocaleChosen(chosen));
                page = next;
                effects.extend(more);
            }
        }
        (page, effects)
    }
}

impl FormState {
    /// A request with the answers of a form. Items that have changed since the form was shown become
    /// unchecked, and the notice names them.
    #[must_use]
    pub fn from_draft(request: Arc<ConsentRequest>, draft: Draft<'_>) -> Self {
        let (mut answers, changed) = draft.answers(&request);
        // The items that agree-all covers may be the ones that changed: those must be read first.
        if changed.is_empty() {
            draft.agree_to_all(&request, &mut answers);
        }
        let notice = match changed.is_empty() {
            // The script that restored the checkboxes submitted the form for this message.
            true => {
                draft.notices().any(|it| it == NOTICE_RESTORED).then_some(Notice::ChoicesRestored)
            }
            false => Some(Notice::TextChanged(changed)),
        };
        Self { answers, notice, ..Self::new(request) }
    }

    /// Shows the errors that prevent an agreement, if there are any.
    pub fn show_errors(&mut self) {
        if let Err(errors) = self.validate() {
            self.phase = Phase::Incomplete(errors);
        }
    }

    /// Shows objections of the backend that the contract's own rules do not find: whether a birthday
    /// is in the future depends on the backend's clock.
    pub fn add_errors(&mut self, objections: Vec<Objection>) {
        let errors: Vec<_> = objections.into_iter().filter_map(FormError::from_objection).collect();
        if self.errors().is_empty() && !errors.is_empty() {
            self.phase = Phase::Incomplete(errors);
        }
    }

    /// Restores the messages of the page, as far as they still apply.
    fn restore_notices(&mut self, draft: Draft<'_>) {
        let mut changed = Vec::new();
        for notice in draft.notices() {
            match notice {
                NOTICE_INCOMPLETE => self.show_errors(),
                NOTICE_REFRESHED => self.notice = Some(Notice::Refreshed),
                NOTICE_RESTORED => self.notice = Some(Notice::ChoicesRestored),
                other => {
                    changed
                        .extend(other.strip_prefix(NOTICE_CHANGED).and_then(|it| it.parse().ok()));
                }
            }
        }
        if !changed.is_empty() {
            self.notice = Some(Notice::TextChanged(changed));
        }
    }
}
