//! The agree-all control: always a function of the items it covers, never a state of its own.

use crate::request::AgreeAllPolicy;

/// What the control shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// It covers nothing, so it is not on the screen.
    Absent,
    Unchecked,
    Mixed,
    Checked,
}

/// Whether the policy covers an item.
#[must_use]
pub fn covers(policy: AgreeAllPolicy, required: bool) -> bool {
    match policy {
        AgreeAllPolicy::RequiredOnly => required,
        AgreeAllPolicy::Everything => true,
    }
}

/// What the control shows, from `(required, ticked)` of every item on the screen.
#[must_use]
pub fn state(policy: AgreeAllPolicy, items: impl IntoIterator<Item = (bool, bool)>) -> CheckState {
    let (mut ticked, mut unticked) = (false, false);
    for (required, is_ticked) in items {
        if covers(policy, required) {
            ticked |= is_ticked;
            unticked |= !is_ticked;
        }
    }
    match (ticked, unticked) {
        (false, false) => CheckState::Absent,
        (false, true) => CheckState::Unchecked,
        (true, true) => CheckState::Mixed,
        (true, false) => CheckState::Checked,
    }
}

/// What pressing the control makes of the items it covers: all ticked, unless all are ticked
/// already. From mixed it goes to all ticked, which is what its label says; an earlier mix is
/// never restored. Items it does not cover stay as they are.
#[must_use]
pub fn toggled(state: CheckState) -> bool {
    state != CheckState::Checked
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn required_only_ignores_optional_items() {
        let policy = AgreeAllPolicy::RequiredOnly;
        assert_eq!(state(policy, [(true, true), (false, false)]), CheckState::Checked);
        assert_eq!(state(policy, [(true, false), (false, true)]), CheckState::Unchecked);
        assert_eq!(state(policy, [(false, true)]), CheckState::Absent);
    }

    #[test]
    fn everything_is_mixed_until_optional_items_are_ticked_too() {
        let policy = AgreeAllPolicy::Everything;
        assert_eq!(state(policy, [(true, true), (false, false)]), CheckState::Mixed);
        assert_eq!(state(policy, [(true, true), (false, true)]), CheckState::Checked);
    }

    proptest! {
        #[test]
        fn it_is_on_exactly_when_everything_covered_is_ticked(
            items in proptest::collection::vec((any::<bool>(), any::<bool>()), 0..20),
            everything in any::<bool>(),
        ) {
            let policy = if everything { AgreeAllPolicy::Everything } else { AgreeAllPolicy::RequiredOnly };
            let covered: Vec<bool> = items.iter().filter(|(required, _)| covers(policy, *required)).map(|(_, ticked)| *ticked).collect();
            let expected = if covered.is_empty() { CheckState::Absent }
                else if covered.iter().all(|t| *t) { CheckState::Checked }
                else if covered.iter().any(|t| *t) { CheckState::Mixed }
                else { CheckState::Unchecked };
            prop_assert_eq!(state(policy, items), expected);
        }

        /// Pressed, it is on unless it was on, and what it does not cover stays as it is.
        #[test]
        fn pressing_it_ticks_everything_covered_or_takes_it_back(
            items in proptest::collection::vec((any::<bool>(), any::<bool>()), 0..20),
            everything in any::<bool>(),
        ) {
            let policy = if everything { AgreeAllPolicy::Everything } else { AgreeAllPolicy::RequiredOnly };
            let before = state(policy, items.iter().copied());
            let to = toggled(before);
            let after = items.iter().map(|(required, ticked)| (*required, if covers(policy, *required) { to } else { *ticked }));
            let expected = match before {
                CheckState::Absent => CheckState::Absent,
                CheckState::Checked => CheckState::Unchecked,
                CheckState::Unchecked | CheckState::Mixed => CheckState::Checked,
            };
            prop_assert_eq!(state(policy, after), expected);
        }
    }
}
