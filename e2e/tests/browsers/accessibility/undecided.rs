//! What axe cannot decide by itself, and why it is right all the same. Whatever it cannot decide
//! and is not listed here fails its test; and so does what is listed and does not occur.

/// One thing that axe leaves undecided.
#[derive(Debug)]
pub struct Undecided {
    /// The rule, as axe calls it.
    rule: &'static str,
    /// How the selector that axe gives begins.
    place: &'static str,
    /// The states it occurs in, by name.
    states: &'static [&'static str],
    /// Read by people: see docs/ACCESSIBILITY.md.
    #[expect(dead_code, reason = "for people, and for the message of a failure")]
    why: &'static str,
}

impl Undecided {
    /// Whether it may occur in a state.
    pub fn is_in(&self, state: &str) -> bool {
        self.states.contains(&state)
    }

    pub fn is(&self, state: &str, rule: &str, place: &str) -> bool {
        self.is_in(state) && self.rule == rule && place.starts_with(self.place)
    }
}

pub const UNDECIDED: &[Undecided] = &[];
