//! How the page of a case comes to be: by what would have happened to it. Its states are reached
//! by the transitions of the real screen, so that no case shows what could never be.

use consent_contract::{
    agree_all::CheckState,
    channel,
    decision::Recorded,
    item::ItemKey,
    problem::{Code, Problem},
    request::{Collect, ConsentRequest, ConsentState},
};
use consent_fixtures::{Consent, Fixture, Screen, Stage, StopReason};

use super::{mock_backend, with_reason};
use crate::{
    api::{ApiError, RetryReason},
    consent::{
        retry::{Attempt, AttemptStage},
        state::{
            Event, FormError, FormState, Notice, Page, Phase, State, Stop, TermText, Timer, stop,
            update,
        },
    },
    i18n::Locale,
};

/// The page of a case of the consent screen.
#[must_use]
pub fn page(case: &Fixture, locale: Locale) -> Page {
    let state = match &case.screen {
        Screen::Consent(consent) => return asking(consent, locale),
        Screen::Problem(problem) => {
            stop(ApiError::Problem { problem: problem.clone(), retry_after: None })
        }
        Screen::Stopped(why) => State::Stopped(match why {
            StopReason::Unreadable => Stop::Unreadable,
            StopReason::BadTarget => Stop::BadTarget,
            StopReason::Offline => Stop::Unreachable(RetryReason::Offline),
            StopReason::Silent => Stop::Unreachable(RetryReason::Timeout),
            StopReason::Busy => Stop::Unreachable(RetryReason::Busy(None)),
            StopReason::Trouble => Stop::Unreachable(RetryReason::ServerError),
        }),
        Screen::Loading { slow } => State::Loading { slow: *slow, attempt: Attempt::first() },
        Screen::AutoLogin(_)
        | Screen::Account(_)
        | Screen::TextChanges(_)
        | Screen::ServerPage(_) => State::Loading { slow: false, attempt: Attempt::first() },
    };
    Page { locale, state }
}

fn asking(consent: &Consent, locale: Locale) -> Page {
    let (page, _) = Page::start(locale);
    let arrived =
        Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(with_reason(consent.request.clone())))));
    [arrived].into_iter().chain(events(consent)).fold(page, |page, event| {
        // The effects would have run long ago.
        update(page, event).0
    })
}

/// Whether a fixture reaches the stage that it names: where nothing is required, for example, nothing
/// can be missing.
#[must_use]
pub fn is_reached(case: &Fixture) -> bool {
    match &case.screen {
        Screen::Consent(consent) => is_at(&asking(consent, Locale::KO), consent),
        _ => true,
    }
}

fn is_at(page: &Page, consent: &Consent) -> bool {
    let State::Form(it) = &page.state else { return false };
    let waits = |why: RetryReason| {
        let Phase::Submitting { attempt, .. } = &it.phase else { return false };
        matches!(attempt.stage, AttemptStage::Waiting { reason, .. } if reason == why)
    };
    match consent.stage {
        Stage::Asking => **it == FormState::new(it.request.clone()),
        Stage::Filled => it.validate().is_ok() && it.phase == Phase::Editing,
        Stage::PartlyFilled => {
            let keys = it.answers.keys();
            let ticked = keys.iter().filter(|(key, _)| it.answers.is_ticked(key)).count();
            ticked == 1 && keys.len() > 1 && it.phase == Phase::Editing
        }
        Stage::AllTicked => it.answers.agree_all(&it.request) == CheckState::Checked,
        Stage::SomethingMissing => {
            let refuses = |id: &String| {
                let key = ItemKey::Item(id.clone());
                it.errors().iter().any(|error| *error.key() == key)
            };
            !it.errors().is_empty() && consent.typed.keys().all(refuses)
        }
        Stage::TextOpen => matches!(it.text, TermText::Open { .. }),
        Stage::TextLoading => matches!(it.text, TermText::Loading { .. }),
        Stage::TextFailed => matches!(it.text, TermText::Failed { .. }),
        Stage::TextUnread => {
            it.text == TermText::Closed && matches!(it.errors(), [FormError::TextUnread(_)])
        }
        Stage::Submitting => {
            matches!(&it.phase, Phase::Submitting { attempt, .. } if !attempt.is_waiting())
        }
        Stage::Offline => waits(RetryReason::Offline),
        Stage::Silent => waits(RetryReason::Timeout),
        Stage::Busy => waits(RetryReason::Busy(Some(30))),
        Stage::Trouble => waits(RetryReason::ServerError),
        Stage::NotSent => it.notice == Some(Notice::NotSent),
        Stage::Leaving => matches!(&it.phase, Phase::Leaving(it) if !it.stuck),
        Stage::LeavingStuck => matches!(&it.phase, Phase::Leaving(it) if it.stuck),
        Stage::TextChanged => matches!(it.notice, Some(Notice::TextChanged(_))),
        Stage::Refreshed => it.notice == Some(Notice::Refreshed),
        Stage::CheckingAgain => matches!(it.phase, Phase::Rechecking { .. }),
        Stage::ExpiresSoon => it.expires_soon,
        Stage::ExpiresSoonInText => it.expires_soon && matches!(it.text, TermText::Open { .. }),
        Stage::ExtensionRefused => it.expires_soon && it.revision > 0,
    }
}

/// What has happened since the request arrived.
fn events(consent: &Consent) -> Vec<Event> {
    let request = &consent.request;
    let first = request.terms.first().map(|term| term.tag.clone()).unwrap_or_default();
    let filled = || filled(consent);
    let sent = || [filled(), vec![Event::AgreeClicked]].concat();
    let answered = |answer| [sent(), vec![Event::Decided(answer)]].concat();
    let recorded = || {
        Ok(Recorded {
            receipt_id: "preview".into(),
            redirect_to: mock_backend::destination(request),
        })
    };
    let problem = |code, retry_after| {
        Err(ApiError::Problem { problem: Box::new(Problem::new(code)), retry_after })
    };
    match consent.stage {
        Stage::Asking => vec![],
        Stage::Filled => filled(),
        Stage::PartlyFilled => {
            first_key(request).map(|key| Event::Toggled(key, true)).into_iter().collect()
        }
        Stage::AllTicked => vec![Event::AgreeAllClicked],
        // Where values are typed, nothing else is in the way.
        Stage::SomethingMissing if !consent.typed.is_empty() => sent(),
        Stage::SomethingMissing => vec![Event::AgreeClicked],
        Stage::TextUnread => {
            let opened = vec![
                Event::TextOpened(first),
                Event::TextLoaded(Err(ApiError::Offline)),
                Event::TextClosed,
                Event::AgreeClicked,
            ];
            [filled(), opened].concat()
        }
        Stage::TextLoading => vec![Event::TextOpened(first)],
        Stage::TextOpen | Stage::TextFailed => {
            let open = consent.stage == Stage::TextOpen;
            let document = mock_backend::document(consent, &first).filter(|_| open);
            let read = document.ok_or(ApiError::Offline);
            vec![Event::TextOpened(first), Event::TextLoaded(read)]
        }
        Stage::Submitting => sent(),
        Stage::Offline => answered(Err(ApiError::Offline)),
        Stage::Silent => answered(Err(ApiError::Timeout)),
        Stage::Busy => answered(problem(Code::RateLimited, Some(30))),
        Stage::Trouble => answered(Err(ApiError::Status { status: 502, retry_after: None })),
        Stage::NotSent => answered(Err(ApiError::Unreadable)),
        Stage::Leaving => answered(recorded()),
        Stage::LeavingStuck => {
            [answered(recorded()), vec![Event::TimerFired(Timer::Stuck)]].concat()
        }
        Stage::TextChanged => {
            let mut changed = request.clone();
            if let Some(term) = changed.terms.first_mut() {
                term.digest += "-changed";
            }
            let read = Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(changed))));
            [filled(), vec![Event::Restored, read]].concat()
        }
        Stage::Refreshed => {
            let read = Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request.clone()))));
            [answered(problem(Code::CsrfRejected, None)), vec![read]].concat()
        }
        Stage::CheckingAgain => [filled(), vec![Event::Restored]].concat(),
        Stage::ExpiresSoon => [filled(), vec![Event::TimerFired(Timer::ExpiresSoon)]].concat(),
        Stage::ExpiresSoonInText => {
            let document = mock_backend::document(consent, &first).ok_or(ApiError::Offline);
            let opened = vec![Event::TextOpened(first), Event::TextLoaded(document)];
            [opened, vec![Event::TimerFired(Timer::ExpiresSoon)]].concat()
        }
        Stage::ExtensionRefused => {
            let expires_soon = || Event::TimerFired(Timer::ExpiresSoon);
            let refused = Err(ApiError::Problem {
                problem: Box::new(Problem::new(Code::ExtensionRefused)),
                retry_after: None,
            });
            let read = Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request.clone()))));
            let asked = vec![expires_soon(), Event::MoreTimeClicked, Event::Extended(refused)];
            [filled(), asked, vec![read, expires_soon()]].concat()
        }
    }
}

/// The first thing that can be ticked, in the order of the screen.
fn first_key(request: &ConsentRequest) -> Option<ItemKey> {
    let term = request.terms.first().map(|term| ItemKey::Term(term.tag.clone()));
    let item = request.personal_info.items.first().map(|item| ItemKey::Item(item.id.clone()));
    let channels = channel::offered(request);
    let channel = channels.first().map(|it| ItemKey::Channel(it.public_id.clone()));
    term.or(item).or(channel)
}

/// Everything that is required is ticked, and typed where it has to be.
fn filled(Consent { request, typed, .. }: &Consent) -> Vec<Event> {
    let terms = request.terms.iter().filter(|term| term.required);
    let items = request.personal_info.items.iter().filter(|item| item.required);
    let ticked = terms.map(|term| Event::Toggled(ItemKey::Term(term.tag.clone()), true));
    let ticked: Vec<_> = ticked
        .chain(items.flat_map(|item| {
            let key = ItemKey::Item(item.id.clone());
            let typed = item.to_collect().map(|kind| {
                let typed = typed.get(&item.id).map_or(value(kind), String::as_str);
                Event::ValueChanged(key.clone(), typed.to_owned())
            });
            [Some(Event::Toggled(key, true)), typed].into_iter().flatten().collect::<Vec<_>>()
        }))
        .collect();
    ticked
}

/// A value that is accepted.
fn value(kind: Collect) -> &'static str {
    match kind {
        Collect::Email => "hana@example.com",
        Collect::Phone => "010-1234-5678",
        Collect::Name => "김하나",
        Collect::Birthday => "2000-02-29",
        Collect::Address => "서울시 중구 세종대로 110",
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    /// Each stage is what it is called: of every fixture, and of a request that has everything.
    #[test]
    fn a_stage_shows_what_it_is_called() {
        let cases = consent_fixtures::all().filter_map(|named| match &named.fixture.screen {
            Screen::Consent(consent) => Some((named.name.as_str(), (**consent).clone())),
            _ => None,
        });
        let cases: Vec<_> = cases.collect();
        let whole = &cases[0].1;
        let of_one = Stage::ALL.map(|stage| ("sign-up", Consent { stage, ..whole.clone() }));
        for (name, consent) in cases.iter().cloned().chain(of_one) {
            let page = asking(&consent, Locale::KO);
            assert!(is_at(&page, &consent), "{name}, {:?}: {page:?}", consent.stage);
        }
    }

    /// Every fixture with a request is at its stage, and every other is stopped or loading.
    #[test]
    fn every_case_has_a_page() {
        for named in consent_fixtures::all() {
            let shown = page(&named.fixture, Locale::KO);
            let right = match &named.fixture.screen {
                Screen::Consent(_) => matches!(shown.state, State::Form(_)),
                Screen::Loading { .. }
                | Screen::AutoLogin(_)
                | Screen::Account(_)
                | Screen::TextChanges(_)
                | Screen::ServerPage(_) => {
                    matches!(shown.state, State::Loading { .. })
                }
                Screen::Problem(_) | Screen::Stopped(_) => matches!(shown.state, State::Stopped(_)),
            };
            assert!(right, "{}: {:?}", named.name, shown.state);
        }
    }
}
