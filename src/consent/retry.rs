//! Trying again what failed for a reason that passes: how often, how long between, and when to
//! leave it to the person. Used for reading a request and for sending a decision alike.

use consent_contract::problem::Code;

use super::state::{Effect, Timer};
use crate::api::ApiError;

/// How often something is tried by itself.
const MOST_TRIES: u8 = 6;
/// The longest wait, in seconds, whatever `Retry-After` says: nobody waits for an absurd value.
const LONGEST_WAIT: u32 = 60;

/// Why it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// No connection.
    Offline,
    /// No answer in time.
    Silent,
    /// The backend says it is too busy, perhaps for how many seconds.
    Busy(Option<u32>),
    /// Something answered that is not the backend, or it is in trouble.
    Trouble,
}

impl Again {
    /// Whether, and why, trying again may help.
    #[must_use]
    pub fn after(error: &ApiError) -> Option<Self> {
        match error {
            ApiError::Offline => Some(Self::Offline),
            ApiError::Silent => Some(Self::Silent),
            ApiError::Problem { problem, retry_after } => match problem.code {
                Code::RateLimited | Code::Unavailable => Some(Self::Busy(*retry_after)),
                _ if problem.status >= 500 => Some(Self::Trouble),
                _ => None,
            },
            ApiError::Status { status: 429 | 503, retry_after } => Some(Self::Busy(*retry_after)),
            ApiError::Status { status: 500..=599, .. } => Some(Self::Trouble),
            ApiError::Status { .. } | ApiError::Unreadable => None,
        }
    }
}

/// One thing that is tried, perhaps several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub count: u8,
    pub stage: Try,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Try {
    InFlight,
    Waiting {
        /// Seconds until the next try.
        seconds: u32,
        again: Again,
    },
    /// Tried often enough; the person may say "again".
    GivenUp(Again),
}

impl Attempt {
    /// The first try, under way.
    #[must_use]
    pub fn first() -> Self {
        Self { count: 1, stage: Try::InFlight }
    }

    /// No further try by itself.
    #[must_use]
    pub fn given_up(again: Again) -> Self {
        Self { count: MOST_TRIES, stage: Try::GivenUp(again) }
    }

    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.stage != Try::InFlight
    }

    /// The try failed: wait for the next one, twice as long each time or as long as the backend
    /// asked for.
    ///
    /// # Errors
    /// The reason, once it was tried often enough.
    pub fn failed(self, again: Again) -> Result<(Self, Effect), Again> {
        if self.count >= MOST_TRIES {
            return Err(again);
        }
        let seconds = match again {
            Again::Busy(Some(seconds)) => seconds.clamp(1, LONGEST_WAIT),
            _ => 1 << self.count.min(5),
        };
        let stage = Try::Waiting { seconds, again };
        Ok((Self { count: self.count, stage }, Effect::Set(Timer::Second, 1000)))
    }

    /// A second has passed, or (`second` false) somebody says "now".
    #[must_use]
    pub fn go_on(self, second: bool, effect: Effect) -> (Self, Vec<Effect>) {
        let under_way = |count| Self { count, stage: Try::InFlight };
        match self.stage {
            Try::Waiting { seconds, again } if second && seconds > 1 => {
                let stage = Try::Waiting { seconds: seconds - 1, again };
                (Self { stage, ..self }, vec![Effect::Set(Timer::Second, 1000)])
            }
            Try::Waiting { .. } => (under_way(self.count + 1), vec![effect]),
            Try::GivenUp(_) if !second => (under_way(1), vec![effect]),
            Try::InFlight | Try::GivenUp(_) => (self, vec![]),
        }
    }
}
