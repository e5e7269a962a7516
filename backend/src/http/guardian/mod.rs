//! The consent of a guardian: the child's page at the authorization endpoint, from which a link is
//! sent, and the guardian's page behind the link.

pub mod child;
mod link;
pub mod words;

pub use link::router;
