//! The consent page as data: one state, one transition function, effects as values.
//!
//! Nothing here knows a browser, a clock or the network. [`step`] is the only way from one state
//! to the next, so what can lead to an agreement can be read here, and is tested without a browser.

use std::sync::Arc;

use consent_contract::{
    acceptance::{self, Objection},
    answers::Answers,
    decision::{Cancellation, Decision, Extended, Recorded},
    document::Document,
    item::ItemKey,
    problem::{Code, Problem},
    redirect,
    request::{ConsentRequest, ConsentState},
    value::ValueFault,
};

use super::retry::{Again, Attempt, Try};
use crate::{api::ApiError, i18n::Locale};

/// Seconds before the end at which the person is told that time is running out (WCAG 2.2.1 wants
/// at least 20 seconds to react).
pub const WARN_BEFORE: u32 = 60;

/// The page: its language and its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub locale: Locale,
    pub state: State,
}

/// Everything the page can be.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The request is on its way, or will be asked for again.
    Loading { slow: bool, attempt: Attempt },
    /// The person is asked.
    Asking(Box<Asking>),
    /// There was nothing to ask: going on.
    Leaving(Leaving),
    /// Nothing can be asked, and why.
    Stopped(Stop),
}

/// A request, the answers so far, and what is happening to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Asking {
    pub request: Arc<ConsentRequest>,
    /// Rises whenever another request takes this one's place, so that the view knows to redraw.
    pub edition: u32,
    pub answers: Answers,
    pub text: Text,
    /// Tags whose text could not be read: they cannot be agreed to.
    pub unreadable: Vec<String>,
    pub phase: Phase,
    pub notice: Option<Notice>,
    pub expires_soon: bool,
}

/// What is happening to the answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// The person reads, ticks and types.
    Editing,
    /// The person pressed agree, and this is in the way. Still editing.
    Incomplete(Vec<Fault>),
    /// The decision is on its way, or will be sent again. Nothing can be edited while it is
    /// under way; editing while it waits calls it off.
    Submitting { decision: Arc<Decision>, attempt: Attempt },
    /// Recorded. The buttons stay off until the page is gone.
    Leaving(Leaving),
    /// The request is being read again: the buttons are off until it is known that they still
    /// mean something.
    Rechecking { attempt: Attempt },
}

/// One thing that is in the way of agreeing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    NotAgreed(ItemKey),
    Value(ItemKey, ValueFault),
    /// Ticked, but its text could not be shown.
    TextUnread(ItemKey),
}

impl Fault {
    #[must_use]
    pub fn key(&self) -> &ItemKey {
        match self {
            Self::NotAgreed(key) | Self::Value(key, _) | Self::TextUnread(key) => key,
        }
    }
}

/// The dialog with a term's full text.
#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    Closed,
    Loading { tag: String },
    Open { tag: String, document: Arc<Document> },
    Failed { tag: String },
}

/// On the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// A target that passed [`redirect::check`].
    pub to: String,
    /// The page is still here after five seconds: a plain link is shown.
    pub stuck: bool,
}

/// Something the person is told above the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// These were ticked, their text has changed, and they are unticked now.
    TextChanged(Vec<ItemKey>),
    /// The request was read again after the backend refused; nothing was lost.
    Refreshed,
    /// Something other than the user changed the boxes; they show the user's own choices again.
    ChoicesRestored,
    /// The decision could not be sent; nothing was lost.
    NotSent,
}

/// Why nothing can be asked, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The backend said so.
    Problem { code: Code, restart_url: Option<String>, redirect_to: Option<String> },
    /// What came was not what the contract says. Nothing is shown that was not understood.
    Unreadable,
    /// The address to go on to was refused.
    BadTarget,
    /// Tried often enough by itself; the person may try again.
    OutOfReach(Again),
}

/// What happens to the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    // The backend.
    Read(Result<ConsentState, ApiError>),
    TextRead(Result<Document, ApiError>),
    Decided(Result<Recorded, ApiError>),
    Extended(Result<Extended, ApiError>),
    // The person.
    Ticked(ItemKey, bool),
    Wrote(ItemKey, String),
    AgreeAllPressed,
    RequiredOnlyPressed,
    AgreePressed,
    /// The user agrees, or has agreed, while the boxes in the page are not what the user made of
    /// them: a script or an extension changed or removed them.
    ChoicesAltered,
    CancelPressed,
    RetryPressed,
    TextOpened(String),
    TextRetried,
    TextClosed,
    MoreTimePressed,
    LocaleChosen(Locale),
    // The browser and its clock.
    Rang(Timer),
    /// Shown again out of the back/forward cache.
    Restored,
    /// The network is back.
    Online,
}

/// Alarms. Setting one again replaces it, so that a stale one never rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// Loading takes long enough to be spoken of.
    Slow,
    /// A second of waiting has passed.
    Second,
    ExpiresSoon,
    Expired,
    /// The page should have been gone by now.
    Stuck,
}

/// What the page wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Read {
        locale: Option<Locale>,
    },
    ReadText {
        tag: String,
        version: String,
        digest: String,
        /// What came before could not be read.
        anew: bool,
    },
    Decide(Arc<Decision>),
    Extend {
        csrf_token: String,
    },
    Leave(String),
    /// Ring after so many milliseconds.
    Set(Timer, u32),
    Focus(Target),
}

/// What takes the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The list of what is in the way.
    Summary,
    /// What the person is told above the form.
    Notice,
    /// The full text of a term.
    Text,
    /// The list of languages.
    Language,
    Heading,
}

impl Page {
    /// The page before anything has arrived, and what to do first.
    #[must_use]
    pub fn start(locale: Locale) -> (Self, Vec<Effect>) {
        let state = State::Loading { slow: false, attempt: Attempt::first() };
        (Self { locale, state }, vec![Effect::Read { locale: None }, Effect::Set(Timer::Slow, 400)])
    }

    /// The request that is being asked, if any.
    #[must_use]
    pub fn asking(&self) -> Option<&Asking> {
        match &self.state {
            State::Asking(asking) => Some(asking),
            _ => None,
        }
    }
}

impl Asking {
    /// Whether the person may edit and agree.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match &self.phase {
            Phase::Editing | Phase::Incomplete(_) => true,
            Phase::Submitting { attempt, .. } => attempt.is_waiting(),
            Phase::Leaving(_) | Phase::Rechecking { .. } => false,
        }
    }

    /// Whether the cancel button does anything: also while nobody knows how the challenge stands,
    /// for cancelling can only refuse.
    #[must_use]
    pub fn may_cancel(&self) -> bool {
        self.is_open()
            || matches!(&self.phase, Phase::Rechecking { attempt } if attempt.is_waiting())
    }

    /// What is in the way, if the person pressed agree and something is.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match &self.phase {
            Phase::Incomplete(faults) => faults,
            _ => &[],
        }
    }

    /// Whether the event may send an agreement.
    #[must_use]
    pub fn may_agree_by(&self, event: &Event) -> bool {
        match event {
            Event::AgreePressed => self.is_open(),
            Event::RetryPressed | Event::Online | Event::Rang(Timer::Second) => {
                matches!(&self.phase, Phase::Submitting { decision, attempt }
                    if attempt.is_waiting() && matches!(**decision, Decision::Agree(_)))
            }
            _ => false,
        }
    }

    fn may_tick(&self, key: &ItemKey) -> bool {
        !matches!(key, ItemKey::Term(tag) if self.unreadable.contains(tag))
    }

    /// Everything in the way of agreeing, in the order of the screen.
    pub(crate) fn in_the_way(&self) -> Result<(), Vec<Fault>> {
        let agreement = self.answers.agreement(&self.request);
        let objections = acceptance::check(&self.request, &agreement).err().unwrap_or_default();
        let mut faults: Vec<Fault> = objections.into_iter().filter_map(fault).collect();
        for tag in &self.unreadable {
            let key = ItemKey::Term(tag.clone());
            if self.answers.is_ticked(&self.request, &key) {
                faults.push(Fault::TextUnread(key));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The person changed an answer: whatever was said about the old ones is taken back, fault by
    /// fault, and a decision that waits to be sent again is called off.
    fn edited(&mut self, touched: Option<&ItemKey>) {
        match &mut self.phase {
            Phase::Submitting { attempt, .. } if attempt.is_waiting() => {
                self.phase = Phase::Editing
            }
            Phase::Incomplete(faults) => {
                faults.retain(|fault| touched.is_some_and(|key| fault.key() != key));
                if faults.is_empty() {
                    self.phase = Phase::Editing;
                }
            }
            _ => {}
        }
        if self.notice == Some(Notice::NotSent) {
            self.notice = None;
        }
    }
}

/// The screen builds its agreement from the request, so only what the person did can be at fault.
pub(super) fn fault(objection: Objection) -> Option<Fault> {
    match objection {
        Objection::RequiredNotAgreed(key) => Some(Fault::NotAgreed(key)),
        Objection::InvalidValue(key, fault) => Some(Fault::Value(key, fault)),
        Objection::TextChanged(_)
        | Objection::PersonalInfoChanged
        | Objection::Unknown(_)
        | Objection::Unanswered(_)
        | Objection::AnsweredTwice(_) => None,
    }
}

/// The next state and what to do.
#[must_use]
pub fn step(page: Page, event: Event) -> (Page, Vec<Effect>) {
    let Page { mut locale, state } = page;
    let (state, effects) = match state {
        State::Loading { slow, attempt } => loading(&mut locale, slow, attempt, event),
        State::Asking(asking) => asking_step(&mut locale, asking, event),
        State::Leaving(leaving) => leaving_step(leaving, &event),
        State::Stopped(stop) => stopped(stop, &event),
    };
    (Page { locale, state }, effects)
}

fn loading(
    locale: &mut Locale,
    slow: bool,
    attempt: Attempt,
    event: Event,
) -> (State, Vec<Effect>) {
    match event {
        Event::Read(Ok(answer)) => arrived(locale, answer),
        Event::Read(Err(error)) => match Again::after(&error) {
            Some(again) => match attempt.failed(again) {
                Ok((attempt, effect)) => (State::Loading { slow: true, attempt }, vec![effect]),
                Err(again) => {
                    (State::Stopped(Stop::OutOfReach(again)), vec![Effect::Focus(Target::Heading)])
                }
            },
            None => (stop(error), vec![Effect::Focus(Target::Heading)]),
        },
        Event::Rang(Timer::Slow) => (State::Loading { slow: true, attempt }, vec![]),
        Event::Rang(Timer::Second) | Event::Online | Event::RetryPressed => {
            let read = Effect::Read { locale: Some(*locale) };
            let (attempt, effects) = attempt.go_on(event == Event::Rang(Timer::Second), read);
            (State::Loading { slow, attempt }, effects)
        }
        Event::LocaleChosen(chosen) => {
            *locale = chosen;
            (State::Loading { slow, attempt }, vec![])
        }
        _ => (State::Loading { slow, attempt }, vec![]),
    }
}

fn arrived(locale: &mut Locale, answer: ConsentState) -> (State, Vec<Effect>) {
    match answer {
        ConsentState::Ask(request) => {
            *locale = Locale::of(&request.locale).unwrap_or(*locale);
            let effects = alarms(request.expires_in);
            (State::Asking(Box::new(Asking::new(Arc::new(*request)))), effects)
        }
        ConsentState::Done { redirect_to } => leave(redirect_to, None),
    }
}

impl Asking {
    /// The person has not answered anything yet.
    #[must_use]
    pub fn new(request: Arc<ConsentRequest>) -> Self {
        Self {
            answers: Answers::untouched(&request),
            request,
            edition: 0,
            text: Text::Closed,
            unreadable: Vec::new(),
            phase: Phase::Editing,
            notice: None,
            expires_soon: false,
        }
    }
}

/// Alarms for the end of the challenge, from seconds that the backend counted: the clocks of the
/// two sides are never compared.
fn alarms(expires_in: u32) -> Vec<Effect> {
    let seconds = |s: u32| s.min(86_400) * 1000;
    let warn = expires_in.saturating_sub(WARN_BEFORE);
    vec![
        Effect::Set(Timer::Expired, seconds(expires_in)),
        Effect::Set(Timer::ExpiresSoon, seconds(warn)),
    ]
}

fn leave(to: String, told: Option<&str>) -> (State, Vec<Effect>) {
    match redirect::check(&to, told) {
        Ok(()) => {
            let effects = vec![Effect::Leave(to.clone()), Effect::Set(Timer::Stuck, 5000)];
            (State::Leaving(Leaving { to, stuck: false }), effects)
        }
        Err(_) => (State::Stopped(Stop::BadTarget), vec![Effect::Focus(Target::Heading)]),
    }
}

fn leaving_step(mut leaving: Leaving, event: &Event) -> (State, Vec<Effect>) {
    match event {
        Event::Rang(Timer::Stuck) => leaving.stuck = true,
        // Back again: what this page was for is over, but only the backend knows where to go on.
        Event::Restored => {
            let state = State::Loading { slow: true, attempt: Attempt::first() };
            return (state, vec![Effect::Read { locale: None }]);
        }
        _ => {}
    }
    (State::Leaving(leaving), vec![])
}

fn stopped(stop: Stop, event: &Event) -> (State, Vec<Effect>) {
    match event {
        Event::RetryPressed | Event::Restored => {
            let state = State::Loading { slow: true, attempt: Attempt::first() };
            (state, vec![Effect::Read { locale: None }])
        }
        _ => (State::Stopped(stop), vec![]),
    }
}

/// What stops the page, from an answer that trying again would not change.
#[must_use]
pub fn stop(error: ApiError) -> State {
    State::Stopped(match error {
        ApiError::Problem { problem, .. } if problem.code != Code::Other => {
            let Problem { code, restart_url, redirect_to, .. } = *problem;
            Stop::Problem {
                code,
                restart_url: restart_url.filter(|url| redirect::is_own_path(url)),
                redirect_to: redirect_to.filter(|url| redirect::check(url, None).is_ok()),
            }
        }
        _ => Stop::Unreadable,
    })
}

fn asking_step(locale: &mut Locale, mut asking: Box<Asking>, event: Event) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let editable = asking.is_open();
    match event {
        Event::Ticked(key, ticked) if editable && (!ticked || asking.may_tick(&key)) => {
            asking.answers.tick(&asking.request.clone(), &key, ticked);
            asking.edited(Some(&key));
        }
        Event::Wrote(key, text) if editable => {
            asking.answers.write(&asking.request.clone(), &key, text);
            asking.edited(Some(&key));
        }
        Event::AgreeAllPressed if editable => {
            let mut answers = asking.answers.clone();
            answers.press_agree_all(&asking.request, |key| asking.may_tick(key));
            asking.answers = answers;
            asking.edited(None);
        }
        Event::RequiredOnlyPressed if editable => {
            let mut answers = asking.answers.clone();
            answers.required_only(&asking.request, |key| asking.may_tick(key));
            asking.answers = answers;
            asking.edited(None);
        }
        Event::AgreePressed if editable => match asking.in_the_way() {
            Ok(()) => {
                let agreement = asking.answers.agreement(&asking.request);
                effects = submit(&mut asking, Decision::Agree(agreement));
            }
            Err(faults) => {
                asking.phase = Phase::Incomplete(faults);
                effects.push(Effect::Focus(Target::Summary));
            }
        },
        Event::ChoicesAltered if editable => {
            // Drawn again, the page shows the state, whatever became of its elements.
            asking.edition += 1;
            asking.phase = Phase::Editing;
            asking.notice = Some(Notice::ChoicesRestored);
            effects.push(Effect::Focus(Target::Notice));
        }
        Event::CancelPressed if asking.may_cancel() => {
            let csrf_token = Some(asking.request.csrf_token.clone());
            effects = submit(&mut asking, Decision::Cancel(Cancellation { csrf_token }));
        }
        Event::Decided(answer) => return decided(locale, asking, answer),
        Event::Read(answer) => return read_again(locale, asking, answer),
        // Who reads on has not made up their mind: what waits to be sent is called off.
        Event::TextOpened(tag) => {
            if editable && matches!(asking.phase, Phase::Submitting { .. }) {
                asking.phase = Phase::Editing;
            }
            effects.extend(open_text(&mut asking, tag));
        }
        Event::TextRetried => {
            if let Text::Failed { tag } = &asking.text {
                let tag = tag.clone();
                effects.extend(open_text(&mut asking, tag));
                // The button that was pressed is gone.
                effects.push(Effect::Focus(Target::Text));
            }
        }
        Event::TextClosed => asking.text = Text::Closed,
        Event::TextRead(answer) => text_read(&mut asking, answer),
        Event::MoreTimePressed => {
            effects.push(Effect::Extend { csrf_token: asking.request.csrf_token.clone() });
        }
        Event::Extended(Ok(extended)) => {
            asking.expires_soon = extended.expires_in <= WARN_BEFORE;
            effects = alarms(extended.expires_in);
        }
        // The backend knows best how the challenge stands, and how to start again.
        Event::Extended(Err(_)) if editable => effects = recheck(&mut asking, Some(*locale)),
        Event::LocaleChosen(chosen) if editable && chosen != *locale => {
            *locale = chosen;
            effects = recheck(&mut asking, Some(chosen));
        }
        Event::Restored => {
            asking.text = Text::Closed;
            effects = recheck(&mut asking, Some(*locale));
        }
        Event::Rang(Timer::ExpiresSoon) => asking.expires_soon = true,
        Event::Rang(Timer::Expired) if asking.is_open() => {
            effects = recheck(&mut asking, Some(*locale));
        }
        Event::Rang(Timer::Stuck) => {
            if let Phase::Leaving(leaving) = &mut asking.phase {
                leaving.stuck = true;
            }
        }
        Event::Rang(Timer::Second) | Event::Online | Event::RetryPressed => {
            effects = go_on(*locale, &mut asking, event == Event::Rang(Timer::Second));
        }
        _ => {}
    }
    (State::Asking(asking), effects)
}

fn submit(asking: &mut Asking, decision: Decision) -> Vec<Effect> {
    let decision = Arc::new(decision);
    asking.notice = None;
    asking.phase = Phase::Submitting { decision: decision.clone(), attempt: Attempt::first() };
    vec![Effect::Decide(decision)]
}

fn recheck(asking: &mut Asking, locale: Option<Locale>) -> Vec<Effect> {
    asking.phase = Phase::Rechecking { attempt: Attempt::first() };
    vec![Effect::Read { locale }]
}

/// Time passes, or the person or the network says "now", for whatever waits to be tried again.
fn go_on(locale: Locale, asking: &mut Asking, second: bool) -> Vec<Effect> {
    let (attempt, effect) = match &mut asking.phase {
        Phase::Submitting { decision, attempt } => (attempt, Effect::Decide(decision.clone())),
        Phase::Rechecking { attempt } => (attempt, Effect::Read { locale: Some(locale) }),
        _ => return vec![],
    };
    let (next, effects) = attempt.clone().go_on(second, effect);
    *attempt = next;
    effects
}

fn decided(
    locale: &mut Locale,
    mut asking: Box<Asking>,
    answer: Result<Recorded, ApiError>,
) -> (State, Vec<Effect>) {
    let (decision, attempt) = match std::mem::replace(&mut asking.phase, Phase::Editing) {
        Phase::Submitting { decision, attempt } => (decision, attempt),
        other => {
            asking.phase = other;
            return (State::Asking(asking), vec![]);
        }
    };
    let error = match answer {
        Ok(recorded) => return leave_from(asking, recorded.redirect_to),
        Err(error) => error,
    };
    if let Some(again) = Again::after(&error) {
        let effects = match attempt.failed(again) {
            Ok((attempt, effect)) => {
                asking.phase = Phase::Submitting { decision, attempt };
                vec![effect]
            }
            Err(_) => {
                asking.phase = Phase::Editing;
                asking.notice = Some(Notice::NotSent);
                vec![]
            }
        };
        return (State::Asking(asking), effects);
    }
    let ApiError::Problem { problem, .. } = &error else {
        asking.phase = Phase::Editing;
        asking.notice = Some(Notice::NotSent);
        return (State::Asking(asking), vec![]);
    };
    match problem.code {
        Code::RequiredItemsMissing | Code::InvalidValue => {
            let missing = problem.missing.iter().cloned().map(Fault::NotAgreed);
            let invalid = problem.invalid.iter().map(|v| Fault::Value(v.id.clone(), v.reason));
            asking.phase = Phase::Incomplete(missing.chain(invalid).collect());
            (State::Asking(asking), vec![Effect::Focus(Target::Summary)])
        }
        // Read it again; what has changed comes back unticked, and only the person can go on.
        Code::TermsChanged | Code::UnknownItem | Code::ItemUnanswered | Code::CsrfRejected => {
            asking.notice = Some(Notice::Refreshed);
            let effects = recheck(&mut asking, Some(*locale));
            (State::Asking(asking), effects)
        }
        // Recorded before, by an earlier try whose answer was lost, or in another tab.
        Code::AlreadyDecided if problem.redirect_to.is_some() => {
            (stop(error), vec![Effect::Focus(Target::Heading)])
        }
        Code::MalformedRequest | Code::TooLarge | Code::Other => {
            asking.phase = Phase::Editing;
            asking.notice = Some(Notice::NotSent);
            (State::Asking(asking), vec![])
        }
        _ => (stop(error), vec![Effect::Focus(Target::Heading)]),
    }
}

/// Goes to the service, which must be the one that the person was told about. The form stays, with
/// its buttons off, until the page is gone.
fn leave_from(mut asking: Box<Asking>, to: String) -> (State, Vec<Effect>) {
    match leave(to, Some(&asking.request.service.destination_origin)) {
        (State::Leaving(leaving), effects) => {
            asking.text = Text::Closed;
            asking.expires_soon = false;
            asking.phase = Phase::Leaving(leaving);
            (State::Asking(asking), effects)
        }
        refused => refused,
    }
}

fn read_again(
    locale: &mut Locale,
    mut asking: Box<Asking>,
    answer: Result<ConsentState, ApiError>,
) -> (State, Vec<Effect>) {
    let Phase::Rechecking { attempt } = &asking.phase else {
        return (State::Asking(asking), vec![]);
    };
    let attempt = attempt.clone();
    match answer {
        Ok(ConsentState::Ask(request)) => {
            let request = Arc::new(*request);
            let (answers, changed) = asking.answers.carried_over(&asking.request, &request);
            if !changed.is_empty() {
                asking.notice = Some(Notice::TextChanged(changed));
            }
            *locale = Locale::of(&request.locale).unwrap_or(*locale);
            let mut effects = alarms(request.expires_in);
            // The form is drawn anew, so the focus is lost: it goes where there is something to
            // read, or back to where another language was chosen.
            if matches!(asking.notice, Some(Notice::TextChanged(_) | Notice::Refreshed)) {
                effects.push(Effect::Focus(Target::Notice));
            } else if request.locale != asking.request.locale {
                effects.push(Effect::Focus(Target::Language));
            }
            *asking = Asking {
                answers,
                edition: asking.edition + 1,
                notice: asking.notice.take(),
                ..Asking::new(request)
            };
            (State::Asking(asking), effects)
        }
        Ok(ConsentState::Done { redirect_to }) => leave_from(asking, redirect_to),
        Err(error) => match Again::after(&error) {
            Some(again) => match attempt.failed(again) {
                Ok((attempt, effect)) => {
                    asking.phase = Phase::Rechecking { attempt };
                    (State::Asking(asking), vec![effect])
                }
                Err(again) => {
                    // The buttons stay off: nobody knows whether they still mean something.
                    asking.phase = Phase::Rechecking { attempt: Attempt::given_up(again) };
                    (State::Asking(asking), vec![])
                }
            },
            // Not the backend's word: the ticks stay, and the person may ask again, or cancel.
            None if !matches!(error, ApiError::Problem { .. }) => {
                asking.phase = Phase::Rechecking { attempt: Attempt::given_up(Again::Trouble) };
                (State::Asking(asking), vec![])
            }
            None => (stop(error), vec![Effect::Focus(Target::Heading)]),
        },
    }
}

fn open_text(asking: &mut Asking, tag: String) -> Option<Effect> {
    let term = asking.request.terms.iter().find(|term| term.tag == tag)?;
    let effect = Effect::ReadText {
        tag: tag.clone(),
        version: term.version.clone(),
        digest: term.digest.clone(),
        anew: asking.unreadable.contains(&tag),
    };
    asking.text = Text::Loading { tag };
    Some(effect)
}

/// A text is shown only if it is the one whose digest will be submitted.
fn text_read(asking: &mut Asking, answer: Result<Document, ApiError>) {
    let Text::Loading { tag } = &asking.text else { return };
    let tag = tag.clone();
    let asked = asking.request.terms.iter().find(|term| term.tag == tag);
    asking.text = match (answer, asked) {
        (Ok(document), Some(term)) if document.digest == term.digest => {
            asking.unreadable.retain(|unreadable| *unreadable != tag);
            if let Phase::Incomplete(faults) = &mut asking.phase {
                faults.retain(|fault| *fault != Fault::TextUnread(ItemKey::Term(tag.clone())));
                if faults.is_empty() {
                    asking.phase = Phase::Editing;
                }
            }
            Text::Open { tag, document: Arc::new(document) }
        }
        _ => {
            if !asking.unreadable.contains(&tag) {
                asking.unreadable.push(tag.clone());
            }
            Text::Failed { tag }
        }
    };
}

/// Something said aloud while the page changes without a move of the focus. A function of the
/// state, so that nothing is said that is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Loading,
    Retrying(Again),
    Sending,
    Leaving,
    Rechecking,
    ExpiresSoon,
    NotSent,
}

impl Page {
    /// What the live region says.
    #[must_use]
    pub fn said(&self) -> Option<Said> {
        let of = |attempt: &Attempt, in_flight: Said| match attempt.stage {
            Try::InFlight => Some(in_flight),
            Try::Waiting { again, .. } | Try::GivenUp(again) => Some(Said::Retrying(again)),
        };
        match &self.state {
            State::Loading { slow: false, .. } | State::Stopped(_) => None,
            State::Loading { attempt, .. } => of(attempt, Said::Loading),
            State::Leaving(_) => Some(Said::Leaving),
            State::Asking(asking) => match (&asking.phase, &asking.notice) {
                (Phase::Submitting { attempt, .. }, _) => of(attempt, Said::Sending),
                (Phase::Leaving(_), _) => Some(Said::Leaving),
                (Phase::Rechecking { attempt }, _) => of(attempt, Said::Rechecking),
                (_, Some(Notice::NotSent)) => Some(Said::NotSent),
                _ if asking.expires_soon => Some(Said::ExpiresSoon),
                _ => None,
            },
        }
    }
}

// On the host only: what has no browser in it is not tested in one.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "state_tests.rs"]
mod tests;
