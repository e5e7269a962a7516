//! The shop's pages: pure functions from a [`Frame`] and the page's own `View` to markup.
//!
//! A handler collects what a page shows, and calls that page. No page reads the database, the
//! clock or the network, so that the example `pages` can write each of them in every state.

pub mod basket;
pub mod behind;
pub mod coupons;
pub mod developers;
pub mod form;
pub mod frame;
pub mod good;
pub mod home;
mod icons;
pub mod join;
pub mod leave;
pub mod mailbox;
pub mod member_row;
pub mod notice;
pub mod onward;
pub mod order;
mod order_lines;
pub mod problem;
pub mod profile;
pub mod sign_in;

pub use behind::{MadeRequest, Outcome};
pub use frame::Frame;
pub use member_row::MemberRow;
pub use notice::Notice;

/// Why the browser goes to the provider: the form field `way` of `POST /sign-in/start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Sign up in one step: terms, personal information and the channel on the consent screen.
    SignUp,
    /// Plain login: the user id and nothing more.
    Login,
    /// A member by plain login is asked for what signing up would have asked.
    Upgrade,
    /// The required term `coupons`, at the moment it is needed (`service_terms`).
    Coupons,
    /// The channel again, where it is useful.
    Channel,
    /// One optional item, where an order needs it (`scope`).
    Item,
}

impl Way {
    pub const ALL: [Way; 6] =
        [Way::SignUp, Way::Login, Way::Upgrade, Way::Coupons, Way::Channel, Way::Item];

    /// The value of the form field.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Way::SignUp => "sign_up",
            Way::Login => "login",
            Way::Upgrade => "upgrade",
            Way::Coupons => "coupons",
            Way::Channel => "channel",
            Way::Item => "item",
        }
    }

    /// The way with this form value.
    #[must_use]
    pub fn from_value(value: &str) -> Option<Way> {
        Way::ALL.into_iter().find(|way| way.as_str() == value)
    }
}
