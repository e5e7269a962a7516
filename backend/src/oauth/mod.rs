//! OAuth 2.0 and OpenID Connect, as far as it is pure: reading authorize requests, building
//! answers, and what a token says.

pub mod answer;
pub mod claims;
pub mod error;
mod item_claims;
pub mod key;
pub mod key_ring;
pub mod logout;
pub mod prompt;
pub mod read_request;
pub mod request;
pub mod requested_claims;
pub mod scope;
mod subject;

pub use item_claims::birthdate;
pub use subject::subject;
