//! The states of the keys that sign tokens (OpenID Connect Core, 10.1.1).
//!
//! Each purpose has a next key, an active one, and retired ones. The next key is published before it
//! signs, so that clients that cache the key set know it by then; a retired one stays published until
//! what it signed has expired. States follow from times in the database: every server that uses it
//! switches at the same moment, and none needs a message.

use serde::{Deserialize, Serialize};

use super::key::ID_TOKEN_LIFETIME;
use crate::clock::Seconds;

/// How long clients may keep the key set, in seconds.
pub const JWKS_MAX_AGE: u32 = 15 * 60;

/// How long a key is published before a rotation lets it sign: longer than clients keep a key set that
/// does not have it, with room for caches between them and this server, and for clocks.
pub const PUBLISHED_BEFORE_USE: Seconds = 60 * 60;

/// How long a retired key stays published after the last token of it has expired: clients allow for
/// clocks that differ.
const CLOCK_SKEW: Seconds = 5 * 60;

/// How long the receiver of a Security Event Token may take to verify it. Such a token has no expiry
/// (RFC 8417, 2.2).
const EVENT_LIFETIME: Seconds = 7 * 24 * 60 * 60;

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// ID tokens.
    IdTokens,
    /// Security Event Tokens.
    Events,
}

impl Purpose {
    pub const ALL: [Self; 2] = [Self::IdTokens, Self::Events];

    /// How long a retired key stays published, in seconds.
    #[must_use]
    pub fn published_after_use(self) -> Seconds {
        let lifetime = match self {
            Self::IdTokens => ID_TOKEN_LIFETIME,
            Self::Events => EVENT_LIFETIME,
        };
        lifetime + CLOCK_SKEW
    }
}

/// The times of a key. In the database, and here, keys are in the order in which they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub created_at: Seconds,
    /// None for the next key, until a rotation names the time.
    pub signs_from: Option<Seconds>,
    /// Since when nothing that it signed is valid any more.
    pub withdrawn_at: Option<Seconds>,
}

impl Times {
    fn has_begun(self, now: Seconds) -> Option<Seconds> {
        self.signs_from.filter(|from| *from <= now)
    }
}

/// What a key is at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Published, and does not sign yet. It signs `from` then on, if a rotation has been asked for.
    Next { from: Option<Seconds> },
    /// It signs.
    Active { since: Seconds },
    /// Another one has signed `since` then.
    Retired { since: Seconds, published_until: Seconds },
    /// Nothing that it signed is valid.
    Withdrawn { at: Seconds },
}

impl State {
    /// Whether the key set has the key.
    #[must_use]
    pub fn is_published(self, now: Seconds) -> bool {
        match self {
            Self::Next { .. } | Self::Active { .. } => true,
            Self::Retired { published_until, .. } => now < published_until,
            Self::Withdrawn { .. } => false,
        }
    }
}

/// The key that signs: of those whose time has come the one that began last. None when there is none
/// that was not withdrawn. Where the clock was set back before the first one began, that one.
#[must_use]
pub fn active(keys: &[Times], now: Seconds) -> Option<usize> {
    let usable = || keys.iter().enumerate().filter(|(_, key)| key.withdrawn_at.is_none());
    let begun = usable().filter_map(|(at, key)| Some((key.has_begun(now)?, at))).max();
    let first = || usable().filter_map(|(at, key)| Some((key.signs_from?, at))).min();
    begun.or_else(first).map(|(_, at)| at)
}

/// The state of each key of one purpose.
#[must_use]
pub fn states(keys: &[Times], purpose: Purpose, now: Seconds) -> Vec<State> {
    let active = active(keys, now);
    let of = |(at, key): (usize, &Times)| {
        if let Some(at) = key.withdrawn_at {
            return State::Withdrawn { at };
        }
        let Some(from) = key.has_begun(now).or(key.signs_from.filter(|_| active == Some(at)))
        else {
            return State::Next { from: key.signs_from };
        };
        // Also one that was withdrawn since.
        let began_later = keys.iter().enumerate().filter_map(|(later, key)| {
            let began = key.has_begun(now)?;
            ((began, later) > (from, at)).then_some(began)
        });
        match began_later.min() {
            Some(since) if active != Some(at) => {
                State::Retired { since, published_until: since + purpose.published_after_use() }
            }
            _ => State::Active { since: from },
        }
    };
    keys.iter().enumerate().map(of).collect()
}

/// From when on the next key may sign after a rotation: now, or once clients know it.
#[must_use]
pub fn switch_at(next: &Times, now: Seconds) -> Seconds {
    now.max(next.created_at + PUBLISHED_BEFORE_USE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(created_at: Seconds, signs_from: Option<Seconds>) -> Times {
        Times { created_at, signs_from, withdrawn_at: None }
    }

    #[test]
    fn a_rotation_goes_through_every_state() {
        let keys = [key(0, Some(0)), key(0, Some(5000)), key(4000, None)];
        let until = 5000 + ID_TOKEN_LIFETIME + CLOCK_SKEW;
        for (now, expected, published) in [
            (
                4999,
                [
                    State::Active { since: 0 },
                    State::Next { from: Some(5000) },
                    State::Next { from: None },
                ],
                [true, true, true],
            ),
            (
                5000,
                [
                    State::Retired { since: 5000, published_until: until },
                    State::Active { since: 5000 },
                    State::Next { from: None },
                ],
                [true, true, true],
            ),
            (
                until,
                [
                    State::Retired { since: 5000, published_until: until },
                    State::Active { since: 5000 },
                    State::Next { from: None },
                ],
                [false, true, true],
            ),
        ] {
            let states = states(&keys, Purpose::IdTokens, now);
            assert_eq!(states, expected, "{now}");
            let is_published: Vec<bool> = states.iter().map(|it| it.is_published(now)).collect();
            assert_eq!(is_published, published, "{now}");
        }
    }

    #[test]
    fn what_is_withdrawn_neither_signs_nor_is_published() {
        let mut keys = [key(0, Some(0)), key(0, Some(10)), key(10, Some(20))];
        keys[1].withdrawn_at = Some(20);
        let states = states(&keys, Purpose::IdTokens, 30);
        assert!(matches!(states[0], State::Retired { since: 10, .. }), "{states:?}");
        assert_eq!(states[1..], [State::Withdrawn { at: 20 }, State::Active { since: 20 }]);
        assert!(!states[1].is_published(30));
    }

    #[test]
    fn the_next_key_waits_until_clients_can_know_it() {
        assert_eq!(switch_at(&key(1000, None), 1001), 1000 + PUBLISHED_BEFORE_USE);
        assert_eq!(switch_at(&key(1000, None), 1_000_000), 1_000_000);
        assert!(PUBLISHED_BEFORE_USE > 2 * Seconds::from(JWKS_MAX_AGE));
    }

    #[test]
    fn a_clock_that_was_set_back_leaves_a_key_to_sign() {
        let keys = [key(1000, Some(1000)), key(1000, None)];
        assert_eq!(active(&keys, 10), Some(0));
        let states = states(&keys, Purpose::Events, 10);
        assert_eq!(states, [State::Active { since: 1000 }, State::Next { from: None }]);
        assert_eq!(active(&keys[1..], 10), None);
    }

    proptest! {
        /// However keys were rotated and withdrawn, one signs while any can, and the key set has it.
        #[test]
        fn the_key_that_signs_is_published(
            times in prop::collection::vec((0..50_i64, prop::option::of(0..50_i64), any::<bool>()), 1..6),
            now in 0..60_i64,
        ) {
            let keys: Vec<Times> = times
                .iter()
                .map(|(created_at, signs_from, withdrawn)| Times {
                    created_at: *created_at,
                    signs_from: *signs_from,
                    withdrawn_at: withdrawn.then_some(1),
                })
                .collect();
            let states = states(&keys, Purpose::IdTokens, now);
            let signing: Vec<usize> = (0..keys.len())
                .filter(|at| matches!(states[*at], State::Active { .. }))
                .collect();
            prop_assert_eq!(signing.first().copied(), active(&keys, now));
            prop_assert!(signing.len() <= 1);
            prop_assert!(signing.iter().all(|at| states[*at].is_published(now)));
        }
    }
}
