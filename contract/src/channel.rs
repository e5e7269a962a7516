//! Which channels are offered, and why the others are not.
//!
//! Source: Kakao Sync FAQ (primary, already added, not on the messenger), Kakao Login "dynamic
//! channel" (explicitly requested channels, at most two, never asked again just to offer one),
//! and rule KR-N09.

use serde::Serialize;

use crate::request::{Account, Channel, ConsentRequest, Purpose, Relation};

/// The most channels one screen offers.
pub const MOST_OFFERED: usize = 2;

/// Why a channel is not on the screen. Where several reasons hold, the first in this order is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotOffered {
    /// The account does not exist on the messenger.
    NotOnMessenger,
    /// The person has added it already.
    AlreadyAdded,
    /// The person blocked it: that was an answer.
    Blocked,
    /// It is not the service's primary channel, and the service did not ask for it by name.
    NotPrimary,
    /// The service asked for other channels by name, which takes the primary one's place.
    OthersRequested,
    /// The person was asked when signing up. The screen does not come back to ask for a channel.
    AskedBefore,
    /// Two channels stand before it.
    TooMany,
}

/// The decision on every channel of the request, in its order.
#[must_use]
pub fn decide(request: &ConsentRequest) -> Vec<(&Channel, Result<(), NotOffered>)> {
    let any_requested = request.channels.iter().any(|channel| channel.requested);
    let mut offered = 0;
    let decide = |channel| {
        let mut decision = alone(channel, &request.account, request.purpose, any_requested);
        if decision.is_ok() {
            if offered == MOST_OFFERED {
                decision = Err(NotOffered::TooMany);
            } else {
                offered += 1;
            }
        }
        (channel, decision)
    };
    request.channels.iter().map(decide).collect()
}

/// The channels that are offered. What is not offered is not shown, and so not answered.
#[must_use]
pub fn offered(request: &ConsentRequest) -> Vec<&Channel> {
    decide(request)
        .into_iter()
        .filter(|(_, decision)| decision.is_ok())
        .map(|(channel, _)| channel)
        .collect()
}

fn alone(
    channel: &Channel,
    account: &Account,
    purpose: Purpose,
    any_requested: bool,
) -> Result<(), NotOffered> {
    if !account.messenger_registered {
        return Err(NotOffered::NotOnMessenger);
    }
    match channel.relation {
        Relation::None => {}
        Relation::Added => return Err(NotOffered::AlreadyAdded),
        Relation::Blocked => return Err(NotOffered::Blocked),
    }
    if channel.requested {
        return Ok(());
    }
    if !channel.primary {
        return Err(NotOffered::NotPrimary);
    }
    if any_requested {
        return Err(NotOffered::OthersRequested);
    }
    match purpose {
        Purpose::SignUp => Ok(()),
        Purpose::AdditionalConsent => Err(NotOffered::AskedBefore),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use proptest::prelude::*;

    fn decision(change: impl FnOnce(&mut ConsentRequest)) -> Result<(), NotOffered> {
        let mut request = samples::request();
        change(&mut request);
        decide(&request)[0].1
    }

    #[test]
    fn the_primary_channel_is_offered_at_sign_up() {
        assert_eq!(decision(|_| {}), Ok(()));
    }

    #[test]
    fn each_condition_hides_it_and_is_named() {
        assert_eq!(
            decision(|r| r.account.messenger_registered = false),
            Err(NotOffered::NotOnMessenger)
        );
        assert_eq!(
            decision(|r| r.channels[0].relation = Relation::Added),
            Err(NotOffered::AlreadyAdded)
        );
        assert_eq!(
            decision(|r| r.channels[0].relation = Relation::Blocked),
            Err(NotOffered::Blocked)
        );
        assert_eq!(decision(|r| r.channels[0].primary = false), Err(NotOffered::NotPrimary));
        assert_eq!(
            decision(|r| r.purpose = Purpose::AdditionalConsent),
            Err(NotOffered::AskedBefore)
        );
    }

    #[test]
    fn asking_by_name_takes_the_primary_channel_s_place() {
        let mut request = samples::request();
        let second = Channel {
            primary: false,
            requested: true,
            public_id: "_b".into(),
            ..request.channels[0].clone()
        };
        request.channels.push(second);
        assert_eq!(decide(&request)[0].1, Err(NotOffered::OthersRequested));
        assert_eq!(decide(&request)[1].1, Ok(()));
    }

    #[test]
    fn at_most_two_are_offered() {
        let mut request = samples::request();
        request.channels[0].requested = true;
        for id in ["_b", "_c"] {
            let more =
                Channel { public_id: id.into(), primary: false, ..request.channels[0].clone() };
            request.channels.push(more);
        }
        let decisions: Vec<_> =
            decide(&request).into_iter().map(|(_, decision)| decision).collect();
        assert_eq!(decisions, [Ok(()), Ok(()), Err(NotOffered::TooMany)]);
    }

    #[test]
    fn asking_by_name_does_not_bring_back_what_the_person_blocked() {
        let mut request = samples::request();
        request.channels[0].requested = true;
        request.channels[0].relation = Relation::Blocked;
        assert!(offered(&request).is_empty());
    }

    proptest! {
        /// On the messenger, not added or blocked, and the primary channel or asked for by name: no
        /// other is offered, of those the first two, and what is hidden has a reason.
        #[test]
        fn a_channel_is_offered_exactly_when_it_may_be(
            channels in proptest::collection::vec((any::<bool>(), any::<bool>(), 0usize..6), 0..8),
            messenger in proptest::bool::weighted(0.8),
            again in any::<bool>(),
        ) {
            let mut request = samples::request();
            request.account.messenger_registered = messenger;
            if again { request.purpose = Purpose::AdditionalConsent; }
            let channel = request.channels[0].clone();
            request.channels = channels.into_iter().enumerate().map(|(at, (primary, requested, relation))| Channel {
                public_id: format!("_{at}"),
                primary,
                requested,
                relation: [Relation::Added, Relation::Blocked].get(relation).copied().unwrap_or(Relation::None),
                ..channel.clone()
            }).collect();
            let any_named = request.channels.iter().any(|channel| channel.requested);
            let expected: Vec<&Channel> = request.channels.iter()
                .filter(|channel| request.account.messenger_registered
                    && channel.relation == Relation::None
                    && if any_named { channel.requested } else { channel.primary && !again })
                .take(2)
                .collect();
            prop_assert_eq!(offered(&request), expected);
            let decided: Vec<&Channel> = decide(&request).into_iter().map(|(channel, _)| channel).collect();
            prop_assert!(decided.into_iter().eq(&request.channels), "each is decided on, in their order");
        }
    }
}
