//! Aligns two sequences: the blocks of two texts, the items of two lists, the rows of two tables.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

/// Passages are versions of each other when they share at least this part of their letter pairs, in
/// percent.
const LEAST_SHARED: usize = 40;

/// How many passages are looked at for an earlier version of one. Keeps the cost linear.
const WINDOW: usize = 8;

/// A passage, as it is compared.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Passages with the same key are the same.
    key: String,
    /// Only passages of one kind are versions of each other.
    kind: usize,
    pairs: Vec<[char; 2]>,
}

impl Passage {
    pub fn new(kind: usize, key: String, text: &str) -> Self {
        let mut pairs: Vec<_> =
            text.chars().zip(text.chars().skip(1)).map(|(a, b)| [a, b]).collect();
        pairs.sort_unstable();
        Self { key, kind, pairs }
    }

    fn is_version_of(&self, other: &Self) -> bool {
        let all = self.pairs.len() + other.pairs.len();
        self.kind == other.kind
            && all > 0
            && 200 * shared(&self.pairs, &other.pairs) >= LEAST_SHARED * all
    }
}

/// How many elements two sorted slices have in common.
fn shared(a: &[[char; 2]], b: &[[char; 2]]) -> usize {
    let (mut at_a, mut at_b, mut shared) = (0, 0, 0);
    while let (Some(in_a), Some(in_b)) = (a.get(at_a), b.get(at_b)) {
        match in_a.cmp(in_b) {
            std::cmp::Ordering::Less => at_a += 1,
            std::cmp::Ordering::Greater => at_b += 1,
            std::cmp::Ordering::Equal => (at_a, at_b, shared) = (at_a + 1, at_b + 1, shared + 1),
        }
    }
    shared
}

/// A step through both sequences, with the positions in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Same {
        old: usize,
        new: usize,
    },
    /// Two versions of one passage.
    Changed {
        old: usize,
        new: usize,
    },
    Removed {
        old: usize,
    },
    Added {
        new: usize,
    },
}

/// The steps, in reading order: what was removed comes before what was added.
pub fn align(old: &[Passage], new: &[Passage]) -> Vec<Step> {
    let mut input = InternedInput::default();
    input.update_before(old.iter().map(|it| it.key.as_str()));
    input.update_after(new.iter().map(|it| it.key.as_str()));
    let mut steps = Vec::with_capacity(new.len());
    let (mut at_old, mut at_new) = (0, 0);
    let same_until = |steps: &mut Vec<Step>, at_old: usize, at_new: usize, end_of_old: usize| {
        let length = end_of_old - at_old;
        steps.extend((0..length).map(|it| Step::Same { old: at_old + it, new: at_new + it }));
    };
    for hunk in Diff::compute(Algorithm::Histogram, &input).hunks() {
        let [of_old, of_new] = [hunk.before, hunk.after].map(positions);
        same_until(&mut steps, at_old, at_new, of_old.start);
        (at_old, at_new) = (of_old.end, of_new.end);
        pair(old, new, of_old, of_new, &mut steps);
    }
    same_until(&mut steps, at_old, at_new, old.len());
    steps
}

fn positions(range: Range<u32>) -> Range<usize> {
    let position = |at: u32| usize::try_from(at).expect("a position in memory");
    position(range.start)..position(range.end)
}

/// Pairs each new passage with the first old one that it is a version of.
fn pair(
    old: &[Passage],
    new: &[Passage],
    of_old: Range<usize>,
    of_new: Range<usize>,
    steps: &mut Vec<Step>,
) {
    let mut next_old = of_old.start;
    for at_new in of_new {
        let mut window = next_old..of_old.end.min(next_old + WINDOW);
        match window.find(|at_old| new[at_new].is_version_of(&old[*at_old])) {
            Some(at_old) => {
                steps.extend((next_old..at_old).map(|old| Step::Removed { old }));
                steps.push(Step::Changed { old: at_old, new: at_new });
                next_old = at_old + 1;
            }
            None => steps.push(Step::Added { new: at_new }),
        }
    }
    steps.extend((next_old..of_old.end).map(|old| Step::Removed { old }));
}
