//! What the pages are made of: native elements, styled. Each has a style sheet of its own name in
//! `style/components/`.

mod button;
mod checkbox;
mod dialog;
mod emblem;
mod live_region;
mod notice;
mod page_heading;

pub use button::{Button, Look};
pub use checkbox::Checkbox;
pub use dialog::Dialog;
pub use emblem::{Emblem, Shape};
pub use live_region::LiveRegion;
pub use notice::{Notice, Tone};
pub use page_heading::{HEADING_ID, PageHeading};
