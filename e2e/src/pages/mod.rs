//! The pages, as a person uses them. Words are those of the Korean screen.

pub mod consent;
pub mod demo;
pub mod preview;
pub mod studio;
pub mod teahouse;

pub use consent::Consent;
pub use preview::Preview;
pub use studio::Studio;
pub use teahouse::Teahouse;
