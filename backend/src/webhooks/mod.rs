//! Webhooks: services hear what users agreed to, withdrew and left.
//!
//! `store/event.rs` writes events into the outbox, in the transaction of the change; [`deliver`] takes
//! them from there and sends them. An event has one of three [`Form`]s: a signed Security Event Token,
//! Kakao's unlink webhook, or Kakao's channel webhook (docs/WEBHOOKS.md).

mod address;
mod backoff;
mod client;
mod event;
mod kakao;
mod request;
mod security_event;
pub mod standard;
mod target;
mod worker;

pub use backoff::LONGEST_DELAY;
pub use client::{Client, Outcome};
pub use event::{Event, EventItem, Form, NoticeKind, NoticeOutcome};
pub use request::{Accepts, Request};
pub use target::check as check_target;
pub use worker::{deliver, deliver_due};
