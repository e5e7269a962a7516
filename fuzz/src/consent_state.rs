//! What the screen reads: the request, the texts, problems, and the answer to a decision.
//!
//! The end user's side reads with miniserde, all other crates with serde, and a message must not
//! mean one thing here and another there.

use consent_contract::{
    acceptance,
    agree_all::{self, CheckState},
    answers::Answers,
    channel::{self, MOST_OFFERED},
    decision::{Extended, Recorded},
    document::Document,
    json,
    problem::Problem,
    request::{ConsentRequest, ConsentState},
};
use serde_json::{Value, from_str, to_string};

/// An answer of the backend, or what a broken network made of it.
///
/// # Panics
/// When it is read in two ways, or what was read cannot be shown and answered.
pub fn check(body: &[u8]) {
    let text = String::from_utf8_lossy(body);
    let state = ConsentState::from_json(&text);
    if let Ok(state) = &state {
        let json = to_string(state).expect("a message is always JSON");
        assert_eq!(ConsentState::from_json(&json).as_ref(), Ok(state));
    }
    match (&state, from_str::<ConsentRequest>(&text)) {
        (Ok(ConsentState::Ask(request)), Ok(other)) => assert_eq!(**request, other),
        (Ok(ConsentState::Ask(_)), Err(error)) => is_a_doubt_of_syntax(&text, &error),
        _ => {}
    }
    if let Ok(ConsentState::Ask(request)) = state {
        is_answerable(&request);
    }
    match (Problem::from_json(&text), from_str::<Problem>(&text)) {
        (Ok(problem), Ok(other)) => assert_eq!(problem, other),
        (Err(_), Ok(other)) => panic!("the screen refuses {other:?}"),
        _ => {}
    }
    match (Document::from_json(&text), from_str::<Document>(&text)) {
        (Ok(document), Ok(other)) => assert_eq!(document, other),
        (Err(_), Ok(other)) => panic!("the screen refuses {other:?}"),
        _ => {}
    }
    if let (Ok(recorded), Ok(other)) = (json::read::<Recorded>(&text), from_str(&text)) {
        assert_eq!(recorded, other);
    }
    if let (Ok(extended), Ok(other)) = (json::read::<Extended>(&text), from_str(&text)) {
        assert_eq!(extended, other);
    }
}

/// Where miniserde reads what serde refuses, it is a matter of how JSON is written (a name that
/// stands twice), never of a word or a type that the contract does not know.
fn is_a_doubt_of_syntax(text: &str, error: &serde_json::Error) {
    let once = from_str::<Value>(text).and_then(serde_json::from_value::<ConsentRequest>);
    let twice = error.to_string().contains("duplicate field");
    assert!(twice || once.is_err_and(|error| error.is_syntax()), "serde refuses it: {error}");
}

/// Starts with nothing ticked, follows every tick, and can always be judged.
fn is_answerable(request: &ConsentRequest) {
    assert!(channel::offered(request).len() <= MOST_OFFERED);
    let mut answers = Answers::untouched(request);
    let keys = answers.keys();
    assert_eq!(keys.len(), answers.count());
    assert!(matches!(answers.agree_all(request), CheckState::Absent | CheckState::Unchecked));
    let untouched = answers.agreement(request);
    assert!(!untouched.terms.iter().any(|term| term.agreed), "nothing is agreed to");
    assert!(!untouched.personal_info.iter().any(|item| item.agreed), "nothing is agreed to");
    assert!(!untouched.channels.iter().any(|channel| channel.add), "nothing is agreed to");
    let required = keys.iter().filter(|(_, required)| *required).count();
    assert_eq!(answers.progress(), (0, required));
    if acceptance::check(request, &untouched).is_ok() {
        assert_eq!(required, 0, "without an answer nothing required is agreed");
    }

    answers.toggle_agree_all(request, |_| true);
    for (key, required) in &keys {
        assert_eq!(answers.is_ticked(key), agree_all::covers(request.agree_all, *required));
    }
    assert_eq!(answers.progress(), (required, required));
    let (carried, changed) = answers.carried_over(request, request);
    let names_are_unique = {
        let mut names: Vec<_> = keys.iter().map(|(key, _)| key).collect();
        names.sort();
        names.windows(2).all(|pair| pair[0] != pair[1])
    };
    if names_are_unique {
        assert_eq!(changed, []);
        assert_eq!(carried, answers, "the same request again takes no tick and adds none");
    }
}
