//! How the page of a case comes to be: by what would have happened to it. Its states are reached
//! by the transitions that everybody's are, so that no case shows what could never be.

use consent_cases::{Case, Consent, Moment, Screen, Why};
use consent_contract::{
    decision::Recorded,
    item::ItemKey,
    problem::{Code, Problem},
    request::{Collect, ConsentRequest, ConsentState},
};

use super::mock_backend;
use crate::{
    api::{ApiError, RetryReason},
    consent::{
        retry::{Attempt, AttemptStage},
        state::{
            Event, FormState, Notice, Page, Phase, State, Stop, TermText, Timer, stop, update,
        },
    },
    i18n::Locale,
};

/// The page of a case that is no auto-login's.
#[must_use]
pub fn page(case: &Case, locale: Locale) -> Page {
    let state = match &case.screen {
        Screen::Consent(consent) => return asking(consent, locale),
        Screen::Problem(problem) => {
            stop(ApiError::Problem { problem: problem.clone(), retry_after: None })
        }
        Screen::Stopped(why) => State::Stopped(match why {
            Why::Unreadable => Stop::Unreadable,
            Why::BadTarget => Stop::BadTarget,
            Why::Offline => Stop::Unreachable(RetryReason::Offline),
            Why::Silent => Stop::Unreachable(RetryReason::Timeout),
            Why::Busy => Stop::Unreachable(RetryReason::Busy(None)),
            Why::Trouble => Stop::Unreachable(RetryReason::ServerError),
        }),
        Screen::Loading { slow } => State::Loading { slow: *slow, attempt: Attempt::first() },
        Screen::AutoLogin(_) => State::Loading { slow: false, attempt: Attempt::first() },
    };
    Page { locale, state }
}

fn asking(consent: &Consent, locale: Locale) -> Page {
    let (page, _) = Page::start(locale);
    let arrived = Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(consent.request.clone()))));
    [arrived].into_iter().chain(events(consent)).fold(page, |page, event| {
        // What the browser would be told to do is long done.
        update(page, event).0
    })
}

/// Whether a case comes to the moment that it names: where nothing is required, say, nothing can be
/// missing.
#[must_use]
pub fn is_reached(case: &Case) -> bool {
    match &case.screen {
        Screen::Consent(consent) => is_at(&asking(consent, Locale::Ko), consent.moment),
        _ => true,
    }
}

fn is_at(page: &Page, moment: Moment) -> bool {
    let State::Form(it) = &page.state else { return false };
    let waits = |why: RetryReason| {
        let Phase::Submitting { attempt, .. } = &it.phase else { return false };
        matches!(attempt.stage, AttemptStage::Waiting { reason, .. } if reason == why)
    };
    match moment {
        Moment::Asking => **it == FormState::new(it.request.clone()),
        Moment::Filled => it.validate().is_ok() && it.phase == Phase::Editing,
        Moment::SomethingMissing => !it.errors().is_empty(),
        Moment::TextOpen => matches!(it.text, TermText::Open { .. }),
        Moment::TextLoading => matches!(it.text, TermText::Loading { .. }),
        Moment::TextFailed => matches!(it.text, TermText::Failed { .. }),
        Moment::Submitting => {
            matches!(&it.phase, Phase::Submitting { attempt, .. } if !attempt.is_waiting())
        }
        Moment::Offline => waits(RetryReason::Offline),
        Moment::Silent => waits(RetryReason::Timeout),
        Moment::Busy => waits(RetryReason::Busy(Some(30))),
        Moment::Trouble => waits(RetryReason::ServerError),
        Moment::NotSent => it.notice == Some(Notice::NotSent),
        Moment::Leaving => matches!(&it.phase, Phase::Leaving(it) if !it.stuck),
        Moment::LeavingStuck => matches!(&it.phase, Phase::Leaving(it) if it.stuck),
        Moment::TextChanged => matches!(it.notice, Some(Notice::TextChanged(_))),
        Moment::Refreshed => it.notice == Some(Notice::Refreshed),
        Moment::CheckingAgain => matches!(it.phase, Phase::Rechecking { .. }),
        Moment::ExpiresSoon => it.expires_soon,
    }
}

/// What has happened since the request arrived.
fn events(consent: &Consent) -> Vec<Event> {
    let request = &consent.request;
    let first = request.terms.first().map(|term| term.tag.clone()).unwrap_or_default();
    let filled = || filled(request);
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
    match consent.moment {
        Moment::Asking => vec![],
        Moment::Filled => filled(),
        Moment::SomethingMissing => vec![Event::AgreeClicked],
        Moment::TextLoading => vec![Event::TextOpened(first)],
        Moment::TextOpen | Moment::TextFailed => {
            let open = consent.moment == Moment::TextOpen;
            let document = mock_backend::document(consent, &first).filter(|_| open);
            let read = document.ok_or(ApiError::Offline);
            vec![Event::TextOpened(first), Event::TextLoaded(read)]
        }
        Moment::Submitting => sent(),
        Moment::Offline => answered(Err(ApiError::Offline)),
        Moment::Silent => answered(Err(ApiError::Timeout)),
        Moment::Busy => answered(problem(Code::RateLimited, Some(30))),
        Moment::Trouble => answered(Err(ApiError::Status { status: 502, retry_after: None })),
        Moment::NotSent => answered(Err(ApiError::Unreadable)),
        Moment::Leaving => answered(recorded()),
        Moment::LeavingStuck => {
            [answered(recorded()), vec![Event::TimerFired(Timer::Stuck)]].concat()
        }
        Moment::TextChanged => {
            let mut changed = request.clone();
            if let Some(term) = changed.terms.first_mut() {
                term.digest += "-changed";
            }
            let read = Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(changed))));
            [filled(), vec![Event::Restored, read]].concat()
        }
        Moment::Refreshed => {
            let read = Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request.clone()))));
            [answered(problem(Code::CsrfRejected, None)), vec![read]].concat()
        }
        Moment::CheckingAgain => [filled(), vec![Event::Restored]].concat(),
        Moment::ExpiresSoon => [filled(), vec![Event::TimerFired(Timer::ExpiresSoon)]].concat(),
    }
}

/// Everything that is required is ticked, and typed where it has to be.
fn filled(request: &ConsentRequest) -> Vec<Event> {
    let terms = request.terms.iter().filter(|term| term.required);
    let items = request.personal_info.items.iter().filter(|item| item.required);
    let ticked = terms.map(|term| Event::Toggled(ItemKey::Term(term.tag.clone()), true));
    let ticked: Vec<_> = ticked
        .chain(items.flat_map(|item| {
            let key = ItemKey::Item(item.id.clone());
            let typed =
                item.to_collect().map(|kind| Event::ValueChanged(key.clone(), value(kind).into()));
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

    /// Each moment is what it is called: of every case, and of a request that has everything.
    #[test]
    fn a_moment_shows_what_it_is_called() {
        let cases = consent_cases::all().filter_map(|named| match &named.case.screen {
            Screen::Consent(consent) => Some((named.name.as_str(), (**consent).clone())),
            _ => None,
        });
        let cases: Vec<_> = cases.collect();
        let whole = &cases[0].1;
        let of_one = Moment::ALL.map(|moment| ("sign-up", Consent { moment, ..whole.clone() }));
        for (name, consent) in cases.iter().cloned().chain(of_one) {
            let page = asking(&consent, Locale::Ko);
            assert!(is_at(&page, consent.moment), "{name}, {:?}: {page:?}", consent.moment);
        }
    }

    /// Every case that asks is at its moment, and every other is stopped or loading.
    #[test]
    fn every_case_has_a_page() {
        for named in consent_cases::all() {
            let shown = page(&named.case, Locale::Ko);
            let right = match &named.case.screen {
                Screen::Consent(_) => matches!(shown.state, State::Form(_)),
                Screen::Loading { .. } | Screen::AutoLogin(_) => {
                    matches!(shown.state, State::Loading { .. })
                }
                Screen::Problem(_) | Screen::Stopped(_) => matches!(shown.state, State::Stopped(_)),
            };
            assert!(right, "{}: {:?}", named.name, shown.state);
        }
    }
}
