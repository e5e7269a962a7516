//! What a preview has for a backend: it answers as a backend in good health would, from the case.

use std::sync::{Arc, Mutex, PoisonError};

use consent_contract::{
    decision::{Extended, Recorded},
    document::Document,
    request::{ConsentRequest, ConsentState},
};
use consent_fixtures::{Consent, Fixture, Localization, Screen};

use crate::{
    api::ApiError,
    consent::{
        MockBackend,
        state::{Effect, Event},
    },
};

/// Long enough to be seen, and no longer.
const A_MOMENT_MS: u32 = 600;

/// The world of a case.
pub fn of(case: &Fixture, speech: Localization) -> MockBackend {
    let case = case.clone();
    // The person may have chosen another language on the screen itself.
    let current_speech = Mutex::new(speech);
    Arc::new(move |effect| {
        let mut speech = current_speech.lock().unwrap_or_else(PoisonError::into_inner);
        let event = match effect {
            Effect::LoadRequest { locale } => {
                if let (Localization::In(_), Some(locale)) = (*speech, locale) {
                    *speech = Localization::In(*locale);
                }
                Event::RequestLoaded(read(&case.localized(*speech)))
            }
            Effect::LoadText { tag, .. } => {
                let localized = case.localized(*speech);
                Event::TextLoaded(match &localized.screen {
                    Screen::Consent(consent) => document(consent, tag).ok_or(ApiError::Unreadable),
                    _ => Err(ApiError::Unreadable),
                })
            }
            Effect::Decide(_) => Event::Decided(Ok(Recorded {
                receipt_id: "preview".into(),
                redirect_to: destination(case.request()?),
            })),
            Effect::Extend { .. } => Event::Extended(Ok(Extended { expires_in: 900 })),
            _ => return None,
        };
        Some((A_MOMENT_MS, event))
    })
}

fn read(case: &Fixture) -> Result<ConsentState, ApiError> {
    match &case.screen {
        Screen::Consent(consent) => {
            Ok(ConsentState::Ask(Box::new(super::with_reason(consent.request.clone()))))
        }
        Screen::Problem(problem) => {
            Err(ApiError::Problem { problem: problem.clone(), retry_after: None })
        }
        _ => Err(ApiError::Unreadable),
    }
}

/// The full text of a term, under the digest that the request names. None for a term without one.
pub fn document(consent: &Consent, tag: &str) -> Option<Document> {
    let term = consent.request.terms.iter().find(|term| term.tag == tag)?;
    Some(Document {
        tag: term.tag.clone(),
        version: term.version.clone(),
        title: term.title.clone(),
        locale: consent.request.locale.clone(),
        digest: term.digest.clone(),
        effective_from: effective_from(&term.version).to_owned(),
        blocks: consent.documents.get(tag)?.clone(),
    })
}

/// A fixture has no dates of its own: a version that is a date is the day from which it applies.
fn effective_from(version: &str) -> &str {
    let form = "0000-00-00";
    let is_like = |(c, it): (char, char)| if it == '0' { c.is_ascii_digit() } else { c == it };
    let is_date = version.len() == form.len() && version.chars().zip(form.chars()).all(is_like);
    if is_date { version } else { "2026-11-01" }
}

/// An address at the service that was asked about. No link leads there.
pub fn destination(request: &ConsentRequest) -> String {
    let origin = &request.service.destination_origin;
    let slashes = if origin.ends_with(':') { "//" } else { "/" };
    [origin, slashes, "callback"].concat()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    #[test]
    fn a_version_that_is_a_date_is_when_the_text_applies() {
        assert_eq!(effective_from("2027-03-01"), "2027-03-01");
        for version in ["v3", "2027-3-1", "2027-03-01-a", ""] {
            assert_eq!(effective_from(version), "2026-11-01");
        }
    }

    /// As the language of the form, so that of the texts.
    #[test]
    fn texts_are_in_the_language_that_was_chosen_on_the_screen() {
        let case = &consent_fixtures::named("sign-up").expect("the first case").fixture;
        let world = of(case, Localization::In(Locale::KO));
        let read = |locale| Effect::LoadRequest { locale: Some(locale) };
        let text = Effect::LoadText {
            tag: "tos".into(),
            version: String::new(),
            digest: String::new(),
            changed: false,
            reload: false,
        };
        let language = || match world(&text) {
            Some((_, Event::TextLoaded(Ok(document)))) => document.locale,
            other => panic!("{other:?}"),
        };
        assert_eq!(language(), "ko");
        assert!(matches!(world(&read(Locale::EN)), Some((_, Event::RequestLoaded(Ok(_))))));
        assert_eq!(language(), "en");
    }
}
