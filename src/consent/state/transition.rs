//! Which event leads to which state.

use std::sync::Arc;

use consent_contract::{
    decision::{Cancellation, Decision, Recorded},
    document::Document,
    item::ItemKey,
    problem::{Code, Problem},
    redirect,
    request::ConsentState,
};

use super::{
    Effect, Event, FormError, FormState, Leaving, Notice, Page, Phase, State, Stop, Target,
    TermText, Timer, WARN_BEFORE,
};
use crate::{
    api::{ApiError, RetryReason},
    consent::retry::{Attempt, Next},
    i18n::Locale,
};

/// How long a redirect may take before a plain link is shown.
const STUCK_AFTER_MS: u32 = 5000;

/// While a retry waits, the countdown is updated every second.
const A_SECOND: Effect = Effect::SetTimer(Timer::Second, 1000);

/// The next state and its effects.
#[must_use]
pub fn update(page: Page, event: Event) -> (Page, Vec<Effect>) {
    let Page { mut locale, state } = page;
    let (state, effects) = match state {
        State::Loading { slow, attempt } => update_loading(&mut locale, slow, attempt, event),
        State::Form(form) => update_form(&mut locale, form, event),
        State::Leaving(leaving) => update_leaving(leaving, &event),
        State::Stopped(stop) => update_stopped(stop, &event),
    };
    (Page { locale, state }, effects)
}

fn update_loading(
    locale: &mut Locale,
    slow: bool,
    attempt: Attempt,
    event: Event,
) -> (State, Vec<Effect>) {
    match event {
        Event::RequestLoaded(Ok(answer)) => loaded(locale, answer),
        Event::RequestLoaded(Err(error)) => match RetryReason::after(&error) {
            Some(reason) => match attempt.failed(reason) {
                Ok(attempt) => (State::Loading { slow: true, attempt }, vec![A_SECOND]),
                Err(reason) => stopped(Stop::Unreachable(reason)),
            },
            None => (stop(error), vec![Effect::Focus(Target::Heading)]),
        },
        Event::TimerFired(Timer::Slow) => (State::Loading { slow: true, attempt }, vec![]),
        Event::TimerFired(Timer::Second) | Event::Online | Event::RetryClicked => {
            let load = Effect::LoadRequest { locale: Some(*locale) };
            let is_tick = event == Event::TimerFired(Timer::Second);
            let (attempt, next) = attempt.resume(is_tick);
            (State::Loading { slow, attempt }, effects_of(next, load))
        }
        Event::LocaleChosen(chosen) => {
            *locale = chosen;
            (State::Loading { slow, attempt }, vec![])
        }
        // Of a form that is not there yet, or not any more.
        Event::TextLoaded(_)
        | Event::Decided(_)
        | Event::Extended(_)
        | Event::Toggled(..)
        | Event::ValueChanged(..)
        | Event::AgreeAllClicked
        | Event::RequiredOnlyClicked
        | Event::AgreeClicked
        | Event::ChoicesAltered
        | Event::CancelClicked
        | Event::TextOpened(_)
        | Event::TextRetried
        | Event::TextClosed
        | Event::MoreTimeClicked
        | Event::TimerFired(Timer::ExpiresSoon | Timer::Expired | Timer::Stuck)
        | Event::Restored => (State::Loading { slow, attempt }, vec![]),
    }
}

fn loaded(locale: &mut Locale, answer: ConsentState) -> (State, Vec<Effect>) {
    match answer {
        ConsentState::Ask(request) => {
            *locale = Locale::of(&request.locale).unwrap_or(*locale);
            let effects = expiry_timers(request.expires_in);
            (State::Form(Box::new(FormState::new(Arc::new(*request)))), effects)
        }
        ConsentState::Done { redirect_to } => leave(redirect_to, None),
    }
}

/// Timers for the end of the challenge, from seconds that the backend counted: the clocks of the
/// two sides are never compared.
fn expiry_timers(expires_in: u32) -> Vec<Effect> {
    let ms = |seconds: u32| seconds.min(86_400) * 1000;
    let warn = expires_in.saturating_sub(WARN_BEFORE);
    vec![
        Effect::SetTimer(Timer::Expired, ms(expires_in)),
        Effect::SetTimer(Timer::ExpiresSoon, ms(warn)),
    ]
}

fn leave(to: String, destination_origin: Option<&str>) -> (State, Vec<Effect>) {
    match redirect::check(&to, destination_origin) {
        Ok(()) => {
            let effects =
                vec![Effect::Leave(to.clone()), Effect::SetTimer(Timer::Stuck, STUCK_AFTER_MS)];
            (State::Leaving(Leaving { to, stuck: false }), effects)
        }
        Err(_) => stopped(Stop::BadTarget),
    }
}

fn stopped(stop: Stop) -> (State, Vec<Effect>) {
    (State::Stopped(stop), vec![Effect::Focus(Target::Heading)])
}

fn update_leaving(mut leaving: Leaving, event: &Event) -> (State, Vec<Effect>) {
    match event {
        Event::TimerFired(Timer::Stuck) => leaving.stuck = true,
        // The user came back: only the backend knows where to go from here.
        Event::Restored => return load_again(),
        // The page is about to be left: nothing else changes it.
        Event::RequestLoaded(_)
        | Event::TextLoaded(_)
        | Event::Decided(_)
        | Event::Extended(_)
        | Event::Toggled(..)
        | Event::ValueChanged(..)
        | Event::AgreeAllClicked
        | Event::RequiredOnlyClicked
        | Event::AgreeClicked
        | Event::ChoicesAltered
        | Event::CancelClicked
        | Event::RetryClicked
        | Event::TextOpened(_)
        | Event::TextRetried
        | Event::TextClosed
        | Event::MoreTimeClicked
        | Event::LocaleChosen(_)
        | Event::TimerFired(Timer::Slow | Timer::Second | Timer::ExpiresSoon | Timer::Expired)
        | Event::Online => {}
    }
    (State::Leaving(leaving), vec![])
}

fn update_stopped(stop: Stop, event: &Event) -> (State, Vec<Effect>) {
    match event {
        Event::RetryClicked | Event::Restored => load_again(),
        // Nothing can be asked until the user tries again.
        Event::RequestLoaded(_)
        | Event::TextLoaded(_)
        | Event::Decided(_)
        | Event::Extended(_)
        | Event::Toggled(..)
        | Event::ValueChanged(..)
        | Event::AgreeAllClicked
        | Event::RequiredOnlyClicked
        | Event::AgreeClicked
        | Event::ChoicesAltered
        | Event::CancelClicked
        | Event::TextOpened(_)
        | Event::TextRetried
        | Event::TextClosed
        | Event::MoreTimeClicked
        | Event::LocaleChosen(_)
        | Event::TimerFired(_)
        | Event::Online => (State::Stopped(stop), vec![]),
    }
}

fn load_again() -> (State, Vec<Effect>) {
    let state = State::Loading { slow: true, attempt: Attempt::first() };
    (state, vec![Effect::LoadRequest { locale: None }])
}

/// The state after an error that a retry would not change.
#[must_use]
pub fn stop(error: ApiError) -> State {
    State::Stopped(match error {
        ApiError::Problem { problem, .. } if problem.code != Code::Other => {
            let Problem { code, restart_url, redirect_to, min_age, .. } = *problem;
            Stop::Problem {
                code,
                restart_url: restart_url.filter(|url| redirect::is_own_path(url)),
                redirect_to: redirect_to.filter(|url| redirect::check(url, None).is_ok()),
                min_age,
            }
        }
        ApiError::Problem { .. }
        | ApiError::Status { .. }
        | ApiError::Offline
        | ApiError::Timeout
        | ApiError::Unreadable => Stop::Unreadable,
    })
}

fn update_form(
    locale: &mut Locale,
    mut form: Box<FormState>,
    event: Event,
) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let editable = form.is_open();
    match event {
        Event::Toggled(key, ticked) => {
            if editable && (!ticked || form.may_tick(&key)) {
                form.answers.tick(&key, ticked);
                form.edited(Some(&key));
            }
        }
        Event::ValueChanged(key, text) => {
            if editable {
                form.answers.write(&key, text);
                form.edited(Some(&key));
            }
        }
        Event::AgreeAllClicked => {
            if editable {
                let mut answers = form.answers.clone();
                answers.toggle_agree_all(&form.request, |key| form.may_tick(key));
                form.answers = answers;
                form.edited(None);
            }
        }
        Event::RequiredOnlyClicked => {
            if editable {
                let mut answers = form.answers.clone();
                answers.required_only(|key| form.may_tick(key));
                form.answers = answers;
                form.edited(None);
            }
        }
        Event::AgreeClicked => {
            if editable {
                effects = agree(&mut form);
            }
        }
        Event::ChoicesAltered => {
            if editable {
                // Built again, the view shows the state, whatever happened to its elements.
                form.revision += 1;
                form.phase = Phase::Editing;
                form.notice = Some(Notice::ChoicesRestored);
                effects.push(Effect::Focus(Target::Notice));
            }
        }
        Event::CancelClicked => {
            if form.may_cancel() {
                let csrf_token = Some(form.request.csrf_token.clone());
                effects = submit(&mut form, Decision::Cancel(Cancellation { csrf_token }));
            }
        }
        Event::Decided(answer) => return decided(locale, form, answer),
        Event::RequestLoaded(answer) => return reloaded(locale, form, answer),
        // Opening a text cancels a pending retry: the user is still deciding.
        Event::TextOpened(tag) => {
            if editable && matches!(form.phase, Phase::Submitting { .. }) {
                form.phase = Phase::Editing;
            }
            effects.extend(open_text(&mut form, tag));
        }
        Event::TextRetried => {
            if let TermText::Failed { tag } = &form.text {
                let tag = tag.clone();
                effects.extend(open_text(&mut form, tag));
                // The button that was clicked is gone.
                effects.push(Effect::Focus(Target::Text));
            }
        }
        Event::TextClosed => form.text = TermText::Closed,
        Event::TextLoaded(answer) => text_loaded(&mut form, answer),
        Event::MoreTimeClicked => {
            effects.push(Effect::Extend { csrf_token: form.request.csrf_token.clone() });
        }
        Event::Extended(Ok(extended)) => {
            form.expires_soon = extended.expires_in <= WARN_BEFORE;
            effects = expiry_timers(extended.expires_in);
            if !form.expires_soon {
                // The button that was clicked is gone.
                let is_text_open = form.text != TermText::Closed;
                let target = if is_text_open { Target::Text } else { Target::Agree };
                effects.push(Effect::Focus(target));
            }
        }
        // Only the backend knows the status of the challenge, and how to start again.
        Event::Extended(Err(_)) => {
            if editable {
                effects = recheck(&mut form, Some(*locale));
            }
        }
        Event::LocaleChosen(chosen) => {
            if editable && chosen != *locale {
                *locale = chosen;
                effects = recheck(&mut form, Some(chosen));
                // The list is built again at once, and once more with the answer.
                effects.push(Effect::Focus(Target::Current));
            }
        }
        Event::Restored => {
            form.text = TermText::Closed;
            effects = recheck(&mut form, Some(*locale));
        }
        Event::TimerFired(Timer::ExpiresSoon) => form.expires_soon = true,
        Event::TimerFired(Timer::Expired) => {
            if editable {
                effects = recheck(&mut form, Some(*locale));
            }
        }
        Event::TimerFired(Timer::Stuck) => {
            if let Phase::Leaving(leaving) = &mut form.phase {
                leaving.stuck = true;
            }
        }
        Event::TimerFired(Timer::Second) | Event::Online | Event::RetryClicked => {
            let is_tick = event == Event::TimerFired(Timer::Second);
            effects = resume(*locale, &mut form, is_tick);
        }
        // Of loading.
        Event::TimerFired(Timer::Slow) => {}
    }
    (State::Form(form), effects)
}

fn agree(form: &mut FormState) -> Vec<Effect> {
    match form.validate() {
        Ok(()) => {
            let agreement = form.answers.agreement(&form.request);
            submit(form, Decision::Agree(agreement))
        }
        Err(errors) => {
            form.phase = Phase::Incomplete(errors);
            vec![Effect::Focus(Target::Summary)]
        }
    }
}

fn submit(form: &mut FormState, decision: Decision) -> Vec<Effect> {
    let decision = Arc::new(decision);
    form.notice = None;
    form.phase = Phase::Submitting { decision: decision.clone(), attempt: Attempt::first() };
    vec![Effect::Decide(decision)]
}

fn recheck(form: &mut FormState, locale: Option<Locale>) -> Vec<Effect> {
    form.phase = Phase::Rechecking { attempt: Attempt::first() };
    vec![Effect::LoadRequest { locale }]
}

/// Retries a waiting request: a second has passed, or the user or the network asks for it now.
fn resume(locale: Locale, form: &mut FormState, is_tick: bool) -> Vec<Effect> {
    let (attempt, effect) = match &mut form.phase {
        Phase::Submitting { decision, attempt } => (attempt, Effect::Decide(decision.clone())),
        Phase::Rechecking { attempt } => (attempt, Effect::LoadRequest { locale: Some(locale) }),
        Phase::Editing | Phase::Incomplete(_) | Phase::Leaving(_) => return vec![],
    };
    let (resumed, next) = attempt.clone().resume(is_tick);
    *attempt = resumed;
    effects_of(next, effect)
}

fn effects_of(next: Next, send: Effect) -> Vec<Effect> {
    match next {
        Next::Wait => vec![A_SECOND],
        Next::Send => vec![send],
        Next::Nothing => vec![],
    }
}

fn decided(
    locale: &mut Locale,
    mut form: Box<FormState>,
    answer: Result<Recorded, ApiError>,
) -> (State, Vec<Effect>) {
    let Phase::Submitting { decision, attempt } = &form.phase else {
        return (State::Form(form), vec![]);
    };
    let error = match answer {
        Ok(recorded) => return leave_form(form, recorded.redirect_to),
        Err(error) => error,
    };
    if let Some(reason) = RetryReason::after(&error) {
        return match attempt.clone().failed(reason) {
            Ok(attempt) => {
                form.phase = Phase::Submitting { decision: decision.clone(), attempt };
                (State::Form(form), vec![A_SECOND])
            }
            Err(_) => not_sent(form),
        };
    }
    let ApiError::Problem { problem, .. } = &error else { return not_sent(form) };
    match problem.code {
        Code::RequiredItemsMissing | Code::InvalidValue => {
            let missing = problem.missing.iter().cloned().map(FormError::NotAgreed);
            let invalid =
                problem.invalid.iter().map(|v| FormError::InvalidValue(v.id.clone(), v.reason));
            form.phase = Phase::Incomplete(missing.chain(invalid).collect());
            (State::Form(form), vec![Effect::Focus(Target::Summary)])
        }
        // Load it again; changed items become unchecked, and only the user can agree to them.
        Code::TermsChanged
        | Code::UnknownItem
        | Code::ItemUnanswered
        | Code::CsrfRejected
        | Code::ContinueElsewhere => {
            form.notice = Some(Notice::Refreshed);
            let effects = recheck(&mut form, Some(*locale));
            (State::Form(form), effects)
        }
        // Recorded before, by an earlier try whose response was lost, or in another tab.
        Code::AlreadyDecided if problem.redirect_to.is_some() => {
            (stop(error), vec![Effect::Focus(Target::Heading)])
        }
        Code::MalformedRequest | Code::TooLarge | Code::Other => not_sent(form),
        _ => (stop(error), vec![Effect::Focus(Target::Heading)]),
    }
}

fn not_sent(mut form: Box<FormState>) -> (State, Vec<Effect>) {
    form.phase = Phase::Editing;
    form.notice = Some(Notice::NotSent);
    (State::Form(form), vec![])
}

/// Redirects to the service, which must be the one that the screen named. The form stays, with its
/// buttons disabled, until the page is gone.
fn leave_form(mut form: Box<FormState>, to: String) -> (State, Vec<Effect>) {
    match leave(to, Some(&form.request.service.destination_origin)) {
        (State::Leaving(leaving), effects) => {
            form.text = TermText::Closed;
            form.expires_soon = false;
            form.phase = Phase::Leaving(leaving);
            (State::Form(form), effects)
        }
        refused => refused,
    }
}

fn reloaded(
    locale: &mut Locale,
    mut form: Box<FormState>,
    answer: Result<ConsentState, ApiError>,
) -> (State, Vec<Effect>) {
    let Phase::Rechecking { attempt } = &form.phase else {
        return (State::Form(form), vec![]);
    };
    let attempt = attempt.clone();
    match answer {
        Ok(ConsentState::Ask(request)) => {
            let request = Arc::new(*request);
            let (answers, changed) = form.answers.carried_over(&form.request, &request);
            if !changed.is_empty() {
                form.notice = Some(Notice::TextChanged(changed));
            }
            *locale = Locale::of(&request.locale).unwrap_or(*locale);
            let mut effects = expiry_timers(request.expires_in);
            // The view is built again, so the focus is lost: it moves to what there is to read, or
            // back to the list where another language was chosen.
            if matches!(form.notice, Some(Notice::TextChanged(_) | Notice::Refreshed)) {
                effects.push(Effect::Focus(Target::Notice));
            } else if request.locale != form.request.locale {
                effects.push(Effect::Focus(Target::Language));
            } else {
                effects.push(Effect::Focus(Target::Current));
            }
            *form = FormState {
                answers,
                revision: form.revision + 1,
                notice: form.notice.take(),
                ..FormState::new(request)
            };
            (State::Form(form), effects)
        }
        Ok(ConsentState::Done { redirect_to }) => leave_form(form, redirect_to),
        Err(error) => match RetryReason::after(&error) {
            Some(reason) => match attempt.failed(reason) {
                Ok(attempt) => {
                    form.phase = Phase::Rechecking { attempt };
                    (State::Form(form), vec![A_SECOND])
                }
                Err(reason) => {
                    // The buttons stay disabled: the status of the challenge is unknown.
                    form.phase = Phase::Rechecking { attempt: Attempt::given_up(reason) };
                    (State::Form(form), vec![])
                }
            },
            // Not from the backend: the choices stay, and the user may try again, or cancel.
            None if !matches!(error, ApiError::Problem { .. }) => {
                let attempt = Attempt::given_up(RetryReason::ServerError);
                form.phase = Phase::Rechecking { attempt };
                (State::Form(form), vec![])
            }
            None => (stop(error), vec![Effect::Focus(Target::Heading)]),
        },
    }
}

fn open_text(form: &mut FormState, tag: String) -> Option<Effect> {
    let term = form.request.terms.iter().find(|term| term.tag == tag)?;
    let effect = Effect::LoadText {
        tag: tag.clone(),
        version: term.version.clone(),
        digest: term.digest.clone(),
        changed: term.agreed_version.is_some(),
        reload: form.unreadable.contains(&tag),
    };
    form.text = TermText::Loading { tag };
    Some(effect)
}

/// A text is shown only if its digest is the one that will be submitted.
fn text_loaded(form: &mut FormState, answer: Result<Document, ApiError>) {
    let TermText::Loading { tag } = &form.text else { return };
    let tag = tag.clone();
    let term = form.request.terms.iter().find(|term| term.tag == tag);
    form.text = match (answer, term) {
        (Ok(document), Some(term)) if document.digest == term.digest => {
            form.unreadable.retain(|unreadable| *unreadable != tag);
            if let Phase::Incomplete(errors) = &mut form.phase {
                let read = FormError::TextUnread(ItemKey::Term(tag.clone()));
                errors.retain(|error| *error != read);
                if errors.is_empty() {
                    form.phase = Phase::Editing;
                }
            }
            TermText::Open { tag, document: Arc::new(document) }
        }
        _ => {
            if !form.unreadable.contains(&tag) {
                form.unreadable.push(tag.clone());
            }
            TermText::Failed { tag }
        }
    };
}
