//! Retries: how often, how long between, and when to leave it to the user. Used for loading a
//! request and for sending a decision alike.

use crate::api::RetryReason;

/// Automatic attempts.
const MOST_ATTEMPTS: u8 = 6;
/// The longest wait, in seconds, whatever `Retry-After` asks for.
const LONGEST_WAIT: u32 = 60;

/// A request that is sent, perhaps several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub count: u8,
    pub stage: AttemptStage,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptStage {
    InFlight,
    Waiting {
        /// Seconds until the next attempt.
        seconds: u32,
        reason: RetryReason,
    },
    /// Retried often enough; the user may try again.
    GivenUp(RetryReason),
}

/// What follows from [`Attempt::resume`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Wait another second.
    Wait,
    /// Send the request.
    Send,
    Nothing,
}

impl Attempt {
    /// The first attempt, in flight.
    #[must_use]
    pub fn first() -> Self {
        Self { count: 1, stage: AttemptStage::InFlight }
    }

    /// No further automatic attempt.
    #[must_use]
    pub fn given_up(reason: RetryReason) -> Self {
        Self { count: MOST_ATTEMPTS, stage: AttemptStage::GivenUp(reason) }
    }

    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.stage != AttemptStage::InFlight
    }

    /// The attempt failed: waits for the next one, with exponential backoff or for as long as the
    /// backend asked for.
    ///
    /// # Errors
    /// The reason, after the last automatic attempt.
    pub fn failed(self, reason: RetryReason) -> Result<Self, RetryReason> {
        if self.count >= MOST_ATTEMPTS {
            return Err(reason);
        }
        let seconds = match reason {
            RetryReason::Busy(Some(seconds)) => seconds.clamp(1, LONGEST_WAIT),
            RetryReason::Busy(None)
            | RetryReason::Offline
            | RetryReason::Timeout
            | RetryReason::ServerError => 1 << self.count.min(5),
        };
        let stage = AttemptStage::Waiting { seconds, reason };
        Ok(Self { count: self.count, stage })
    }

    /// A second has passed (`is_tick`), or the user or the network asks for an attempt now.
    #[must_use]
    pub fn resume(self, is_tick: bool) -> (Self, Next) {
        let in_flight = |count| Self { count, stage: AttemptStage::InFlight };
        match self.stage {
            AttemptStage::Waiting { seconds, reason } if is_tick && seconds > 1 => {
                let stage = AttemptStage::Waiting { seconds: seconds - 1, reason };
                (Self { stage, ..self }, Next::Wait)
            }
            AttemptStage::Waiting { .. } => (in_flight(self.count + 1), Next::Send),
            AttemptStage::GivenUp(_) if !is_tick => (in_flight(1), Next::Send),
            AttemptStage::InFlight | AttemptStage::GivenUp(_) => (self, Next::Nothing),
        }
    }
}
