//! What the live region announces.

use super::{Notice, Page, Phase, State};
use crate::{
    api::RetryReason,
    consent::retry::{Attempt, AttemptStage},
};

/// A change that is announced without a move of the focus. A function of the state, so that no
/// announcement outlives its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    Loading,
    Retrying(RetryReason),
    Sending,
    Leaving,
    Rechecking,
    ExpiresSoon,
    NotSent,
}

impl Page {
    /// The current announcement.
    #[must_use]
    pub fn announcement(&self) -> Option<Announcement> {
        let of = |attempt: &Attempt, in_flight: Announcement| match attempt.stage {
            AttemptStage::InFlight => Some(in_flight),
            AttemptStage::Waiting { reason, .. } | AttemptStage::GivenUp(reason) => {
                Some(Announcement::Retrying(reason))
            }
        };
        match &self.state {
            State::Loading { slow: false, .. } | State::Stopped(_) => None,
            State::Loading { attempt, .. } => of(attempt, Announcement::Loading),
            State::Leaving(_) => Some(Announcement::Leaving),
            State::Form(form) => match (&form.phase, &form.notice) {
                (Phase::Submitting { attempt, .. }, _) => of(attempt, Announcement::Sending),
                (Phase::Leaving(_), _) => Some(Announcement::Leaving),
                (Phase::Rechecking { attempt }, _) => of(attempt, Announcement::Rechecking),
                (Phase::Editing | Phase::Incomplete(_), Some(Notice::NotSent)) => {
                    Some(Announcement::NotSent)
                }
                (Phase::Editing | Phase::Incomplete(_), _) => {
                    form.expires_soon.then_some(Announcement::ExpiresSoon)
                }
            },
        }
    }
}
