//! What a notice that a user was unlinked means for the member table.
//!
//! Notices come late, twice and out of order, and Kakao's unlink webhook carries no time. So a notice
//! is a reason to look, never a command.

/// What is known when a notice arrives.
#[derive(Clone, Copy, Debug, Default)]
pub struct Notice {
    /// When the user was unlinked, in seconds since 1970, where the notice has it.
    pub at: Option<i64>,
    /// Whether the API has the user as connected now; `None` where it did not answer or was not asked.
    pub connected: Option<bool>,
}

/// What to do with the member's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Erase,
    /// The notice is about an earlier link than the one that the row has.
    Outdated,
    /// Nothing is known: let the provider send the notice again.
    AskAgain,
}

/// Judges a notice about a member who was connected at `connected_at`.
#[must_use]
pub fn judge(connected_at: Option<i64>, notice: Notice) -> Verdict {
    match (notice.connected, notice.at, connected_at) {
        (Some(true), ..) => Verdict::Outdated,
        (_, Some(at), Some(connected_at)) if at < connected_at => Verdict::Outdated,
        (Some(false), ..) => Verdict::Erase,
        (None, ..) if needs_api(connected_at, notice.at) => Verdict::AskAgain,
        (None, ..) => Verdict::Erase,
    }
}

/// Whether only the API knows what a notice means: it has no time, or it is of the very second of the
/// link, and both are counted in seconds.
#[must_use]
pub fn needs_api(connected_at: Option<i64>, at: Option<i64>) -> bool {
    at.is_none() || at == connected_at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(connected_at: i64, at: Option<i64>, connected: Option<bool>) -> Verdict {
        judge(Some(connected_at), Notice { at, connected })
    }

    #[test]
    fn a_notice_of_an_earlier_link_is_outdated() {
        assert_eq!(verdict(100, Some(99), None), Verdict::Outdated);
        assert_eq!(verdict(100, Some(101), None), Verdict::Erase);
    }

    #[test]
    fn the_api_decides_where_it_answers() {
        assert_eq!(verdict(100, Some(200), Some(true)), Verdict::Outdated);
        assert_eq!(verdict(100, None, Some(true)), Verdict::Outdated);
        assert_eq!(verdict(100, None, Some(false)), Verdict::Erase);
    }

    #[test]
    fn nothing_is_erased_on_a_guess() {
        assert_eq!(verdict(100, None, None), Verdict::AskAgain);
        assert_eq!(verdict(100, Some(100), None), Verdict::AskAgain);
        assert_eq!(verdict(100, Some(100), Some(false)), Verdict::Erase);
        assert_eq!(verdict(100, Some(100), Some(true)), Verdict::Outdated);
    }
}
