//! The memory of a rate limiter, with a bound: any client can make up new keys.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use governor::{
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};

/// What happens to a new key while the memory is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// It shares one of [`SHARED`] states with other new keys. Which one is secret.
    Share,
    /// It is let through: another limit holds.
    Allow,
}

/// How many states new keys share while the memory is full.
const SHARED: usize = 1024;

/// States by key, for at most a fixed number of keys.
pub struct BoundedState<K> {
    states: Mutex<States<K>>,
    capacity: usize,
    when_full: WhenFull,
    hasher: RandomState,
}

struct States<K> {
    known: HashMap<K, Nanos>,
    shared: Vec<Option<Nanos>>,
}

impl<K> BoundedState<K> {
    #[must_use]
    pub fn new(capacity: usize, when_full: WhenFull) -> Self {
        let shared = if when_full == WhenFull::Share { vec![None; SHARED] } else { Vec::new() };
        let states = Mutex::new(States { known: HashMap::new(), shared });
        Self { states, capacity, when_full, hasher: RandomState::new() }
    }

    fn locked(&self) -> MutexGuard<'_, States<K>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone> StateStore for BoundedState<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut states = self.locked();
        if let Some(known) = states.known.get_mut(key) {
            let (outcome, next) = measure(Some(*known))?;
            *known = next;
            return Ok(outcome);
        }
        if states.known.len() < self.capacity {
            let (outcome, next) = measure(None)?;
            states.known.insert(key.clone(), next);
            return Ok(outcome);
        }
        match self.when_full {
            WhenFull::Allow => measure(None).map(|(outcome, _)| outcome),
            WhenFull::Share => {
                // The remainder is below SHARED, whatever the hash.
                let at = usize::try_from(self.hasher.hash_one(key) % SHARED as u64).unwrap_or(0);
                let (outcome, next) = measure(states.shared[at])?;
                states.shared[at] = Some(next);
                Ok(outcome)
            }
        }
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for BoundedState<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        self.locked().known.retain(|_, state| *state > drop_below);
    }

    fn shrink_to_fit(&self) {
        self.locked().known.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.locked().known.len()
    }

    fn is_empty(&self) -> bool {
        self.locked().known.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use governor::{
        Quota, RateLimiter,
        clock::{Clock, FakeRelativeClock},
        middleware::NoOpMiddleware,
    };

    use super::*;

    type Limiter = RateLimiter<
        u32,
        BoundedState<u32>,
        FakeRelativeClock,
        NoOpMiddleware<<FakeRelativeClock as Clock>::Instant>,
    >;

    fn limiter(when_full: WhenFull) -> (Limiter, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let quota = Quota::per_minute(NonZeroU32::new(2).unwrap());
        (RateLimiter::new(quota, BoundedState::new(100, when_full), clock.clone()), clock)
    }

    #[test]
    fn memory_is_bounded_and_full_memory_still_limits() {
        let (limiter, clock) = limiter(WhenFull::Share);
        for key in 0..100_000 {
            let _ = limiter.check_key(&key);
        }
        assert_eq!(limiter.len(), 100);
        // Known keys keep a share of their own; new ones share, and every share is used up.
        assert!(limiter.check_key(&7).is_ok() && limiter.check_key(&7).is_err());
        assert!((200_000..200_100).all(|key| limiter.check_key(&key).is_err()));
        // What is as good as new is forgotten, and there is room again.
        clock.advance(Duration::from_secs(121));
        limiter.retain_recent();
        assert_eq!(limiter.len(), 0);
        assert!(limiter.check_key(&300_000).is_ok());
    }

    #[test]
    fn a_limit_beside_another_lets_new_keys_through_when_full() {
        let (limiter, _) = limiter(WhenFull::Allow);
        assert!((0..10_000).all(|key| limiter.check_key(&key).is_ok()));
        assert_eq!(limiter.len(), 100);
        assert!((0..100).all(|key| limiter.check_key(&key).is_ok()), "the second of two");
        assert!((0..100).all(|key| limiter.check_key(&key).is_err()));
    }
}
