//! The fixtures of the storyboard as they are for one service.
//!
//! A fixture is a variant of the demo's sign-up. Of another service it is the same variant of what that
//! service asks: at a stage of the form, without a value, or asked again for a reason. So each form has
//! the service's own terms. Other pages are grafted.

use consent_contract::{
    item::ItemKey,
    request::{
        AgreedItem, AgreedTerm, AlreadyAgreed, ConsentRequest, Purpose, Reason, ReasonCode,
        Reasons, Relation,
    },
};
use consent_fixtures::{Consent, Fixture, Screen, Stage, named};

use crate::{explain, graft::graft, language::t};

/// The fixture that the others are variants of.
pub const SIGN_UP: &str = "sign-up";

/// When a member agreed to what is not asked again, as in the fixtures.
const AGREED_AT: &str = "2026-11-02T09:30:00+09:00";

/// The sign-up of the demo's service.
fn demo() -> &'static Fixture {
    &named(SIGN_UP).expect("a fixture of this name").fixture
}

/// What the service of a fixture asks a new user, before the user has answered.
#[must_use]
pub fn sign_up_of(open: &Fixture) -> Fixture {
    let demo = demo();
    let Screen::Consent(consent) = &open.screen else { return graft(demo, open) };
    let consent = Consent { stage: Stage::Asking, typed: [].into(), ..Consent::clone(consent) };
    Fixture {
        title: demo.title.clone(),
        about: demo.about.clone(),
        screen: Screen::Consent(Box::new(consent)),
        theme: open.theme.clone(),
        notes: Vec::new(),
        translations: open.translations.clone(),
    }
}

/// Whether a sign-up is that of the demo, in whichever theme.
#[must_use]
pub fn is_demo(sign_up: &Fixture) -> bool {
    sign_up.screen == demo().screen
}

/// A fixture as it is for a service.
///
/// # Errors
/// Why the service has no such state, as a sentence.
pub fn adapted(fixture: &Fixture, sign_up: &Fixture) -> Result<Fixture, String> {
    let mut adapted = fixture.clone();
    adapted.theme = fixture.theme.overlaid(&sign_up.theme);
    if is_demo(sign_up) {
        return Ok(adapted);
    }
    let (Screen::Consent(variant), Screen::Consent(own)) = (&fixture.screen, &sign_up.screen)
    else {
        return Ok(graft(fixture, sign_up));
    };
    let mut consent = Consent { stage: variant.stage, ..Consent::clone(own) };
    // Of a new user nothing is asked again.
    let again = |it: &&Reason| it.code != ReasonCode::NewService;
    if let Some(reason) = variant.request.reasons.0.first().filter(again) {
        if is_comparison(variant) {
            return Err(t("The studio has no earlier version of this text to compare with.").into());
        }
        ask_again(&mut consent.request, reason.code)?;
    }
    if variant.request.personal_info.items.iter().any(|item| item.to_collect().is_some()) {
        take_values(&mut consent, variant)?;
    }
    adapted.screen = Screen::Consent(Box::new(consent));
    explain::stage(&adapted).map_or(Ok(adapted), |why| Err(why.to_owned()))
}

/// Whether an open text begins with what changed in it.
fn is_comparison(variant: &Consent) -> bool {
    variant.stage == Stage::TextOpen
        && variant.request.terms.iter().any(|term| term.agreed_version.is_some())
}

/// Takes from the account the values that it lacks in a variant.
fn take_values(consent: &mut Consent, variant: &Consent) -> Result<(), String> {
    let lacking = |id: &str| {
        let mut items = variant.request.personal_info.items.iter();
        items.find(|item| item.id == id && item.to_collect().is_some())
    };
    let mut is_any_lacking = false;
    for item in &mut consent.request.personal_info.items {
        let Some(lacking) = lacking(&item.id) else { continue };
        is_any_lacking = true;
        (item.value, item.collect) = (None, lacking.collect);
        item.may_be_empty = lacking.may_be_empty;
        // What is optional is not ticked, and nothing is typed into it.
        if let Some(typed) = variant.typed.get(&item.id).filter(|_| item.required) {
            consent.typed.insert(item.id.clone(), typed.clone());
        }
    }
    match is_any_lacking {
        true => Ok(()),
        false => {
            Err(t("The service asks for nothing that the screen could ask the user for.").into())
        }
    }
}

/// Asks for a part again, for a reason; a member agreed to the rest before.
fn ask_again(request: &mut ConsentRequest, code: ReasonCode) -> Result<(), String> {
    let terms = std::mem::take(&mut request.terms);
    let items = std::mem::take(&mut request.personal_info.items);
    let last_term = terms.len().checked_sub(1);
    let optional_term = terms.iter().position(|term| !term.required);
    let required_term = terms.iter().position(|term| term.required);
    let optional_item = items.iter().position(|item| !item.required);
    let last_item = items.len().checked_sub(1);
    // The first of what a service usually asks for this reason.
    let (term, asked_items) = match code {
        ReasonCode::TermsChanged => (required_term.or(last_term), 0..0),
        ReasonCode::NewService | ReasonCode::StatementsChanged => (None, 0..items.len()),
        ReasonCode::NewItems | ReasonCode::Expired => match optional_term.or(last_term) {
            Some(term) => (Some(term), 0..0),
            None => (None, one(last_item)),
        },
        ReasonCode::Withdrawn | ReasonCode::Requested => match optional_item {
            Some(item) => (None, one(Some(item))),
            None => (optional_term, 0..0),
        },
    };
    if term.is_none() && asked_items.is_empty() {
        return Err(t("The service has nothing that it could ask again for this reason.").into());
    }
    let mut keys = Vec::new();
    let mut agreed = AlreadyAgreed::default();
    for (at, it) in terms.into_iter().enumerate() {
        if term == Some(at) {
            keys.push(ItemKey::Term(it.tag.clone()));
            request.terms.push(it);
        } else {
            let (tag, title, version) = (it.tag, it.title, it.version);
            agreed.terms.push(AgreedTerm { tag, title, version, agreed_at: AGREED_AT.into() });
        }
    }
    for (at, it) in items.into_iter().enumerate() {
        if asked_items.contains(&at) {
            keys.push(ItemKey::Item(it.id.clone()));
            request.personal_info.items.push(it);
        } else {
            let (id, label) = (it.id, it.label);
            agreed.personal_info.push(AgreedItem { id, label, agreed_at: AGREED_AT.into() });
        }
    }
    request.purpose = Purpose::AdditionalConsent;
    // The screen's own sentence.
    (request.heading, request.reason) = (None, None);
    let items = keys.iter().map(ItemKey::to_string).collect();
    request.reasons = Reasons(vec![Reason { code, items }]);
    request.already_agreed = agreed;
    for channel in &mut request.channels {
        channel.relation = Relation::Added;
    }
    Ok(())
}

fn one(at: Option<usize>) -> std::ops::Range<usize> {
    at.map_or(0..0, |at| at..at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_fixtures::storyboard::storyboard;

    /// A service with two terms and three items of its own.
    fn bora() -> Fixture {
        let mut fixture = demo().clone();
        let Screen::Consent(consent) = &mut fixture.screen else { panic!("it asks") };
        consent.request.service.name = "보라장터".into();
        consent.request.terms.remove(1);
        for term in &mut consent.request.terms {
            term.title = format!("보라 {}", term.title);
        }
        consent.request.personal_info.items.truncate(3);
        fixture
    }

    #[test]
    fn the_demo_s_own_fixtures_stay_as_they_are() {
        let sign_up = sign_up_of(&named("submitting").unwrap().fixture);
        assert_eq!(&sign_up, demo());
        for step in storyboard().steps() {
            let fixture = &named(&step.fixture).unwrap().fixture;
            assert_eq!(adapted(fixture, &sign_up).as_ref(), Ok(fixture), "{}", step.fixture);
        }
    }

    /// No form of a service has terms of the demo.
    #[test]
    fn each_form_has_the_service_s_own_terms_and_is_in_its_state() {
        let sign_up = sign_up_of(&bora());
        let mut seen = 0;
        for step in storyboard().steps() {
            let fixture = &named(&step.fixture).unwrap().fixture;
            let name = &step.fixture;
            let adapted = match adapted(fixture, &sign_up) {
                Ok(adapted) => adapted,
                Err(_) => {
                    assert_eq!(name, "text-changes-in-dialog");
                    continue;
                }
            };
            assert_eq!(explain::stage(&adapted), None, "{name}");
            let (Some(request), Some(before)) = (adapted.request(), fixture.request()) else {
                continue;
            };
            seen += 1;
            assert_eq!(request.service.name, "보라장터", "{name}");
            assert!(request.terms.iter().all(|it| it.title.starts_with("보라 ")), "{name}");
            let reason = |of: &ConsentRequest| of.reasons.0.first().map(|it| it.code);
            assert_eq!(reason(request), reason(before), "{name}");
            let Screen::Consent(consent) = &adapted.screen else { panic!("it asks") };
            let Screen::Consent(of_demo) = &fixture.screen else { panic!("it asks") };
            assert_eq!(consent.stage, of_demo.stage, "{name}");
        }
        assert!(seen > 25, "{seen}");
    }

    #[test]
    fn what_is_asked_again_and_what_was_agreed_to_are_the_whole() {
        let sign_up = sign_up_of(&bora());
        let all = sign_up.request().unwrap();
        for (name, terms, items) in [
            ("reason-terms-changed", 1, 0),
            ("reason-new-items", 1, 0),
            ("reason-statements-changed", 0, 3),
            ("reason-expired", 1, 0),
            ("reason-withdrawn", 0, 1),
            ("reason-requested", 0, 1),
        ] {
            let adapted = adapted(&named(name).unwrap().fixture, &sign_up).unwrap();
            let request = adapted.request().unwrap();
            let asked = (request.terms.len(), request.personal_info.items.len());
            assert_eq!(asked, (terms, items), "{name}");
            let agreed = &request.already_agreed;
            assert_eq!(agreed.terms.len() + terms, all.terms.len(), "{name}");
            let (before, whole) = (agreed.personal_info.len(), all.personal_info.items.len());
            assert_eq!(before + items, whole, "{name}");
            assert_eq!(request.purpose, Purpose::AdditionalConsent);
        }
    }

    /// A service that asks for little has fewer states, and each has its reason.
    #[test]
    fn what_a_service_cannot_show_has_a_reason() {
        let mut bare = bora();
        let Screen::Consent(consent) = &mut bare.screen else { panic!("it asks") };
        consent.request.terms.truncate(1);
        consent.request.personal_info.items.clear();
        consent.documents.clear();
        let sign_up = sign_up_of(&bare);
        let why = |name: &str| adapted(&named(name).unwrap().fixture, &sign_up).unwrap_err();
        assert!(why("missing-email").contains("asks for nothing"));
        assert!(why("reason-withdrawn").contains("nothing that it could ask again"));
        assert!(why("reason-statements-changed").contains("nothing that it could ask again"));
        assert!(why("text-open").contains("there is none"));
        assert!(adapted(&named("submitting").unwrap().fixture, &sign_up).is_ok());
    }
}
