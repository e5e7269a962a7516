//! OAuth 2.0 and OpenID Connect, as far as it is pure: reading authorize requests, building
//! answers, and what a token says.

pub mod answer;
pub mod claims;
pub mod error;
pub mod key;
pub mod prompt;
mod read_request;
pub mod request;
pub mod requested_claims;
