//! The slowest requests of each route in the last hour, with where their time went. In memory, and of this process
//! alone.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;
use utoipa::ToSchema;

use crate::telemetry::profile::{Profile, Work};

/// Requests of a route that are kept: a client that makes one route slow, such as by sending a body byte by byte, does
/// not drive those of the others out. Routes are few, so the list is short.
const MOST_OF_A_ROUTE: usize = 10;

/// How long one is kept.
const KEPT_FOR: Duration = Duration::from_secs(60 * 60);

/// A request that was slow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SlowRequest {
    /// When it was answered, or given up (RFC 3339).
    pub ended_at: String,
    /// The route of the router, not the path; `-` for an address of nothing.
    pub route: String,
    pub method: &'static str,
    /// Of its answer; none for a request that ended without one, because its client gave up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// As in the answer's `x-request-id`, the log and the audit log.
    pub request_id: String,
    /// The trace that it belongs to, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Until its answer began, or it was given up.
    pub milliseconds: f64,
    /// Where the time went, the longest first.
    pub parts: Vec<Part>,
    /// The time that no part has: waiting for the processor or for a part of the request, and computing.
    pub other_milliseconds: f64,
}

/// What a request spent time on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Part {
    pub work: Work,
    /// Of a statement, its place in the source, or what it does with which table; of others a word. `others`
    /// for what came after 64 names.
    pub name: String,
    pub times: u32,
    /// All together.
    pub milliseconds: f64,
}

/// A request that was answered, or given up by its client.
pub struct Ended<'a> {
    pub ended_at: String,
    pub route: &'a str,
    pub method: &'static str,
    pub status: Option<u16>,
    pub request_id: &'a str,
    pub trace_id: Option<String>,
    pub took: Duration,
    pub profile: &'a Profile,
}

/// Keeps the slowest of those that take at least as long as its threshold.
#[derive(Debug)]
pub struct SlowRequests {
    pub threshold: Duration,
    kept: Mutex<Vec<(Instant, Duration, SlowRequest)>>,
}

impl SlowRequests {
    #[must_use]
    pub fn new(threshold: Duration) -> Self {
        Self { threshold, kept: Mutex::default() }
    }

    /// Keeps a request if it is one of the slowest of its route.
    pub fn note(&self, ended: &Ended<'_>) {
        self.note_at(ended, Instant::now());
    }

    fn note_at(&self, ended: &Ended<'_>, now: Instant) {
        if ended.took < self.threshold {
            return;
        }
        let mut kept = self.kept();
        kept.retain(|(at, ..)| now.duration_since(*at) < KEPT_FOR);
        let of_route: Vec<usize> = (0..kept.len())
            .filter(|at| kept[*at].2.route == ended.route && kept[*at].2.method == ended.method)
            .collect();
        if of_route.len() >= MOST_OF_A_ROUTE {
            match of_route.into_iter().min_by_key(|at| kept[*at].1) {
                Some(fastest) if kept[fastest].1 < ended.took => {
                    kept.swap_remove(fastest);
                }
                _ => return,
            }
        }
        kept.push((now, ended.took, described(ended)));
    }

    /// Those of the last hour, the slowest first.
    #[must_use]
    pub fn list(&self) -> Vec<SlowRequest> {
        self.list_at(Instant::now())
    }

    fn list_at(&self, now: Instant) -> Vec<SlowRequest> {
        let mut kept = self.kept();
        kept.retain(|(at, ..)| now.duration_since(*at) < KEPT_FOR);
        kept.sort_by_key(|(_, took, _)| std::cmp::Reverse(*took));
        kept.iter().map(|(_, _, request)| request.clone()).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<(Instant, Duration, SlowRequest)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn described(ended: &Ended<'_>) -> SlowRequest {
    let parts = ended.profile.parts.iter();
    let mut parts: Vec<Part> = parts
        .map(|((work, name), spent)| Part {
            work: *work,
            name: name.clone().into_owned(),
            times: spent.times,
            milliseconds: milliseconds(spent.total),
        })
        .collect();
    parts.sort_by(|one, other| other.milliseconds.total_cmp(&one.milliseconds));
    let known: Duration = ended.profile.parts.values().map(|spent| spent.total).sum();
    SlowRequest {
        ended_at: ended.ended_at.clone(),
        route: ended.route.to_owned(),
        method: ended.method,
        status: ended.status,
        request_id: ended.request_id.to_owned(),
        trace_id: ended.trace_id.clone(),
        milliseconds: milliseconds(ended.took),
        parts,
        other_milliseconds: milliseconds(ended.took.saturating_sub(known)),
    }
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(took: u64, profile: &Profile) -> Ended<'_> {
        Ended {
            ended_at: "2026-11-29T12:00:00Z".to_owned(),
            route: "/oauth/authorize",
            method: "GET",
            status: Some(200),
            request_id: "0123456789abcdef",
            trace_id: None,
            took: Duration::from_millis(took),
            profile,
        }
    }

    #[test]
    fn the_slowest_of_the_last_hour_are_kept() {
        let profile = Profile::default();
        let slow = SlowRequests::new(Duration::from_millis(500));
        let began = Instant::now();
        for took in [499, 500, 700, 600] {
            slow.note_at(&answered(took, &profile), began);
        }
        let listed: Vec<f64> = slow.list_at(began).iter().map(|it| it.milliseconds).collect();
        assert_eq!(listed, [700.0, 600.0, 500.0]);
        for took in 1_000..2_000 {
            slow.note_at(&answered(took, &profile), began);
        }
        let listed = slow.list_at(began);
        assert_eq!((listed.len(), listed[0].milliseconds), (MOST_OF_A_ROUTE, 1_999.0));
        assert_eq!(listed[MOST_OF_A_ROUTE - 1].milliseconds, 1_990.0);
        // One route leaves room for the others, and for its other methods.
        for (route, method) in [("/oauth/token", "POST"), ("/oauth/authorize", "POST")] {
            slow.note_at(&Ended { route, method, ..answered(501, &profile) }, began);
        }
        assert_eq!(slow.list_at(began).len(), MOST_OF_A_ROUTE + 2);
        let later = began + KEPT_FOR;
        slow.note_at(&answered(501, &profile), later);
        assert_eq!(slow.list_at(later).len(), 1, "those of before are forgotten");
    }

    #[tokio::test]
    async fn a_request_has_where_its_time_went_with_a_bounded_number_of_names() {
        use crate::telemetry::profile::{Recording, timed};
        let recording = Recording::default();
        let work = recording.of(async {
            for number in 0..200 {
                let name = format!("SELECT table_{number}");
                timed(Work::Statement, name, std::future::ready(())).await;
            }
            let pause = tokio::time::sleep(Duration::from_millis(30));
            timed(Work::PoolWait, "connections", pause).await;
        });
        work.await;
        let profile = recording.taken();
        assert!(profile.parts.len() <= 66, "{}", profile.parts.len());
        assert_eq!(profile.waits.len(), 1);
        let request = described(&answered(100, &profile));
        let others = request.parts.iter().find(|it| it.name == "others").unwrap();
        assert!(others.times > 100, "{others:?}");
        let first = &request.parts[0];
        assert!(first.work == Work::PoolWait && first.milliseconds >= 30.0, "{first:?}");
        assert!(request.other_milliseconds <= 70.0, "{request:?}");
        // What is given up counts, too.
        let recording = Recording::default();
        let wait = timed(Work::LockWait, "account", std::future::pending::<()>());
        let given_up = tokio::time::timeout(Duration::from_millis(20), recording.of(wait)).await;
        assert!(given_up.is_err());
        let profile = recording.taken();
        let parts = described(&answered(20, &profile)).parts;
        assert!(parts[0].work == Work::LockWait && parts[0].milliseconds >= 20.0, "{parts:?}");
        // Outside of a request nothing is counted.
        timed(Work::Commit, "commit", std::future::ready(())).await;
    }
}
