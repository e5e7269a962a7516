//! Why something is or is not on the screen, in words.

use consent_contract::{
    channel::{NotOffered, decide},
    linking::LinkingCondition,
    request::ConsentRequest,
};
use consent_fixtures::{Fixture, Screen, Stage};
use consent_screen::preview;

use crate::language::{t, tf};

/// Why a channel is or is not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelExplanation {
    /// Its index in the request.
    pub index: usize,
    pub offered: bool,
    /// A sentence.
    pub text: String,
}

/// Every channel of the request, in its order.
#[must_use]
pub fn channels(request: &ConsentRequest) -> Vec<ChannelExplanation> {
    let explain = |(index, (channel, decision)): (
        usize,
        (&consent_contract::request::Channel, Result<(), NotOffered>),
    )| {
        let name = &channel.name;
        let text = match decision {
            Ok(()) if channel.requested => tf(
                "The channel “{name}” is offered: the service asked for it by name.",
                &[("name", name)],
            ),
            Ok(()) => {
                tf("The channel “{name}” is offered: it is the primary channel.", &[("name", name)])
            }
            Err(reason) => tf(
                "The channel “{name}” is not offered, because {reason}.",
                &[("name", name), ("reason", &because(reason))],
            ),
        };
        ChannelExplanation { index, offered: decision.is_ok(), text }
    };
    decide(request).into_iter().enumerate().map(explain).collect()
}

/// The conditions under which a channel can be linked to a service, as sentences.
pub fn linking() -> impl Iterator<Item = String> {
    LinkingCondition::ALL.into_iter().map(|condition| {
        let (rule, remedy) = (condition.rule(), condition.remedy());
        let (first, rest) = rule.split_at(1);
        t(&format!("{}{rest}; where not, {remedy}.", first.to_uppercase())).to_owned()
    })
}

/// Why the screen is not at the stage of the fixture. None where it is.
#[must_use]
pub fn stage(fixture: &Fixture) -> Option<&'static str> {
    let Screen::Consent(consent) = &fixture.screen else { return None };
    let no_term = consent.request.terms.is_empty();
    let because = t(match consent.stage {
        _ if preview::is_reached(fixture) => return None,
        Stage::SomethingMissing if !consent.typed.is_empty() => {
            "A typed value has no error: it is accepted, or its item is optional."
        }
        Stage::SomethingMissing => {
            "There are no errors, because nothing is required: the answer is sent instead."
        }
        Stage::TextLoading
        | Stage::TextOpen
        | Stage::TextFailed
        | Stage::TextUnread
        | Stage::TextChanged
        | Stage::ExpiresSoonInText
            if no_term =>
        {
            "No text can be shown here, because there is no term."
        }
        Stage::TextChanged => {
            "The change of the text is not shown, because the first term is optional and was not agreed to."
        }
        Stage::TextUnread => {
            "There is no error, because the first term is optional and was not ticked."
        }
        Stage::AllTicked => "Agree-all covers nothing here, because nothing is required.",
        Stage::PartlyFilled => "Nothing is left to tick after the first item.",
        Stage::TextOpen | Stage::ExpiresSoonInText => {
            "The text of the first term cannot be shown, because there is none."
        }
        _ => "This stage cannot be reached with this request.",
    });
    Some(because)
}

fn because(reason: NotOffered) -> &'static str {
    t(match reason {
        NotOffered::NotOnMessenger => "the account is not on the messenger",
        NotOffered::AlreadyAdded => "the user has already added it",
        NotOffered::Blocked => "the user has blocked it, so it is not offered again",
        NotOffered::NotPrimary => {
            "it is not the primary channel, and the service did not ask for it by name"
        }
        NotOffered::OthersRequested => {
            "the service asked for others by name, and they replace the primary channel"
        }
        NotOffered::AskedBefore => {
            "the user was asked at sign-up, and is not asked again just for a channel"
        }
        NotOffered::TooMany => "two channels come before it, and a screen offers no more",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fixture at another stage, after a change.
    fn at(moment: Stage, change: impl FnOnce(&mut ConsentRequest)) -> Fixture {
        let mut fixture = consent_fixtures::named("sign-up").expect("a fixture").fixture.clone();
        let Screen::Consent(consent) = &mut fixture.screen else { panic!("it asks") };
        consent.stage = moment;
        change(&mut consent.request);
        fixture
    }

    #[test]
    fn a_moment_that_is_not_reached_is_explained() {
        for named in consent_fixtures::all() {
            assert_eq!(stage(&named.fixture), None, "{}", named.name);
        }
        let said = |fixture| stage(&fixture).unwrap_or_default();
        let optional = |request: &mut ConsentRequest| {
            request.terms.iter_mut().for_each(|it| it.required = false);
            request.personal_info.items.iter_mut().for_each(|it| it.required = false);
        };
        assert!(said(at(Stage::SomethingMissing, optional)).contains("nothing is required"));
        let bare = |request: &mut ConsentRequest| request.terms.clear();
        for of_a_text in [Stage::TextOpen, Stage::TextChanged] {
            assert!(said(at(of_a_text, bare)).contains("there is no term"));
        }
        let first = |request: &mut ConsentRequest| request.terms[0].required = false;
        assert!(said(at(Stage::TextChanged, first)).contains("was not agreed to"));
        assert!(said(at(Stage::TextUnread, first)).contains("was not ticked"));
        let only = |request: &mut ConsentRequest| {
            request.terms.truncate(1);
            request.personal_info.items.clear();
            request.channels.clear();
        };
        assert!(said(at(Stage::PartlyFilled, only)).contains("after the first"));
        let mut typed = at(Stage::SomethingMissing, |_| {});
        if let Screen::Consent(consent) = &mut typed.screen {
            consent.typed.insert("phone_number".into(), "1".into());
        }
        assert!(said(typed).contains("its item is optional"));
        let other = |request: &mut ConsentRequest| request.terms[0].tag = "other".into();
        assert!(said(at(Stage::TextOpen, other)).contains("there is none"));
    }

    #[test]
    fn a_hidden_channel_is_explained() {
        let words = |name: &str| {
            let fixture = &consent_fixtures::named(name).expect("a fixture").fixture;
            channels(fixture.request().expect("it asks"))
                .into_iter()
                .map(|it| it.text)
                .collect::<Vec<_>>()
        };
        assert!(words("sign-up")[0].ends_with("is offered: it is the primary channel."));
        assert!(
            words("channel-not-primary")[0].contains("not offered, because it is not the primary")
        );
        assert!(words("channel-added")[0].contains("has already added it"));
        assert!(words("channel-not-on-messenger")[0].contains("not on the messenger"));
    }

    #[test]
    fn the_conditions_of_linking_are_sentences() {
        let first = linking().next().expect("a condition");
        assert_eq!(
            first,
            "Only a business channel can be linked; where not, have the channel reviewed first."
        );
        assert_eq!(linking().count(), 5);
    }
}
