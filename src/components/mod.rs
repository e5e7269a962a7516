//! What the pages are made of: native elements, styled. Each has a style sheet of its own name in
//! `style/components/`.

mod button;
mod checkbox;
mod dialog;
/// The building material: not a component, so without a style sheet.
mod element;
mod emblem;
mod live_region;
mod notice;
mod page_heading;

pub use button::{Look, button};
pub use checkbox::{Checkbox, LiveTruth};
pub use dialog::dialog;
pub use element::{Child, Element, PAINTS, div, el, live};
pub use emblem::{Shape, emblem};
pub use live_region::live_region;
pub use notice::{Tone, notice};
pub use page_heading::{HEADING_ID, page_heading};
