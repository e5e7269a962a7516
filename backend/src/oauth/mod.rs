//! OAuth 2.0 and OpenID Connect, as far as it is pure: reading authorize requests, building
//! answers, and what a token says.

pub mod answer;
pub mod claims;
pub mod error;
mod item_claims;
pub mod key;
pub mod request;

pub use item_claims::birthdate;
