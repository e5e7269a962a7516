//! What a preview has for a backend: it answers as a backend in good health would, from the case.

use std::sync::Arc;

use consent_cases::{Case, Consent, Screen, Speech};
use consent_contract::{
    decision::{Extended, Recorded},
    document::Document,
    request::{ConsentRequest, ConsentState},
};

use crate::{
    api::ApiError,
    consent::{
        World,
        state::{Effect, Event},
    },
    i18n::Locale,
};

/// Long enough to be seen, and no longer.
const A_MOMENT_MS: u32 = 600;

/// The world of a case.
pub fn of(case: &Case, speech: Speech) -> World {
    let case = case.clone();
    Arc::new(move |effect| {
        let event = match effect {
            Effect::Read { locale } => {
                let speech = match (speech, locale) {
                    (Speech::In(_), Some(locale)) => Speech::In(*locale),
                    _ => speech,
                };
                Event::Read(read(&case.spoken(speech)))
            }
            Effect::ReadText { tag, .. } => {
                let spoken = case.spoken(speech);
                Event::TextRead(match &spoken.screen {
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

fn read(case: &Case) -> Result<ConsentState, ApiError> {
    match &case.screen {
        Screen::Consent(consent) => Ok(ConsentState::Ask(Box::new(consent.request.clone()))),
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
        locale: Locale::of(&consent.request.locale)?.tag().to_owned(),
        digest: term.digest.clone(),
        effective_from: "2026-11-01".to_owned(),
        blocks: consent.documents.get(tag)?.clone(),
    })
}

/// An address at the service that was asked about. Nobody goes there.
pub fn destination(request: &ConsentRequest) -> String {
    let origin = &request.service.destination_origin;
    let slashes = if origin.ends_with(':') { "//" } else { "/" };
    [origin, slashes, "callback"].concat()
}
