//! Why a channel is or is not on the screen, in words.

use consent_contract::{
    channel::{NotOffered, decide},
    request::ConsentRequest,
};

/// A channel, whether it is offered, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its place among the request's.
    pub place: usize,
    pub offered: bool,
    /// A sentence.
    pub words: String,
}

/// Every channel of the request, in its order.
#[must_use]
pub fn channels(request: &ConsentRequest) -> Vec<Explained> {
    let explain = |(place, (channel, decision)): (
        usize,
        (&consent_contract::request::Channel, Result<(), NotOffered>),
    )| {
        let name = &channel.name;
        let words = match decision {
            Ok(()) if channel.requested => {
                format!("The channel “{name}” is offered: the service asked for it by name.")
            }
            Ok(()) => format!("The channel “{name}” is offered: it is the primary channel."),
            Err(reason) => {
                format!("The channel “{name}” is not offered, because {}.", because(reason))
            }
        };
        Explained { place, offered: decision.is_ok(), words }
    };
    decide(request).into_iter().enumerate().map(explain).collect()
}

fn because(reason: NotOffered) -> &'static str {
    match reason {
        NotOffered::NotOnMessenger => "the account is not on the messenger",
        NotOffered::AlreadyAdded => "the person has added it already",
        NotOffered::Blocked => "the person has blocked it, and that was an answer",
        NotOffered::NotPrimary => {
            "it is not the primary channel, and the service did not ask for it by name"
        }
        NotOffered::OthersRequested => {
            "the service asked for others by name, and they take the primary one's place"
        }
        NotOffered::AskedBefore => {
            "the person was asked when signing up, and is not asked again only for a channel"
        }
        NotOffered::TooMany => "two stand before it, and no screen offers more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_explained() {
        let words = |name: &str| {
            let case = &consent_cases::named(name).expect("a case").case;
            channels(case.request().expect("it asks"))
                .into_iter()
                .map(|it| it.words)
                .collect::<Vec<_>>()
        };
        assert!(words("sign-up")[0].ends_with("is offered: it is the primary channel."));
        assert!(
            words("channel-not-primary")[0].contains("not offered, because it is not the primary")
        );
        assert!(words("channel-added")[0].contains("has added it already"));
        assert!(words("channel-not-on-messenger")[0].contains("not on the messenger"));
    }
}
