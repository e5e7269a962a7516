//! What a body can drive takes time that grows with the body, and not with its square (CWE-407).
//!
//! Four times as much may take eight times as long, and a mebibyte half a second: with a search
//! for each name, four times as much took sixteen times as long, and a mebibyte seconds.
//!
//! What is measured is the processor time of the test's own thread: other tests and programs, which
//! run meanwhile, make a test slower by the clock on the wall only.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::{
    acceptance,
    answers::Answers,
    decision::{Agreement, Decision, ItemAnswer, TermAnswer},
    draft::{Draft, SubmitAction},
    form::{self, FormFault, field},
    item::ItemKey,
    locale::Locale,
    name,
    request::{Collect, ConsentRequest, PersonalInfoItem, Term},
    samples, value,
};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// A mebibyte of anything is dealt with in this time, unoptimised, on a busy machine.
const LONGEST: Duration = Duration::from_millis(1500);

/// What a larger input may cost beyond its size: the allocator and the caches treat small ones
/// better, above all while other tests run. `quadratic_work_is_noticed` shows that it hides nothing.
const CACHE_MISSES: Duration = Duration::from_millis(10);

/// The processor time of this thread.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("no thread has run for a negative time")
}

fn time(work: impl FnOnce()) -> Duration {
    let start = now();
    work();
    now() - start
}

/// `work` on what `make` makes of a size. Caches that others use make it slower and never faster, so
/// the shortest of several tries counts, for either size.
fn grows_with_its_input<T>(what: &str, size: usize, make: impl Fn(usize) -> T, work: impl Fn(&T)) {
    let (small, large) = (make(size / 4), make(size));
    let (mut quarter, mut whole) = (Duration::MAX, Duration::MAX);
    for _ in 0..8 {
        // The small one has as many tries as it has pieces of the large one.
        for _ in 0..4 {
            quarter = quarter.min(time(|| work(&small)));
        }
        whole = whole.min(time(|| work(&large)));
        if whole <= 8 * quarter + CACHE_MISSES && whole < LONGEST {
            return;
        }
    }
    panic!("{what}: a quarter took {quarter:?}, the whole {whole:?}");
}

/// The allowance is no hiding place: a search in all fields for each field is noticed on fewer fields
/// than the other tests read.
#[test]
#[should_panic(expected = "a quarter took")]
fn quadratic_work_is_noticed() {
    let make = |size: usize| (0..size).map(|at| at.to_string()).collect::<Vec<_>>();
    grows_with_its_input("a search for each", 8000, make, |names| {
        let found = |name| names.iter().position(|other| other == name);
        assert!(names.iter().all(|name| found(name).is_some()));
    });
}

type Fields = Vec<(String, String)>;

fn pair(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn head() -> Fields {
    vec![
        pair(field::DECISION, form::AGREE),
        pair(field::CSRF_TOKEN, "t"),
        pair(field::LOCALE, "ko"),
        pair(field::PERSONAL_INFO_DIGEST, "sha256-p"),
    ]
}

/// A request with so many terms and items.
fn request(terms: usize, items: usize) -> ConsentRequest {
    let mut request = samples::request();
    let (term, item) = (request.terms[0].clone(), request.personal_info.items[1].clone());
    request.terms = (0..terms).map(|at| Term { tag: format!("t{at}"), ..term.clone() }).collect();
    request.personal_info.items =
        (0..items).map(|at| PersonalInfoItem { id: format!("i{at}"), ..item.clone() }).collect();
    request
}

/// Everything ticked and typed, in another order than the request's.
fn agreement(request: &ConsentRequest) -> Agreement {
    let mut answers = Answers::untouched(request);
    for (key, _) in answers.keys() {
        answers.tick(&key, true);
        answers.write(&key, "hana@example.com".into());
    }
    let mut agreement = answers.agreement(request);
    agreement.terms.reverse();
    agreement.personal_info.reverse();
    agreement
}

/// The forms that cost most, by name: each has about so many fields, of a request with an eighth of
/// that many terms.
fn forms(fields: usize) -> Vec<(&'static str, Fields)> {
    let half = fields / 2;
    let with = |more: &mut dyn Iterator<Item = (String, String)>| {
        let mut form = head();
        form.extend(more);
        form
    };
    vec![
        (
            "one item shown again and again beside values for others",
            with(
                &mut (0..half)
                    .map(|_| pair(field::SHOWN, "item:a"))
                    .chain((0..half).map(|_| pair("value:b", ""))),
            ),
        ),
        (
            "as many items as values, in opposite orders",
            with(
                &mut (0..half).map(|at| pair(field::SHOWN, format!("item:i{at}"))).chain(
                    (0..half).rev().map(|at| pair(&form::value_field(&format!("i{at}")), "x")),
                ),
            ),
        ),
        (
            "items that are shown and values that belong to none",
            with(
                &mut (0..half)
                    .map(|at| pair(field::SHOWN, format!("item:i{at}")))
                    .chain((0..half).map(|at| pair(&form::value_field(&format!("j{at}")), "x"))),
            ),
        ),
        (
            "ticks in the opposite order",
            with(&mut (0..fields).rev().map(|at| pair(field::AGREE, format!("term:t{at}")))),
        ),
        (
            "ticks by turns at either end",
            with(&mut (0..fields).map(|at| {
                let end = if at % 2 == 0 { 0 } else { (fields / 8).saturating_sub(1) };
                pair(field::AGREE, format!("term:t{end}"))
            })),
        ),
        ("ticks of unknown items", with(&mut (0..fields).map(|_| pair(field::AGREE, "term:none")))),
        ("buttons", with(&mut (0..fields).map(|_| pair(field::DECISION, "agree")))),
        ("unknown fields", with(&mut (0..fields).map(|at| pair(&format!("f{at}"), "")))),
    ]
}

#[test]
fn reading_a_form_grows_with_the_form() {
    for at in 0..forms(0).len() {
        let what = forms(0)[at].0;
        let make = |size| forms(size).swap_remove(at).1;
        grows_with_its_input(what, 20_000, make, |form| drop(form::decision(form)));
        grows_with_its_input(what, 20_000, make, |form| drop(SubmitAction::of(form)));
    }
}

#[test]
fn reading_a_draft_grows_with_the_form() {
    for at in 0..forms(0).len() {
        let what = forms(0)[at].0;
        let make = |size| (request(size / 8, size / 8), forms(size).swap_remove(at).1);
        grows_with_its_input(what, 16_000, make, |(request, form)| {
            assert!(form.len() <= form::most_fields(request), "all of it is read");
            drop(Draft(form).answers(request));
        });
    }
}

/// The body that kept a server busy for seconds: a mebibyte of one item, shown again and again.
#[test]
fn a_mebibyte_of_form_is_read_at_once() {
    let mut form = head();
    form.extend((0..48_000).map(|_| pair(field::SHOWN, "item:a")));
    form.extend((0..46_000).map(|_| pair("value:b", "")));
    let took = time(|| {
        assert_eq!(form::decision(&form), Err(FormFault::TooManyFields));
        form.truncate(form::MOST_FIELDS);
        assert_eq!(form::decision(&form), Err(FormFault::Twice("item:a".into())));
        let request = request(2000, 2000);
        assert!(Draft(&form).answers(&request).1.is_empty());
    });
    assert!(took < LONGEST, "{took:?}");
}

/// A tick that does not hold any more is named once, however often it is sent: the page names each.
#[test]
fn what_has_changed_is_named_once() {
    let request = request(3, 0);
    let mut form = head();
    form.extend((0..5000).map(|at| pair(field::AGREE, format!("term:t{}", at % 3))));
    let (answers, changed) = Draft(&form).answers(&request);
    assert_eq!(changed, [0, 1, 2].map(|at| ItemKey::Term(format!("t{at}"))));
    assert_eq!(answers, Answers::untouched(&request));
}

#[test]
fn judging_an_agreement_grows_with_the_agreement() {
    let case = |size: usize| {
        let request = request(size / 2, size / 2);
        let agreement = agreement(&request);
        (request, agreement)
    };
    grows_with_its_input("in the opposite order", 8000, case, |(request, agreement)| {
        assert_eq!(acceptance::check(request, agreement), Ok(()));
    });
    let of_others = |size: usize| {
        let (request, mut agreement) = case(size);
        for (at, answer) in agreement.terms.iter_mut().enumerate() {
            answer.tag = format!("other{at}");
        }
        (request, agreement)
    };
    grows_with_its_input("of others", 8000, of_others, |(request, agreement)| {
        let objections = acceptance::check(request, agreement).unwrap_err();
        assert_eq!(objections.len(), 2 * request.terms.len());
    });
    // A body of a mebibyte answers one item 30 000 times.
    let again_and_again = |size: usize| {
        let request = request(size / 4, 1);
        let mut agreement = agreement(&request);
        let (term, item) = (agreement.terms[0].clone(), agreement.personal_info[0].clone());
        agreement.terms.extend((0..size).map(|_| TermAnswer { ..term.clone() }));
        agreement.personal_info.extend((0..size).map(|_| ItemAnswer { ..item.clone() }));
        (request, agreement)
    };
    grows_with_its_input("again and again", 16_000, again_and_again, |(request, agreement)| {
        assert!(acceptance::check(request, agreement).is_err());
    });
}

#[test]
fn carrying_answers_over_grows_with_the_request() {
    let case = |size: usize| {
        let old = request(size / 2, size / 2);
        let mut new = old.clone();
        new.terms.reverse();
        new.personal_info.items.reverse();
        let form = form::fields(&agreement(&old));
        let (answers, _) = Draft(&form).answers(&old);
        (old, new, answers)
    };
    grows_with_its_input("in the opposite order", 8000, case, |(old, new, answers)| {
        let (carried, changed) = answers.carried_over(old, new);
        assert_eq!(changed, []);
        assert_eq!(carried.progress().0, answers.progress().0);
    });
}

#[test]
fn reading_values_names_and_languages_grows_with_the_text() {
    const KINDS: [Collect; 5] =
        [Collect::Email, Collect::Phone, Collect::Name, Collect::Birthday, Collect::Address];
    for piece in ["0", "1 ", "a@", ".", "한", "\u{200b}", "e\u{301}", "\u{e47}", "ー", "👩\u{200d}"]
    {
        let make = |bytes: usize| piece.repeat(bytes / piece.len());
        let read = |text: &String| {
            for kind in KINDS {
                let _ = value::normalise(kind, text);
            }
            drop(name::clean(text));
            let _ = text.parse::<ItemKey>();
        };
        // A quarter of it is large for the allocator, too: small blocks cost less a byte.
        grows_with_its_input(piece, LARGEST_BODY / 2, make, read);
    }
    let make = |bytes: usize| "a-".repeat(bytes / 2);
    grows_with_its_input("languages", LARGEST_BODY, make, |text| {
        let _ = Locale::of(text);
    });
}

/// The form of a decision is written and read again in time that grows with it.
#[test]
fn writing_a_form_grows_with_the_agreement() {
    let make = |size: usize| agreement(&request(size / 2, size / 2));
    grows_with_its_input("fields", 8000, make, |agreement| {
        let form = form::fields(agreement);
        assert_eq!(form::decision(&form), Ok(Decision::Agree(agreement.clone())));
    });
}
