//! Bodies of decisions, as JSON and as a form, judged against the contract's own sample.

use std::sync::LazyLock;

use consent_contract::{
    acceptance,
    agree_all::CheckState,
    decision::{Agreement, Decision},
    draft::{Draft, SubmitAction},
    form,
    request::{ConsentRequest, ConsentState},
    value,
};
use url::form_urlencoded;

static REQUEST: LazyLock<ConsentRequest> = LazyLock::new(|| {
    match ConsentState::from_json(include_str!("../../contract/samples/ask.json")) {
        Ok(ConsentState::Ask(request)) => *request,
        other => panic!("the sample asks: {other:?}"),
    }
});

/// A body is read as JSON and as a form; what either makes of it must hold.
///
/// # Panics
/// When it does not.
pub fn check(body: &[u8]) {
    if let Ok(decision) = serde_json::from_slice::<Decision>(body) {
        survives_json(&decision);
        if let Decision::Agree(agreement) = &decision {
            judge(agreement);
        }
    }
    let fields: Vec<_> = form_urlencoded::parse(body).into_owned().collect();
    check_form(&fields);
}

fn survives_json(decision: &Decision) {
    let json = serde_json::to_string(decision).expect("a decision is always JSON");
    let read: Decision = serde_json::from_str(&json).expect("what was written is read");
    assert_eq!(read, *decision);
}

fn check_form(fields: &[(String, String)]) {
    let press = SubmitAction::of(fields);
    let draft = Draft(fields);
    let (mut answers, _) = draft.answers(&REQUEST);
    let in_draft = answers.agreement(&REQUEST);
    match form::decision(fields) {
        Ok(Decision::Cancel(_)) => assert_eq!(press, Some(SubmitAction::Cancel)),
        Ok(Decision::Agree(agreement)) => {
            assert_eq!(press, Some(SubmitAction::Agree));
            survives_json(&Decision::Agree(agreement.clone()));
            let again = form::decision(&form::fields(&agreement));
            assert_eq!(again, Ok(Decision::Agree(agreement.clone())), "a form says the same");
            if judge(&agreement) {
                no_tick_is_added(&in_draft, &agreement);
            }
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
    if draft.agree_to_all(&REQUEST, &mut answers) {
        assert!(draft.agrees_to_all());
        assert_eq!(answers.agree_all(&REQUEST), CheckState::Checked);
    }
}

/// What the unfinished form is rendered with is never more than what the finished one says.
fn no_tick_is_added(draft: &Agreement, decision: &Agreement) {
    for drafted in draft.terms.iter().filter(|term| term.agreed) {
        assert!(decision.terms.contains(drafted), "{drafted:?}");
    }
    for drafted in draft.personal_info.iter().filter(|item| item.agreed) {
        let decided = decision.personal_info.iter().any(|it| it.id == drafted.id && it.agreed);
        assert!(decided, "{drafted:?}");
    }
    for drafted in draft.channels.iter().filter(|channel| channel.add) {
        assert!(decision.channels.contains(drafted), "{drafted:?}");
    }
}

/// Whether the agreement is accepted; if so, it is the whole of what was asked and no more.
fn judge(agreement: &Agreement) -> bool {
    let Err(objections) = acceptance::check(&REQUEST, agreement) else {
        holds_everything(agreement);
        survives_the_form(agreement);
        return true;
    };
    assert!(!objections.is_empty(), "a refusal has a reason");
    false
}

fn holds_everything(agreement: &Agreement) {
    assert_eq!(agreement.personal_info_digest, REQUEST.personal_info.digest);
    assert_eq!(agreement.terms.len(), REQUEST.terms.len());
    for term in &REQUEST.terms {
        let answer = agreement.terms.iter().find(|answer| answer.tag == term.tag);
        let answer = answer.expect("every term is answered");
        assert_eq!((&answer.version, &answer.digest), (&term.version, &term.digest));
        assert!(answer.agreed || !term.required, "{answer:?}");
    }
    assert_eq!(agreement.personal_info.len(), REQUEST.personal_info.items.len());
    for item in &REQUEST.personal_info.items {
        let answer = agreement.personal_info.iter().find(|answer| answer.id == item.id);
        let answer = answer.expect("every item is answered");
        assert!(answer.agreed || !item.required, "{answer:?}");
        match (item.to_collect().filter(|_| answer.agreed), &answer.value) {
            (None, value) => assert_eq!(*value, None, "it was not asked for"),
            (Some(kind), value) => {
                let value = value.as_deref().expect("a value was asked for");
                value::normalise(kind, value).expect("a value that was accepted is good");
            }
        }
    }
    assert_eq!(agreement.channels.len(), 1);
    assert_eq!(agreement.channels[0].public_id, "_hanok");
}

/// Sent as a form, it is the same agreement; rendered again from that form, it has the same answers.
fn survives_the_form(agreement: &Agreement) {
    let fields = form::fields(agreement);
    assert_eq!(form::decision(&fields), Ok(Decision::Agree(agreement.clone())));
    let (answers, changed) = Draft(&fields).answers(&REQUEST);
    assert_eq!(changed, [], "nothing that was accepted has changed");
    let mut rendered = answers.agreement(&REQUEST);
    rendered.csrf_token.clone_from(&agreement.csrf_token);
    rendered.locale.clone_from(&agreement.locale);
    assert_eq!(in_one_order(rendered), in_one_order(agreement.clone()));
}

fn in_one_order(mut agreement: Agreement) -> Agreement {
    agreement.terms.sort_by(|a, b| a.tag.cmp(&b.tag));
    agreement.personal_info.sort_by(|a, b| a.id.cmp(&b.id));
    agreement
}
