//! Native elements, styled: what the pages are made of.

mod alert;
mod avatar;
mod button;
mod checkbox;
mod dialog;
mod keyed;
mod live_region;
mod page_heading;
mod reactive_text;
mod untrusted;

pub use alert::{Alert, AlertVariant};
#[cfg(feature = "preview")]
pub use avatar::PicturesFromDisk;
pub use avatar::{Avatar, Shape};
pub use button::{Button, LinkButton, Variant};
pub use checkbox::Checkbox;
pub use dialog::Dialog;
pub use keyed::Keyed;
pub use live_region::LiveRegion;
pub use page_heading::{HEADING_ID, PageHeading};
pub use reactive_text::{initial_text, reactive_text};
pub use untrusted::{ProperName, UntrustedText, WithName};

/// Text as a child of an element. None when it is empty: a server would render a space for empty
/// text, and the element would not match `:empty`.
#[must_use]
pub fn non_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
