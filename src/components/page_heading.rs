use super::{Element, el};

/// The id of the page's heading.
pub const HEADING_ID: &str = "heading";

/// The page's one `h1`. It can take the focus, so that a page that takes another's place is read
/// from its beginning.
pub fn page_heading() -> Element {
    el("h1").class("page-heading").id(HEADING_ID).attr("tabindex", "-1")
}
