//! What leads where, without a browser.

use consent_contract::{
    decision::Recorded,
    document::Document,
    item::ItemKey,
    problem::{Code, InvalidValue, Problem},
    request::{ConsentRequest, ConsentState},
    value::ValueFault,
};
use proptest::prelude::*;

use super::*;
use crate::consent::retry::AttemptStage;

fn request() -> ConsentRequest {
    match ConsentState::from_json(include_str!("../../../contract/samples/ask.json")) {
        Ok(ConsentState::Ask(request)) => *request,
        other => panic!("the sample asks: {other:?}"),
    }
}

/// A page under test, with everything it has wanted done.
struct Run {
    page: Page,
    effects: Vec<Effect>,
}

impl Run {
    fn start() -> Self {
        let (page, effects) = Page::start(Locale::KO);
        Self { page, effects }
    }

    /// A page that asks the sample's request.
    fn asking() -> Self {
        let run =
            Self::start().after(Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request())))));
        Self { effects: vec![], ..run }
    }

    /// A page on which everything required is ticked and typed.
    fn ready() -> Self {
        Self::asking()
            .after(Event::AgreeAllClicked)
            .after(Event::ValueChanged(email(), "hana@example.com".into()))
    }

    fn after(self, event: Event) -> Self {
        let (page, effects) = update(self.page, event);
        Self { page, effects }
    }

    fn ask(&self) -> &FormState {
        self.page.form().expect("the page asks")
    }

    /// What each row shows: whether it is ticked, its errors, and whether its text is unreadable.
    fn rows(&self) -> Vec<(ItemKey, bool, Vec<FormError>, bool)> {
        let Some(form) = self.page.form() else { return Vec::new() };
        let row = |(key, _): (ItemKey, bool)| {
            let errors = form.errors().iter().filter(|error| *error.key() == key);
            let errors = errors.cloned().collect();
            (key.clone(), form.answers.is_ticked(&key), errors, !form.may_tick(&key))
        };
        form.answers.keys().into_iter().map(row).collect()
    }

    fn is_ticked(&self, key: &ItemKey) -> bool {
        self.ask().answers.is_ticked(key)
    }

    fn sent(&self) -> Vec<&Decision> {
        self.effects
            .iter()
            .filter_map(|e| if let Effect::Decide(d) = e { Some(&**d) } else { None })
            .collect()
    }

    fn stop(&self) -> &Stop {
        match &self.page.state {
            State::Stopped(stop) => stop,
            other => panic!("the page goes on: {other:?}"),
        }
    }
}

fn tos() -> ItemKey {
    ItemKey::Term("tos".into())
}

fn email() -> ItemKey {
    ItemKey::Item("account_email".into())
}

fn problem(code: Code) -> ApiError {
    ApiError::Problem { problem: Box::new(Problem::new(code)), retry_after: None }
}

fn recorded(to: &str) -> Event {
    Event::Decided(Ok(Recorded { redirect_to: to.into(), receipt_id: "r".into() }))
}

const BACK: &str = "https://shop.example/callback?code=1";

#[test]
fn the_way_through() {
    let run = Run::start();
    assert!(run.effects.contains(&Effect::LoadRequest { locale: None }));
    let run = Run::ready().after(Event::AgreeClicked);
    let [Decision::Agree(agreement)] = run.sent()[..] else { panic!("{:?}", run.effects) };
    assert!(agreement.terms[0].agreed && !agreement.terms[1].agreed);
    assert_eq!(agreement.personal_info[1].value.as_deref(), Some("hana@example.com"));
    let run = run.after(recorded(BACK));
    assert!(run.effects.contains(&Effect::Leave(BACK.into())));
    assert!(
        !run.ask().is_open() && !run.ask().may_cancel(),
        "the buttons stay off until the page is gone"
    );
    let run = run.after(Event::TimerFired(Timer::Stuck));
    assert!(
        matches!(&run.ask().phase, Phase::Leaving(leaving) if leaving.stuck && leaving.to == BACK)
    );
}

#[test]
fn nothing_to_ask_goes_on() {
    let run = Run::start()
        .after(Event::RequestLoaded(Ok(ConsentState::Done { redirect_to: BACK.into() })));
    assert!(run.effects.contains(&Effect::Leave(BACK.into())));
}

#[test]
fn what_is_missing_is_named_and_nothing_is_sent() {
    let run = Run::asking().after(Event::AgreeClicked);
    assert!(run.sent().is_empty());
    assert_eq!(run.effects, [Effect::Focus(Target::Summary)]);
    let nickname = ItemKey::Item("profile_nickname".into());
    assert_eq!(
        run.ask().errors(),
        [
            FormError::NotAgreed(tos()),
            FormError::NotAgreed(nickname),
            FormError::NotAgreed(email())
        ]
    );
    let run = run.after(Event::Toggled(tos(), true));
    assert_eq!(run.ask().errors().len(), 2, "what was fixed is no longer named");
}

#[test]
fn a_bad_value_is_explained_and_nothing_else_is_lost() {
    let run =
        Run::ready().after(Event::ValueChanged(email(), "hana".into())).after(Event::AgreeClicked);
    assert!(run.sent().is_empty());
    assert_eq!(run.ask().errors(), [FormError::InvalidValue(email(), ValueFault::NotAnEmail)]);
    let run = run
        .after(Event::ValueChanged(email(), "hana@example.com".into()))
        .after(Event::AgreeClicked);
    assert_eq!(run.sent().len(), 1);
}

#[test]
fn pressing_twice_sends_once() {
    let run = Run::ready().after(Event::AgreeClicked).after(Event::AgreeClicked);
    assert!(run.sent().is_empty(), "the second press");
    let run = run.after(Event::CancelClicked).after(Event::Toggled(tos(), false));
    assert!(run.sent().is_empty());
    assert!(run.is_ticked(&tos()), "what is on its way cannot be edited");
}

#[test]
fn without_a_connection_it_is_tried_again_and_the_ticks_stay() {
    let mut run =
        Run::ready().after(Event::AgreeClicked).after(Event::Decided(Err(ApiError::Offline)));
    assert_eq!(run.effects, [Effect::SetTimer(Timer::Second, 1000)]);
    assert!(run.ask().is_open());
    run = run.after(Event::TimerFired(Timer::Second)).after(Event::TimerFired(Timer::Second));
    assert_eq!(run.sent().len(), 1, "two seconds later it is sent again");
    run = run.after(recorded(BACK));
    assert!(run.effects.contains(&Effect::Leave(BACK.into())));
}

#[test]
fn editing_calls_off_a_decision_that_waits() {
    let run = Run::ready().after(Event::AgreeClicked).after(Event::Decided(Err(ApiError::Timeout)));
    let run = run
        .after(Event::Toggled(tos(), false))
        .after(Event::TimerFired(Timer::Second))
        .after(Event::Online);
    assert!(run.sent().is_empty());
    assert_eq!(run.ask().phase, Phase::Editing);
}

#[test]
fn it_gives_up_by_itself_and_says_so() {
    let mut run = Run::ready().after(Event::AgreeClicked);
    for _ in 0..6 {
        run = run.after(Event::Decided(Err(ApiError::Offline)));
        run = run.after(Event::Online);
    }
    assert_eq!(run.ask().notice, Some(Notice::NotSent));
    assert!(run.ask().is_open() && run.is_ticked(&tos()));
    assert_eq!(run.after(Event::AgreeClicked).sent().len(), 1, "the person may press again");
}

#[test]
fn retry_after_is_honoured_and_capped() {
    let busy =
        |seconds| Event::Decided(Err(ApiError::Status { status: 429, retry_after: seconds }));
    let wait = |seconds| match Run::ready()
        .after(Event::AgreeClicked)
        .after(busy(seconds))
        .ask()
        .phase
        .clone()
    {
        Phase::Submitting {
            attempt: Attempt { stage: AttemptStage::Waiting { seconds, .. }, .. },
            ..
        } => seconds,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(Some(7)), 7);
    assert_eq!(wait(Some(0)), 1);
    assert_eq!(wait(Some(1_000_000_000)), 60);
    assert_eq!(wait(None), 2);
}

#[test]
fn the_service_gets_the_user_only_at_the_destination_that_was_shown() {
    for bad in
        ["javascript:alert(1)", "https://evil.example/", "//evil.example", "data:text/html,x"]
    {
        let run = Run::ready().after(Event::AgreeClicked).after(recorded(bad));
        assert_eq!(run.stop(), &Stop::BadTarget, "{bad}");
        assert!(!run.effects.iter().any(|effect| matches!(effect, Effect::Leave(_))));
    }
    let run = Run::start().after(Event::RequestLoaded(Ok(ConsentState::Done {
        redirect_to: "javascript:alert(1)".into(),
    })));
    assert_eq!(run.stop(), &Stop::BadTarget);
}

const RESTART: &str =
    "/oauth/authorize?client_id=shop&redirect_uri=https%3A%2F%2Fshop.example%2Fcb";

/// A decision that was sent before leads to the start of its request, on our own origin: another
/// one than the user was shown, and as good.
#[test]
fn the_request_may_begin_again_wherever_the_service_is() {
    let run = Run::ready().after(Event::AgreeClicked).after(recorded(RESTART));
    assert_eq!(run.effects[0], Effect::Leave(RESTART.into()));
    let done = || Event::RequestLoaded(Ok(ConsentState::Done { redirect_to: RESTART.into() }));
    assert_eq!(Run::start().after(done()).effects[0], Effect::Leave(RESTART.into()));
    // While the person is asked: answered in another tab meanwhile.
    for run in
        [Run::ready().after(Event::Restored), Run::ready().after(Event::TimerFired(Timer::Expired))]
    {
        assert_eq!(run.after(done()).effects[0], Effect::Leave(RESTART.into()));
    }
    let mut decided = Problem::new(Code::AlreadyDecided);
    decided.redirect_to = Some(RESTART.into());
    let error = ApiError::Problem { problem: Box::new(decided), retry_after: None };
    let run = Run::ready().after(Event::AgreeClicked).after(Event::Decided(Err(error)));
    let way_on = Some(RESTART.to_owned());
    assert_eq!(
        run.stop(),
        &Stop::Problem {
            code: Code::AlreadyDecided,
            restart_url: None,
            redirect_to: way_on,
            min_age: None,
        }
    );
}

#[test]
fn no_other_path_of_our_own_is_a_way_on() {
    for bad in [
        "/oauth/authorize",
        "/oauth/authorizeX?a=b",
        "/consent/another",
        "/demo/login?account=other",
        "//oauth/authorize?a=b",
        "/oauth/authorize?a=b c",
        "/oauth/authorize?a\\b",
        "oauth/authorize?a=b",
    ] {
        let run = Run::ready().after(Event::AgreeClicked).after(recorded(bad));
        assert_eq!(run.stop(), &Stop::BadTarget, "{bad}");
    }
}

/// The backend judges a typed birthday; the page stops, and only leads back to the service.
#[test]
fn a_birthday_under_age_stops_the_page() {
    let denied = "https://shop.example/callback?error=access_denied";
    let refused = || {
        let mut under_age = Problem::new(Code::UnderAge);
        under_age.redirect_to = Some(denied.into());
        under_age.min_age = Some(19);
        ApiError::Problem { problem: Box::new(under_age), retry_after: None }
    };
    let stop = Stop::Problem {
        code: Code::UnderAge,
        restart_url: None,
        redirect_to: Some(denied.to_owned()),
        min_age: Some(19),
    };
    let run = Run::ready().after(Event::AgreeClicked).after(Event::Decided(Err(refused())));
    assert_eq!(run.stop(), &stop);
    assert_eq!(run.effects, [Effect::Focus(Target::Heading)]);
    for event in
        [Event::AgreeClicked, Event::ValueChanged(email(), "x".into()), Event::CancelClicked]
    {
        let run = Run::ready().after(Event::AgreeClicked).after(Event::Decided(Err(refused())));
        let run = run.after(event);
        assert!(run.sent().is_empty(), "nothing can be answered any more");
        assert_eq!(run.stop(), &stop);
    }
    // Back from the cache it is read again, and stops again.
    let run = Run::ready().after(Event::AgreeClicked).after(Event::Decided(Err(refused())));
    let run = run.after(Event::Restored).after(Event::RequestLoaded(Err(refused())));
    assert_eq!(run.stop(), &stop);
    let text = crate::problem::text(crate::i18n::texts(Locale::EN), &stop);
    assert_eq!(text.recovery, crate::i18n::Recovery::Back);
}

#[test]
fn what_cannot_be_understood_is_not_shown() {
    let run = Run::start().after(Event::RequestLoaded(Err(ApiError::Unreadable)));
    assert_eq!(run.stop(), &Stop::Unreadable);
    let run = run.after(Event::RetryClicked);
    assert_eq!(run.effects, [Effect::LoadRequest { locale: None }]);
}

#[test]
fn each_problem_has_its_own_end() {
    for code in [
        Code::ChallengeNotFound,
        Code::ChallengeExpired,
        Code::AlreadyDecided,
        Code::WrongSession,
        Code::SimpleSignUpInactive,
        Code::NotATestMember,
        Code::UnderAge,
    ] {
        let run = Run::start().after(Event::RequestLoaded(Err(problem(code))));
        assert!(
            matches!(run.stop(), Stop::Problem { code: found, .. } if *found == code),
            "{code:?}"
        );
    }
}

#[test]
fn a_way_out_that_is_not_safe_is_not_offered() {
    let mut bad = Problem::new(Code::AlreadyDecided);
    bad.restart_url = Some("//evil.example".into());
    bad.redirect_to = Some("javascript:alert(1)".into());
    let run = Run::start().after(Event::RequestLoaded(Err(ApiError::Problem {
        problem: Box::new(bad),
        retry_after: None,
    })));
    assert_eq!(
        run.stop(),
        &Stop::Problem {
            code: Code::AlreadyDecided,
            restart_url: None,
            redirect_to: None,
            min_age: None,
        }
    );
}

#[test]
fn changed_terms_are_shown_again_unticked() {
    let run = Run::ready()
        .after(Event::AgreeClicked)
        .after(Event::Decided(Err(problem(Code::TermsChanged))));
    assert_eq!(run.effects, [Effect::LoadRequest { locale: Some(Locale::KO) }]);
    let mut newer = request();
    newer.terms[0].version = "2026-12-01".into();
    newer.terms[0].digest = "sha256-newer".into();
    let run = run.after(Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(newer)))));
    assert_eq!(run.ask().notice, Some(Notice::TextChanged(vec![tos()])));
    assert!(!run.is_ticked(&tos()) && run.is_ticked(&email()));
    assert!(run.effects.contains(&Effect::Focus(Target::Notice)));
    assert!(run.sent().is_empty(), "only the person can go on");
}

#[test]
fn the_backend_s_objections_are_shown_like_our_own() {
    let mut invalid = Problem::new(Code::InvalidValue);
    invalid.invalid = vec![InvalidValue { id: email(), reason: ValueFault::NotAnEmail }];
    let error = ApiError::Problem { problem: Box::new(invalid), retry_after: None };
    let run = Run::ready().after(Event::AgreeClicked).after(Event::Decided(Err(error)));
    assert_eq!(run.ask().errors(), [FormError::InvalidValue(email(), ValueFault::NotAnEmail)]);
    assert_eq!(run.effects, [Effect::Focus(Target::Summary)]);
}

#[test]
fn another_language_keeps_the_ticks() {
    let run = Run::ready().after(Event::LocaleChosen(Locale::EN));
    assert_eq!(
        run.effects,
        [Effect::LoadRequest { locale: Some(Locale::EN) }, Effect::Focus(Target::Current)]
    );
    assert!(!run.ask().is_open());
    let mut english = request();
    english.locale = "en".into();
    english.terms[0].digest = "sha256-en".into();
    let run = run.after(Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(english)))));
    assert_eq!(run.page.locale, Locale::EN);
    assert!(run.is_ticked(&tos()) && run.ask().is_open());
    let run = run.after(Event::AgreeClicked);
    let [Decision::Agree(agreement)] = run.sent()[..] else { panic!("{:?}", run.effects) };
    assert_eq!(
        (&*agreement.locale, &*agreement.terms[0].digest),
        ("en", "sha256-en"),
        "what was shown last is what is agreed to"
    );
}

/// The view is built again, so the focused element is replaced.
#[test]
fn the_focus_moves_where_the_form_is_built_again() {
    let loaded = |request| Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request))));
    let focus = |run: &Run| match &run.effects[..] {
        [.., Effect::Focus(target)] => target.clone(),
        other => panic!("the focus is lost: {other:?}"),
    };
    let mut english = request();
    english.locale = "en".into();
    let run = Run::ready().after(Event::LocaleChosen(Locale::EN)).after(loaded(english));
    assert_eq!(focus(&run), Target::Language);

    let run = Run::ready()
        .after(Event::Restored)
        .after(Event::RequestLoaded(Err(ApiError::Offline)))
        .after(Event::RetryClicked)
        .after(loaded(request()));
    assert_eq!(focus(&run), Target::Current);

    let run = Run::ready()
        .after(Event::AgreeClicked)
        .after(Event::Decided(Err(problem(Code::CsrfRejected))))
        .after(loaded(request()));
    assert_eq!(focus(&run), Target::Notice);

    assert_eq!(focus(&Run::ready().after(Event::ChoicesAltered)), Target::Notice);
}

/// The button that was clicked leaves the page with the warning.
#[test]
fn the_focus_moves_on_once_there_is_more_time() {
    let extended = |expires_in| Event::Extended(Ok(Extended { expires_in }));
    let warned = || Run::ready().after(Event::TimerFired(Timer::ExpiresSoon));
    let focuses = |run: &Run| run.effects.iter().any(|it| matches!(it, Effect::Focus(_)));

    let run = warned().after(Event::MoreTimeClicked).after(extended(900));
    assert!(run.effects.contains(&Effect::Focus(Target::Agree)), "{:?}", run.effects);
    let reading = || warned().after(Event::TextOpened("tos".into())).after(Event::MoreTimeClicked);
    let run = reading().after(extended(900));
    assert!(run.effects.contains(&Effect::Focus(Target::Text)), "{:?}", run.effects);
    let run = reading().after(Event::TextClosed).after(extended(900));
    assert!(run.effects.contains(&Effect::Focus(Target::Agree)), "{:?}", run.effects);
    assert!(!focuses(&reading().after(extended(30))), "the button is still there");

    let retried = Run::ready()
        .after(Event::TextOpened("tos".into()))
        .after(Event::TextLoaded(Err(ApiError::Offline)))
        .after(Event::TextRetried);
    assert!(retried.effects.contains(&Effect::Focus(Target::Text)), "{:?}", retried.effects);
}

#[test]
fn back_from_the_cache_nothing_can_be_pressed_until_it_was_read_again() {
    let run = Run::ready().after(Event::Restored);
    assert!(!run.ask().is_open());
    assert!(run.after(Event::AgreeClicked).sent().is_empty());
    let left = Run::ready().after(Event::AgreeClicked).after(recorded(BACK)).after(Event::Restored);
    let run = left.after(Event::RequestLoaded(Err(problem(Code::AlreadyDecided))));
    assert!(matches!(run.stop(), Stop::Problem { code: Code::AlreadyDecided, .. }));
}

#[test]
fn cancel_works_whenever_nothing_is_on_its_way() {
    for run in [Run::asking(), Run::ready(), Run::asking().after(Event::AgreeClicked)] {
        assert!(matches!(run.after(Event::CancelClicked).sent()[..], [Decision::Cancel(_)]));
    }
    let waiting =
        Run::ready().after(Event::Restored).after(Event::RequestLoaded(Err(ApiError::Offline)));
    assert!(matches!(waiting.after(Event::CancelClicked).sent()[..], [Decision::Cancel(_)]));
}

fn document(digest: &str) -> Document {
    Document {
        tag: "tos".into(),
        version: "2026-11-01".into(),
        title: "이용약관".into(),
        locale: "ko".into(),
        digest: digest.into(),
        effective_from: "2026-11-01".into(),
        blocks: vec![],
    }
}

#[test]
fn a_text_that_cannot_be_read_cannot_be_agreed_to() {
    for answer in
        [Err(ApiError::Offline), Err(ApiError::Unreadable), Ok(document("sha256-another"))]
    {
        let run =
            Run::asking().after(Event::TextOpened("tos".into())).after(Event::TextLoaded(answer));
        assert_eq!(run.ask().text, TermText::Failed { tag: "tos".into() });
        let run = run.after(Event::TextClosed).after(Event::Toggled(tos(), true));
        assert!(!run.is_ticked(&tos()));
        let run = run.after(Event::AgreeAllClicked);
        assert!(!run.is_ticked(&tos()) && run.is_ticked(&email()));
        assert!(matches!(run.after(Event::CancelClicked).sent()[..], [Decision::Cancel(_)]));
    }
}

#[test]
fn a_text_that_fails_after_the_tick_keeps_the_tick_and_stands_in_the_way() {
    let run = Run::ready()
        .after(Event::TextOpened("tos".into()))
        .after(Event::TextLoaded(Err(ApiError::Timeout)));
    assert!(run.is_ticked(&tos()));
    let run = run.after(Event::AgreeClicked);
    assert_eq!(run.ask().errors(), [FormError::TextUnread(tos())]);
    let run = run.after(Event::TextRetried).after(Event::TextLoaded(Ok(document("sha256-tos"))));
    assert!(matches!(run.ask().text, TermText::Open { .. }));
    assert_eq!(run.after(Event::TextClosed).after(Event::AgreeClicked).sent().len(), 1);
}

/// Texts stay in the browser's cache permanently: one that was broken on its way would stay broken.
#[test]
fn a_text_that_could_not_be_read_is_read_past_the_cache() {
    let past_the_cache = |effect: &Effect| matches!(effect, Effect::LoadText { reload: true, .. });
    let bypasses_cache = |run: &Run| run.effects.iter().any(past_the_cache);
    let run = Run::asking().after(Event::TextOpened("tos".into()));
    assert!(!bypasses_cache(&run), "the first time it may come from there");
    let run = run.after(Event::TextLoaded(Err(ApiError::Unreadable)));
    let run = run.after(Event::TextRetried);
    assert!(bypasses_cache(&run));
    let run = run.after(Event::TextLoaded(Err(ApiError::Unreadable))).after(Event::TextClosed);
    let run = run.after(Event::TextOpened("tos".into()));
    assert!(bypasses_cache(&run));
    let run = run.after(Event::TextLoaded(Ok(document("sha256-tos")))).after(Event::TextClosed);
    assert!(!bypasses_cache(&run.after(Event::TextOpened("tos".into()))), "it is good now");
}

/// The user agreed to another version: the text is loaded with what changed since.
#[test]
fn a_changed_text_is_read_with_its_changes() {
    for agreed_version in [None, Some("2025-01-01".to_owned())] {
        let mut request = request();
        request.terms[0].agreed_version.clone_from(&agreed_version);
        let loaded = Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request))));
        let run = Run::start().after(loaded).after(Event::TextOpened("tos".into()));
        let with_changes: Vec<bool> = run
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::LoadText { changed, .. } => Some(*changed),
                _ => None,
            })
            .collect();
        assert_eq!(with_changes, [agreed_version.is_some()]);
    }
}

#[test]
fn the_end_is_announced_and_can_be_put_off() {
    let run = Run::start().after(Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request())))));
    assert_eq!(
        run.effects,
        [Effect::SetTimer(Timer::Expired, 900_000), Effect::SetTimer(Timer::ExpiresSoon, 840_000)]
    );
    let run = run.after(Event::TimerFired(Timer::ExpiresSoon));
    assert_eq!(run.page.announcement(), Some(Announcement::ExpiresSoon));
    let run = run.after(Event::MoreTimeClicked);
    assert!(matches!(run.effects[..], [Effect::Extend { .. }]));
    let run = run.after(Event::Extended(Ok(Extended { expires_in: 900 })));
    assert_eq!(run.page.announcement(), None);
    let run = run
        .after(Event::TimerFired(Timer::Expired))
        .after(Event::RequestLoaded(Err(problem(Code::ChallengeExpired))));
    assert!(matches!(run.stop(), Stop::Problem { code: Code::ChallengeExpired, .. }));
}

#[test]
fn the_warning_stays_for_as_long_as_it_is_true() {
    let mut short = request();
    short.expires_in = 30;
    let run = Run::start().after(Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(short)))));
    assert!(
        run.effects.contains(&Effect::SetTimer(Timer::ExpiresSoon, 0)),
        "time is short already"
    );
    let run = run.after(Event::Extended(Err(problem(Code::ExtensionRefused))));
    assert_eq!(
        run.effects,
        [Effect::LoadRequest { locale: Some(Locale::KO) }],
        "in the same language"
    );
}

#[test]
fn a_late_extension_does_not_disturb_a_decision_on_its_way() {
    let run = Run::ready().after(Event::AgreeClicked);
    let run = run.after(Event::Extended(Err(ApiError::Offline)));
    assert!(matches!(run.ask().phase, Phase::Submitting { .. }));
}

#[test]
fn an_answer_that_is_not_the_backend_s_takes_no_tick() {
    let run = Run::ready().after(Event::LocaleChosen(Locale::EN));
    let run = run.after(Event::RequestLoaded(Err(ApiError::Unreadable)));
    assert!(run.is_ticked(&tos()) && run.ask().may_cancel() && !run.ask().is_open());
    assert_eq!(run.after(Event::RetryClicked).effects.len(), 1);
}

#[test]
fn reading_a_text_calls_off_what_waits_to_be_sent() {
    let run = Run::ready().after(Event::AgreeClicked).after(Event::Decided(Err(ApiError::Offline)));
    let run = run.after(Event::TextOpened("tos".into())).after(Event::Online);
    assert!(run.sent().is_empty());
    assert_eq!(run.ask().phase, Phase::Editing);
}

#[test]
fn loading_is_announced_only_when_it_is_slow() {
    let run = Run::start();
    assert_eq!(run.page.announcement(), None);
    assert_eq!(
        run.after(Event::TimerFired(Timer::Slow)).page.announcement(),
        Some(Announcement::Loading)
    );
}

fn events() -> impl Strategy<Value = Event> {
    let key = prop_oneof![
        Just(tos()),
        Just(email()),
        Just(ItemKey::Term("marketing".into())),
        Just(ItemKey::Item("profile_nickname".into())),
        Just(ItemKey::Item("phone_number".into())),
        Just(ItemKey::Channel("_hanok".into())),
    ];
    let error = prop_oneof![
        Just(ApiError::Offline),
        Just(ApiError::Timeout),
        Just(ApiError::Unreadable),
        Just(ApiError::Status { status: 502, retry_after: None }),
        Just(ApiError::Status { status: 404, retry_after: None }),
        (0..Code::ALL.len()).prop_map(|at| problem(Code::ALL[at])),
    ]
    .boxed();
    prop_oneof![
        4 => (key.clone(), any::<bool>()).prop_map(|(key, to)| Event::Toggled(key, to)),
        2 => (key, "[a-z@.]{0,12}").prop_map(|(key, text)| Event::ValueChanged(key, text)),
        1 => Just(Event::ValueChanged(email(), "hana@example.com".into())),
        2 => Just(Event::AgreeAllClicked),
        1 => Just(Event::RequiredOnlyClicked),
        2 => Just(Event::AgreeClicked),
        1 => Just(Event::CancelClicked),
        1 => Just(Event::RetryClicked),
        1 => Just(Event::TextOpened("tos".into())),
        1 => Just(Event::TextRetried),
        1 => Just(Event::TextClosed),
        1 => Just(Event::MoreTimeClicked),
        1 => Just(Event::LocaleChosen(Locale::JA)),
        1 => Just(Event::Restored),
        1 => Just(Event::Online),
        3 => prop_oneof![Just(Timer::Slow), Just(Timer::Second), Just(Timer::ExpiresSoon), Just(Timer::Expired), Just(Timer::Stuck)].prop_map(Event::TimerFired),
        3 => Just(Event::RequestLoaded(Ok(ConsentState::Ask(Box::new(request()))))),
        1 => error.clone().prop_map(|error| Event::RequestLoaded(Err(error))),
        1 => error.clone().prop_map(|error| Event::TextLoaded(Err(error))),
        1 => error.clone().prop_map(|error| Event::Extended(Err(error))),
        2 => error.prop_map(|error| Event::Decided(Err(error))),
        1 => Just(recorded(BACK)),
    ]
}

proptest! {
    /// Invariant 7: no failure path can submit, preset or imply agreement. Whatever happens in
    /// whatever order: an agreement is first sent by a press of agree, is sent again only as it
    /// was pressed, and never holds an agreed item that the person did not tick.
    #[test]
    fn only_the_person_agrees(events in proptest::collection::vec(events(), 0..60)) {
        let mut run = Run::start();
        let mut pressed: Option<Decision> = None;
        for event in events {
            let ticks_before = run.page.form().map(|asking| asking.answers.agreement(&asking.request));
            let was_press = matches!(event, Event::AgreeClicked);
            let may_tick = matches!(event, Event::Toggled(_, true) | Event::AgreeAllClicked | Event::RequiredOnlyClicked);
            run = run.after(event);
            for decision in run.sent() {
                if let Decision::Agree(_) = decision {
                    if was_press {
                        pressed = Some(decision.clone());
                    }
                    prop_assert_eq!(Some(decision), pressed.as_ref(), "sent without a press");
                }
            }
            if let (Some(before), Some(asking)) = (ticks_before, run.page.form()) {
                let after = asking.answers.agreement(&asking.request);
                let more = before.terms.iter().zip(&after.terms).any(|(b, a)| a.agreed && !b.agreed)
                    || before.personal_info.iter().zip(&after.personal_info).any(|(b, a)| a.agreed && !b.agreed)
                    || before.channels.iter().zip(&after.channels).any(|(b, a)| a.add && !b.add);
                prop_assert!(!more || may_tick, "ticked without the person");
            } else if let Some(asking) = run.page.form() {
                prop_assert_eq!(&asking.answers, &Answers::untouched(&asking.request), "preset");
            }
        }
    }

    /// A row is shown again for its own answer, or for what is none.
    #[test]
    fn an_answer_changes_no_other_row(events in proptest::collection::vec(events(), 0..60)) {
        let mut run = Run::start();
        for event in events {
            let answered = event.answered().cloned();
            let before = run.rows();
            run = run.after(event);
            if let Some(answered) = answered {
                let after = run.rows();
                prop_assert_eq!(before.len(), after.len());
                let others = before.iter().zip(&after).filter(|(row, _)| row.0 != answered);
                for (before, after) in others {
                    prop_assert_eq!(before, after);
                }
            }
        }
    }
}
