//! The code of six digits that a member of before gets by e-mail.

use serde::{Deserialize, Serialize};

/// Wrong entries until the code is spent.
pub const TRIES: u32 = 5;
/// How long a code is valid, in seconds.
pub const LIFETIME: i64 = 10 * 60;
/// How many codes a member of before may get a day: a mailbox must not be flooded.
pub const MOST_SENT: u32 = 5;
/// Wrong entries of all these codes until no code is taken any more that day.
pub const MOST_WRONG: u32 = 2 * TRIES;

/// A code that was sent. Only its digest is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCode {
    digest: String,
    sent_at: i64,
    wrong: u32,
}

/// What an entry came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Right,
    Wrong,
    /// Too many wrong entries.
    SpentByTries,
    /// Too old.
    SpentByTime,
}

impl SentCode {
    /// A code that is sent now.
    #[must_use]
    pub fn new(digest: String, now: i64) -> Self {
        Self { digest, sent_at: now, wrong: 0 }
    }

    /// Why it is of no use any more, if it is.
    #[must_use]
    pub fn spent(&self, now: i64) -> Option<Entry> {
        if self.wrong >= TRIES {
            Some(Entry::SpentByTries)
        } else if now - self.sent_at >= LIFETIME {
            Some(Entry::SpentByTime)
        } else {
            None
        }
    }

    #[must_use]
    pub fn tries_left(&self) -> u32 {
        TRIES.saturating_sub(self.wrong)
    }

    /// Takes an entry by its digest, and counts it if it is wrong.
    pub fn enter(&mut self, digest: &str, now: i64) -> Entry {
        if let Some(spent) = self.spent(now) {
            return spent;
        }
        if self.digest == digest {
            return Entry::Right;
        }
        self.wrong += 1;
        self.spent(now).unwrap_or(Entry::Wrong)
    }
}

/// The digits of an entry, which people type with spaces; none if it is no code.
#[must_use]
pub fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|it| !it.is_whitespace() && *it != '-').collect();
    (digits.len() == 6 && digits.bytes().all(|it| it.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_entries_spend_a_code_for_the_right_one_too() {
        let mut code = SentCode::new("right".into(), 0);
        for left in (1..TRIES).rev() {
            assert_eq!(code.enter("wrong", 1), Entry::Wrong);
            assert_eq!(code.tries_left(), left);
        }
        assert_eq!(code.enter("wrong", 1), Entry::SpentByTries);
        assert_eq!(code.enter("right", 1), Entry::SpentByTries);
    }

    #[test]
    fn ten_minutes_spend_a_code() {
        let mut code = SentCode::new("right".into(), 100);
        assert_eq!(code.clone().enter("right", 100 + LIFETIME - 1), Entry::Right);
        assert_eq!(code.enter("right", 100 + LIFETIME), Entry::SpentByTime);
    }

    #[test]
    fn a_code_may_be_typed_with_spaces() {
        assert_eq!(digits(" 123 456").as_deref(), Some("123456"));
        assert_eq!(digits("12345"), None);
        assert_eq!(digits("12345a"), None);
    }
}
