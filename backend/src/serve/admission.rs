//! How many connections there may be, and which one makes room for a new one.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    num::{NonZeroU32, NonZeroUsize},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio_util::sync::CancellationToken;

use super::progress::Progress;
use crate::http::client_address::counted_as;

/// Which part of all connections may be of one address.
const PART_OF_ONE_ADDRESS: usize = 4;

/// The connections there are.
pub struct Admission {
    limit: usize,
    limit_of_one_address: usize,
    connections: Mutex<Connections>,
    /// One line a minute: who fills the connections must not fill the log.
    notices: DefaultDirectRateLimiter,
}

#[derive(Default)]
struct Connections {
    /// In the order in which they came.
    by_number: BTreeMap<u64, Connection>,
    by_address: HashMap<IpAddr, usize>,
    next: u64,
}

struct Connection {
    /// None for a trusted proxy, which stands for many clients.
    counted_as: Option<IpAddr>,
    progress: Progress,
    given_up: CancellationToken,
}

/// A connection that was let in. Its place is free again when this is dropped.
pub struct Admitted {
    admission: Arc<Admission>,
    number: u64,
    pub progress: Progress,
    /// Cancelled when the connection has to make room.
    pub given_up: CancellationToken,
}

impl Admission {
    pub fn new(limit: NonZeroUsize) -> Arc<Self> {
        Arc::new(Self {
            limit: limit.get(),
            limit_of_one_address: limit.get().div_ceil(PART_OF_ONE_ADDRESS),
            connections: Mutex::default(),
            notices: RateLimiter::direct(Quota::per_minute(NonZeroU32::MIN)),
        })
    }

    /// Lets a connection in. Where there are too many, of its address or in all, one that waits for
    /// its client makes room; when none does, the new one is refused.
    pub fn admit(self: &Arc<Self>, peer: IpAddr, is_trusted: bool) -> Option<Admitted> {
        let counted_as = (!is_trusted).then(|| counted_as(peer));
        let mut connections = self.locked();
        let of_address =
            counted_as.and_then(|it| connections.by_address.get(&it)).copied().unwrap_or(0);
        let scarce = if counted_as.is_some() && of_address >= self.limit_of_one_address {
            Some("of one address")
        } else if connections.by_number.len() >= self.limit {
            Some("in all")
        } else {
            None
        };
        if let Some(scarce) = scarce {
            let among = if scarce == "in all" { None } else { counted_as };
            let freed = connections.give_up(among);
            if self.notices.check().is_ok() {
                tracing::warn!(scarce, refused = !freed, "too many connections");
            }
            if !freed {
                return None;
            }
        }
        let number = connections.next;
        connections.next += 1;
        let progress = Progress::new();
        let given_up = CancellationToken::new();
        let connection =
            Connection { counted_as, progress: progress.clone(), given_up: given_up.clone() };
        connections.insert(number, connection);
        Some(Admitted { admission: Arc::clone(self), number, progress, given_up })
    }

    fn locked(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    fn insert(&mut self, number: u64, connection: Connection) {
        if let Some(address) = connection.counted_as {
            *self.by_address.entry(address).or_default() += 1;
        }
        self.by_number.insert(number, connection);
    }

    fn remove(&mut self, number: u64) -> Option<Connection> {
        let connection = self.by_number.remove(&number)?;
        if let Some(address) = connection.counted_as
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
        Some(connection)
    }

    /// Ends the connection that has waited longest for its client, among those of an address or
    /// among all; false when none waits.
    fn give_up(&mut self, of: Option<IpAddr>) -> bool {
        let candidates = self
            .by_number
            .iter()
            .filter(|(_, connection)| of.is_none() || connection.counted_as == of)
            .filter_map(|(number, connection)| Some((connection.progress.expendable()?, *number)));
        let Some((_, number)) = candidates.min() else { return false };
        if let Some(connection) = self.remove(number) {
            connection.given_up.cancel();
        }
        true
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        // One that was given up is not there any more.
        self.admission.locked().remove(self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    fn admission(limit: usize) -> Arc<Admission> {
        Admission::new(NonZeroUsize::new(limit).unwrap())
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[tokio::test(start_paused = true)]
    async fn the_one_that_waits_longest_makes_room() {
        let admission = admission(4);
        let mut held = Vec::new();
        for last in 1..=4 {
            held.push(admission.admit(address(last), false).unwrap());
            advance(Duration::from_secs(1)).await;
        }
        // The oldest is being answered; the next one is the one to go.
        held[0].progress.request_begins();
        let fifth = admission.admit(address(5), false).unwrap();
        let gone: Vec<bool> = held.iter().map(|it| it.given_up.is_cancelled()).collect();
        assert_eq!(gone, [false, true, false, false]);
        // One that is given up frees no second place when it ends.
        held.remove(1);
        assert_eq!(admission.locked().by_number.len(), 4);
        for one in held.iter().chain([&fifth]) {
            one.progress.request_begins();
        }
        assert!(admission.admit(address(6), false).is_none(), "all are being answered");
        // A client that stopped reading is given up before a new one is refused.
        held[2].progress.waits_to_write();
        assert!(admission.admit(address(6), false).is_some());
        assert!(held[2].given_up.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_cannot_have_all_of_them() {
        let admission = admission(8);
        let other = admission.admit(address(1), false).unwrap();
        let mine: Vec<_> = (0..20).filter_map(|_| admission.admit(address(9), false)).collect();
        let open = mine.iter().filter(|it| !it.given_up.is_cancelled()).count();
        assert_eq!((open, other.given_up.is_cancelled()), (2, false));
        // With requests in flight there is nothing to give up, and others still get in.
        for one in &mine {
            one.progress.request_begins();
        }
        assert!(admission.admit(address(9), false).is_none());
        assert!(admission.admit(address(2), false).is_some());
        // A whole IPv6 network is one subscriber.
        let ipv6 = |text: &str| text.parse::<IpAddr>().unwrap();
        let subscriber: Vec<_> = ["2001:db8::1", "2001:db8::2", "2001:db8::3"]
            .into_iter()
            .filter_map(|it| admission.admit(ipv6(it), false))
            .collect();
        assert!(subscriber[0].given_up.is_cancelled() && !subscriber[2].given_up.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_trusted_proxy_may_have_all_of_them() {
        let admission = admission(8);
        let held: Vec<_> = (0..8).filter_map(|_| admission.admit(address(9), true)).collect();
        assert_eq!(held.len(), 8);
        assert!(held.iter().all(|it| !it.given_up.is_cancelled()));
        drop(held);
        let connections = admission.locked();
        assert!(connections.by_number.is_empty() && connections.by_address.is_empty());
    }
}
