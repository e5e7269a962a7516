//! Where an item stands, found by its key.

use consent_contract::{answers::Answers, item::ItemKey, request::ConsentRequest};

/// The places of a request's items on the screen. Whoever asks usually goes through them in their
/// order, so the next one is near: thousands of items would take a search each.
#[derive(Debug, Default)]
pub struct Places {
    keys: Vec<ItemKey>,
    next: usize,
}

impl Places {
    #[must_use]
    pub fn of(request: &ConsentRequest) -> Self {
        let keys = Answers::untouched(request).keys(request);
        Self { keys: keys.into_iter().map(|(key, _)| key).collect(), next: 0 }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// The place of an item; none for an item that the request does not ask.
    pub fn find(&mut self, key: &ItemKey) -> Option<usize> {
        let mut places = (self.next..self.keys.len()).chain(0..self.next);
        let place = places.find(|at| self.keys[*at] == *key)?;
        self.next = place + 1;
        Some(place)
    }
}
