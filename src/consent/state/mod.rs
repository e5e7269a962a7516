//! The consent page as data: one state, one transition function, effects as values.
//!
//! Nothing here knows a browser, a clock or the network. [`update`] is the only way from one state
//! to the next, so every path to an agreement can be read here and tested without a browser.

mod announce;
mod transition;

use std::sync::Arc;

use consent_contract::{
    acceptance::{self, Objection},
    answers::Answers,
    decision::{Decision, Extended, Recorded},
    document::Document,
    item::ItemKey,
    problem::Code,
    request::{ConsentRequest, ConsentState},
    value::ValueFault,
};

use super::retry::Attempt;
use crate::{
    api::{ApiError, RetryReason},
    i18n::Locale,
};

pub use announce::Announcement;
pub use transition::{stop, update};

/// Seconds before expiry at which the user is warned (WCAG 2.2.1 requires at least 20 seconds to
/// react).
pub const WARN_BEFORE: u32 = 60;

/// The page: its language and its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub locale: Locale,
    pub state: State,
}

/// Every state of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The request is loading, or will be loaded again.
    Loading { slow: bool, attempt: Attempt },
    /// The form.
    Form(Box<FormState>),
    /// There was nothing to ask: redirecting.
    Leaving(Leaving),
    /// Nothing can be asked, and why.
    Stopped(Stop),
}

/// A request, the answers so far, and their status.
#[derive(Debug, Clone, PartialEq)]
pub struct FormState {
    pub request: Arc<ConsentRequest>,
    /// Incremented whenever another request replaces this one: the view is built again.
    pub revision: u32,
    pub answers: Answers,
    pub text: TermText,
    /// Tags of terms whose text failed to load: they cannot be agreed to.
    pub unreadable: Vec<String>,
    pub phase: Phase,
    pub notice: Option<Notice>,
    pub expires_soon: bool,
}

/// The status of the answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// The user reads, checks and types.
    Editing,
    /// The user clicked agree, and these errors prevent it. Still editing.
    Incomplete(Vec<FormError>),
    /// The decision is being sent, or will be sent again. Nothing can be edited while a request is
    /// in flight; an edit while it waits for a retry cancels the retry.
    Submitting { decision: Arc<Decision>, attempt: Attempt },
    /// Recorded. The buttons stay disabled until the page is gone.
    Leaving(Leaving),
    /// The request is being loaded again. The buttons are disabled until it is known whether the
    /// challenge is still open.
    Rechecking { attempt: Attempt },
}

/// One error that prevents an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormError {
    NotAgreed(ItemKey),
    InvalidValue(ItemKey, ValueFault),
    /// Checked, but its text failed to load.
    TextUnread(ItemKey),
}

impl FormError {
    #[must_use]
    pub fn key(&self) -> &ItemKey {
        match self {
            Self::NotAgreed(key) | Self::InvalidValue(key, _) | Self::TextUnread(key) => key,
        }
    }

    /// The form shows only errors that the user can correct. The screen builds its agreement from
    /// the request, so the other objections cannot occur.
    #[must_use]
    pub fn from_objection(objection: Objection) -> Option<Self> {
        match objection {
            Objection::RequiredNotAgreed(key) => Some(Self::NotAgreed(key)),
            Objection::InvalidValue(key, fault) => Some(Self::InvalidValue(key, fault)),
            Objection::TextChanged(_)
            | Objection::PersonalInfoChanged
            | Objection::Unknown(_)
            | Objection::Unanswered(_)
            | Objection::AnsweredTwice(_) => None,
        }
    }
}

/// The dialog with the full text of a term.
#[derive(Debug, Clone, PartialEq)]
pub enum TermText {
    Closed,
    Loading { tag: String },
    Open { tag: String, document: Arc<Document> },
    Failed { tag: String },
}

/// Redirecting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// A target that passed [`consent_contract::redirect::check`].
    pub to: String,
    /// The page is still here after five seconds: a plain link is shown.
    pub stuck: bool,
}

/// A message above the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The texts of these checked items have changed, so they are unchecked now.
    TextChanged(Vec<ItemKey>),
    /// The request was loaded again after the backend refused; nothing was lost.
    Refreshed,
    /// Something other than the user changed the checkboxes; they show the user's own choices again.
    ChoicesRestored,
    /// The decision could not be sent; nothing was lost.
    NotSent,
}

/// Why nothing can be asked, with the recovery action if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// A problem reported by the backend.
    Problem {
        code: Code,
        restart_url: Option<String>,
        redirect_to: Option<String>,
        /// The age of the service, for [`Code::UnderAge`].
        min_age: Option<u8>,
    },
    /// The response does not follow the contract. The screen shows nothing that it cannot read.
    Unreadable,
    /// The redirect target was rejected.
    BadTarget,
    /// Retried often enough; the user may try again.
    Unreachable(RetryReason),
}

/// An event of the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    // The backend.
    RequestLoaded(Result<ConsentState, ApiError>),
    TextLoaded(Result<Document, ApiError>),
    Decided(Result<Recorded, ApiError>),
    Extended(Result<Extended, ApiError>),
    // The user.
    Toggled(ItemKey, bool),
    ValueChanged(ItemKey, String),
    AgreeAllClicked,
    RequiredOnlyClicked,
    AgreeClicked,
    /// The user agrees, or has agreed, while the checkboxes in the page differ from the user's own
    /// choices: a script or an extension changed or removed them.
    ChoicesAltered,
    CancelClicked,
    RetryClicked,
    TextOpened(String),
    TextRetried,
    TextClosed,
    MoreTimeClicked,
    LocaleChosen(Locale),
    // The browser and its clock.
    TimerFired(Timer),
    /// Shown again from the back/forward cache.
    Restored,
    /// The network is back.
    Online,
}

impl Event {
    /// The item that the user answered. The event changes nothing about the others.
    #[must_use]
    pub fn answered(&self) -> Option<&ItemKey> {
        match self {
            Self::Toggled(key, _) | Self::ValueChanged(key, _) => Some(key),
            _ => None,
        }
    }
}

/// Timers. Setting one again replaces it, so a stale one never fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// Loading is slow enough to announce.
    Slow,
    /// A second of waiting has passed.
    Second,
    ExpiresSoon,
    Expired,
    /// The page should have been left by now.
    Stuck,
}

/// A command for the browser.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    LoadRequest {
        locale: Option<Locale>,
    },
    LoadText {
        tag: String,
        version: String,
        digest: String,
        /// The user agreed to another version: with what changed since.
        changed: bool,
        /// The response before was unreadable: bypass the cache.
        reload: bool,
    },
    Decide(Arc<Decision>),
    Extend {
        csrf_token: String,
    },
    Leave(String),
    /// Fire after so many milliseconds.
    SetTimer(Timer, u32),
    Focus(Target),
}

/// An element that can be focused by the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The error summary.
    Summary,
    /// The message above the form.
    Notice,
    /// The full text of a term.
    Text,
    /// The list of languages.
    Language,
    Heading,
    /// The focused element, when the view is built again.
    Current,
    /// The button that agrees, if the focused element has left the page.
    Agree,
}

impl Page {
    /// The page before any response, and the first effects.
    #[must_use]
    pub fn start(locale: Locale) -> (Self, Vec<Effect>) {
        let state = State::Loading { slow: false, attempt: Attempt::first() };
        let load = Effect::LoadRequest { locale: None };
        (Self { locale, state }, vec![load, Effect::SetTimer(Timer::Slow, 400)])
    }

    /// The form, if the page shows it.
    #[must_use]
    pub fn form(&self) -> Option<&FormState> {
        match &self.state {
            State::Form(form) => Some(form),
            State::Loading { .. } | State::Leaving(_) | State::Stopped(_) => None,
        }
    }
}

impl FormState {
    /// Nothing is answered yet.
    #[must_use]
    pub fn new(request: Arc<ConsentRequest>) -> Self {
        Self {
            answers: Answers::untouched(&request),
            request,
            revision: 0,
            text: TermText::Closed,
            unreadable: Vec::new(),
            phase: Phase::Editing,
            notice: None,
            expires_soon: false,
        }
    }

    /// Whether the user may edit and agree.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match &self.phase {
            Phase::Editing | Phase::Incomplete(_) => true,
            Phase::Submitting { attempt, .. } => attempt.is_waiting(),
            Phase::Leaving(_) | Phase::Rechecking { .. } => false,
        }
    }

    /// Whether the cancel button is enabled. Also while the status of the challenge is unknown:
    /// cancelling can only refuse.
    #[must_use]
    pub fn may_cancel(&self) -> bool {
        self.is_open()
            || matches!(&self.phase, Phase::Rechecking { attempt } if attempt.is_waiting())
    }

    /// The errors found when the user clicked agree.
    #[must_use]
    pub fn errors(&self) -> &[FormError] {
        match &self.phase {
            Phase::Incomplete(errors) => errors,
            Phase::Editing
            | Phase::Submitting { .. }
            | Phase::Leaving(_)
            | Phase::Rechecking { .. } => &[],
        }
    }

    /// Whether the event may send an agreement.
    #[must_use]
    pub fn may_agree_on(&self, event: &Event) -> bool {
        match event {
            Event::AgreeClicked => self.is_open(),
            Event::RetryClicked | Event::Online | Event::TimerFired(Timer::Second) => {
                matches!(&self.phase, Phase::Submitting { decision, attempt }
                    if attempt.is_waiting() && matches!(**decision, Decision::Agree(_)))
            }
            _ => false,
        }
    }

    fn may_tick(&self, key: &ItemKey) -> bool {
        !matches!(key, ItemKey::Term(tag) if self.unreadable.contains(tag))
    }

    /// Whether everything required is answered.
    ///
    /// # Errors
    /// Every error that prevents an agreement, in the order of the screen.
    pub fn validate(&self) -> Result<(), Vec<FormError>> {
        let agreement = self.answers.agreement(&self.request);
        let objections = acceptance::check(&self.request, &agreement).err().unwrap_or_default();
        let mut errors: Vec<FormError> =
            objections.into_iter().filter_map(FormError::from_objection).collect();
        let unread = self.unreadable.iter().map(|tag| ItemKey::Term(tag.clone()));
        errors.extend(unread.filter(|key| self.answers.is_ticked(key)).map(FormError::TextUnread));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The user changed an answer: removes the error of that answer (all errors, if none is named)
    /// and cancels a retry.
    fn edited(&mut self, changed: Option<&ItemKey>) {
        match &mut self.phase {
            Phase::Submitting { attempt, .. } if attempt.is_waiting() => {
                self.phase = Phase::Editing;
            }
            Phase::Incomplete(errors) => {
                errors.retain(|error| changed.is_some_and(|key| error.key() != key));
                if errors.is_empty() {
                    self.phase = Phase::Editing;
                }
            }
            Phase::Editing
            | Phase::Submitting { .. }
            | Phase::Leaving(_)
            | Phase::Rechecking { .. } => {}
        }
        if self.notice == Some(Notice::NotSent) {
            self.notice = None;
        }
    }
}

// On the host only: these tests need no browser.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
