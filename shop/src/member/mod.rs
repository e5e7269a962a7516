//! The rules about members, as pure functions: no database, no clock, no network.
//!
//! A member is known by `sub`, the provider's user id, and by nothing else. E-mail address and phone
//! number only help to find a member of before, once, at the first sign-up.

pub mod code;
pub mod contact;
pub mod identity;
pub mod sign_up;
pub mod unlink;

pub use identity::{Identity, Joined};
pub use sign_up::{Candidate, SignUp};
