//! Every answer that can come in the place of a good one, from its bytes to what the user can still
//! do. What a browser adds to that (`fetch`, focus, buttons) is tested in e2e, once for each class.

use consent_contract::{
    decision::{Decision, Recorded},
    document::Document,
    item::ItemKey,
    json,
    request::ConsentState,
};

use super::{
    retry::{Attempt, AttemptStage},
    state::{Effect, Event, Notice, Page, Phase, State, Stop, TermText, Timer, update},
};
use crate::{
    api::{ApiError, RetryReason, retry_after},
    i18n::Locale,
};

const REQUEST: &str = include_str!("../../contract/samples/ask.json");
const RECORDED: &str = r#"{"redirect_to":"https://shop.example/callback","receipt_id":"r"}"#;
const TEXT: &str = r#"{"tag":"tos","version":"2026-11-01","title":"Terms","locale":"en",
    "digest":"sha256-tos","effective_from":"2026-11-01",
    "blocks":[{"type":"heading","level":2,"text":"Article 1"}]}"#;
const PAGE: &str = "<!doctype html><h1>Bad Gateway</h1>";

/// What comes back in the place of a good answer.
#[derive(Debug, Clone, Copy)]
enum Answer<'a> {
    /// The connection ends before, or in the middle of, the answer.
    Lost,
    /// No answer before the deadline.
    Late,
    /// Status, `Retry-After` and body.
    Http(u16, Option<&'a str>, &'a str),
}

use Answer::{Http, Late, Lost};

impl Answer<'_> {
    /// The body of a good answer, as `api::transport` reads it.
    fn body(self) -> Result<String, ApiError> {
        match self {
            Lost => Err(ApiError::Offline),
            Late => Err(ApiError::Timeout),
            Http(200..=299, _, body) => Ok(body.to_owned()),
            Http(status, wait, body) => {
                Err(ApiError::from_answer(status, retry_after::seconds(wait), body))
            }
        }
    }

    fn to_request(self) -> Event {
        let read = |body: String| ConsentState::from_json(&body).map_err(|_| ApiError::Unreadable);
        Event::RequestLoaded(self.body().and_then(read))
    }

    fn to_decision(self) -> Event {
        let read = |body: String| json::read::<Recorded>(&body).map_err(|_| ApiError::Unreadable);
        Event::Decided(self.body().and_then(read))
    }

    fn to_text(self) -> Event {
        let read = |body: String| Document::from_json(&body).map_err(|_| ApiError::Unreadable);
        Event::TextLoaded(self.body().and_then(read))
    }
}

/// Answers after which the same request may succeed: why, and the seconds until the second try.
fn that_pass() -> Vec<(Answer<'static>, RetryReason, u32)> {
    let busy = |wait: Option<&'static str>| Http(429, wait, "");
    vec![
        (Lost, RetryReason::Offline, 2),
        (Late, RetryReason::Timeout, 2),
        (busy(None), RetryReason::Busy(None), 2),
        (busy(Some("7")), RetryReason::Busy(Some(7)), 7),
        // A date would be compared with a clock that may be years off.
        (busy(Some("Fri, 31 Dec 2100 23:59:59 GMT")), RetryReason::Busy(None), 2),
        (busy(Some("1000000000")), RetryReason::Busy(Some(1_000_000_000)), 60),
        (busy(Some("99999999999999999999")), RetryReason::Busy(Some(u32::MAX)), 60),
        (busy(Some("0")), RetryReason::Busy(Some(0)), 1),
        (busy(Some("-5")), RetryReason::Busy(None), 2),
        (busy(Some("1e9, soon")), RetryReason::Busy(None), 2),
        (Http(429, Some("7"), RATE_LIMITED), RetryReason::Busy(Some(7)), 7),
        (Http(500, None, ""), RetryReason::ServerError, 2),
        (Http(502, None, PAGE), RetryReason::ServerError, 2),
        (Http(503, None, PAGE), RetryReason::Busy(None), 2),
        (Http(503, Some("3"), UNAVAILABLE), RetryReason::Busy(Some(3)), 3),
    ]
}

const RATE_LIMITED: &str =
    r#"{"type":"/problems/rate_limited","title":"?","status":429,"code":"rate_limited"}"#;
const UNAVAILABLE: &str =
    r#"{"type":"/problems/unavailable","title":"?","status":503,"code":"unavailable"}"#;
const TOO_LARGE: &str =
    r#"{"type":"/problems/too_large","title":"?","status":413,"code":"too_large"}"#;
const MALFORMED: &str =
    r#"{"type":"/problems/malformed_request","title":"?","status":400,"code":"malformed_request"}"#;
const UNKNOWN: &str = r#"{"type":"/problems/teapot","title":"?","status":418,"code":"teapot"}"#;

/// Errors of something between the browser and the backend, which has no problem to say.
fn of_intermediaries() -> Vec<Answer<'static>> {
    [401, 403, 404, 409, 410, 413, 422].into_iter().map(|status| Http(status, None, PAGE)).collect()
}

fn start() -> Page {
    Page::start(Locale::EN).0
}

fn after(page: Page, events: impl IntoIterator<Item = Event>) -> (Page, Vec<Effect>) {
    events.into_iter().fold((page, vec![]), |(page, _), event| update(page, event))
}

/// Everything that is required is ticked and typed, and agreed to.
fn agreed() -> Page {
    let typed =
        Event::ValueChanged(ItemKey::Item("account_email".into()), "hana@example.com".into());
    let request = Http(200, None, REQUEST).to_request();
    let (page, effects) =
        after(start(), [request, Event::AgreeAllClicked, typed, Event::AgreeClicked]);
    assert_eq!(decisions(&effects).len(), 1, "{effects:?}");
    page
}

fn decisions(effects: &[Effect]) -> Vec<&Decision> {
    let mut decisions = Vec::new();
    for effect in effects {
        if let Effect::Decide(decision) = effect {
            decisions.push(&**decision);
        }
    }
    decisions
}

/// The ticks and typed values, which no fault may change.
fn answers(page: &Page) -> String {
    format!("{:?}", page.form().expect("the form is there").answers)
}

fn is_ticked(page: &Page, key: &ItemKey) -> bool {
    let form = page.form().expect("the form is there");
    form.answers.is_ticked(key)
}

fn seconds() -> impl Iterator<Item = Event> {
    std::iter::repeat(Event::TimerFired(Timer::Second))
}

#[test]
fn a_decision_is_sent_again_once_it_may_succeed() {
    let before = agreed();
    for (answer, reason, wait) in that_pass() {
        let (page, _) = after(before.clone(), [answer.to_decision()]);
        let form = page.form().expect("the form is there");
        let Phase::Submitting { decision, attempt } = &form.phase else { panic!("{answer:?}") };
        let decision = decision.clone();
        let waiting = AttemptStage::Waiting { seconds: wait, reason };
        assert_eq!(attempt, &Attempt { count: 1, stage: waiting }, "{answer:?}");
        assert!(form.is_open() && form.may_cancel(), "{answer:?}: the buttons are back");
        assert_eq!(answers(&page), answers(&before), "{answer:?}");

        let (_, early) = after(page.clone(), seconds().take(wait as usize - 1));
        assert!(decisions(&early).is_empty(), "{answer:?}: sent too early");
        let (_, sent) = after(page.clone(), seconds().take(wait as usize));
        assert_eq!(decisions(&sent), [&*decision], "{answer:?}: sent in time");
        let (_, sent) = after(page, [Event::RetryClicked]);
        assert_eq!(decisions(&sent), [&*decision], "{answer:?}: sent when the user says so");
    }
}

#[test]
fn a_decision_that_cannot_be_sent_again_is_given_back() {
    let before = agreed();
    let no_receipts =
        [&RECORDED[..RECORDED.len() / 2], r#"{"redirect_to":7,"receipt_id":"r"}"#, "{}", "", PAGE];
    let problems = [(400, MALFORMED), (413, TOO_LARGE), (418, UNKNOWN)];
    let mut rows = of_intermediaries();
    rows.extend(no_receipts.map(|body| Http(200, None, body)));
    rows.extend(problems.map(|(status, body)| Http(status, None, body)));
    for answer in rows {
        let (page, effects) = after(before.clone(), [answer.to_decision()]);
        assert_eq!(effects, [], "{answer:?}: nothing is sent by itself");
        let form = page.form().expect("the form is there");
        assert_eq!(form.notice, Some(Notice::NotSent), "{answer:?}");
        assert!(form.is_open() && form.may_cancel(), "{answer:?}: the buttons are back");
        assert_eq!(answers(&page), answers(&before), "{answer:?}");
        let (_, later) = after(page.clone(), seconds().take(60));
        assert!(decisions(&later).is_empty(), "{answer:?}: nor later");
        let (_, sent) = after(page, [Event::AgreeClicked]);
        assert!(matches!(decisions(&sent)[..], [Decision::Agree(_)]), "{answer:?}");
    }
}

/// Whatever happened to an agreement, the user can still refuse.
#[test]
fn a_decision_in_trouble_can_be_cancelled() {
    let passing = that_pass().into_iter().map(|(answer, ..)| answer);
    for answer in passing.chain(of_intermediaries()) {
        let (page, effects) = after(agreed(), [answer.to_decision(), Event::CancelClicked]);
        assert!(matches!(decisions(&effects)[..], [Decision::Cancel(_)]), "{answer:?}");
        let (_, later) = after(page, [Event::Online, Event::RetryClicked]);
        let is_agreement = |it: &&Decision| matches!(it, Decision::Agree(_));
        assert!(!decisions(&later).iter().any(is_agreement), "{answer:?}: it is called off");
    }
}

#[test]
fn a_request_is_read_again_once_it_may_succeed() {
    for (answer, reason, wait) in that_pass() {
        let (page, _) = after(start(), [answer.to_request()]);
        let State::Loading { attempt, .. } = &page.state else { panic!("{answer:?}") };
        assert_eq!(attempt.stage, AttemptStage::Waiting { seconds: wait, reason }, "{answer:?}");
        let is_read = |effects: &[Effect]| {
            effects.iter().any(|effect| matches!(effect, Effect::LoadRequest { .. }))
        };
        let (_, early) = after(page.clone(), seconds().take(wait as usize - 1));
        assert!(!is_read(&early), "{answer:?}: read too early");
        let (page, read) = after(page, seconds().take(wait as usize));
        assert!(is_read(&read), "{answer:?}: read in time");
        let (page, _) = after(page, [Http(200, None, REQUEST).to_request()]);
        assert!(page.form().is_some(), "{answer:?}");
    }
}

#[test]
fn a_request_that_cannot_be_read_stops_the_page() {
    let bodies = [&REQUEST[..REQUEST.len() / 2], "{}", "", "null", PAGE];
    let bodies = bodies.map(|body| Http(200, None, body));
    for answer in of_intermediaries().into_iter().chain(bodies) {
        let (page, _) = after(start(), [answer.to_request()]);
        assert_eq!(page.state, State::Stopped(Stop::Unreadable), "{answer:?}");
        let (page, effects) = after(page, [Event::RetryClicked]);
        assert_eq!(
            effects,
            [Effect::LoadRequest { locale: None }],
            "{answer:?}: the user may try again"
        );
        let (page, _) = after(page, [Http(200, None, REQUEST).to_request()]);
        assert!(page.form().is_some(), "{answer:?}");
    }
}

#[test]
fn a_text_that_cannot_be_read_cannot_be_agreed_to_until_it_is() {
    let tos = ItemKey::Term("tos".into());
    let mistyped = TEXT.replace("\"level\":2", "\"level\":\"two\"");
    let another = TEXT.replace("sha256-tos", "sha256-AAAA");
    let bodies = [&TEXT[..TEXT.len() / 2], &mistyped, &another, "", PAGE];
    let passing = that_pass().into_iter().map(|(answer, ..)| answer);
    let bodies = bodies.map(|body| Http(200, None, body));
    for answer in passing.chain(of_intermediaries()).chain(bodies) {
        let request = Http(200, None, REQUEST).to_request();
        let opened = Event::TextOpened("tos".into());
        let (page, _) = after(start(), [request, opened.clone(), answer.to_text()]);
        let form = page.form().expect("the form is there");
        assert_eq!(form.text, TermText::Failed { tag: "tos".into() }, "{answer:?}");
        let tick = Event::Toggled(tos.clone(), true);
        let (page, _) = after(page, [Event::TextClosed, tick.clone(), Event::AgreeAllClicked]);
        assert!(!is_ticked(&page, &tos), "{answer:?}: it was agreed to unread");
        assert!(is_ticked(&page, &ItemKey::Item("account_email".into())), "{answer:?}");
        let good = Http(200, None, TEXT).to_text();
        let (page, _) = after(page, [opened, good, Event::TextClosed, tick]);
        assert!(is_ticked(&page, &tos), "{answer:?}: it can be read now");
    }
}
