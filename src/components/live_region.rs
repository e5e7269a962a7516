use super::{Element, el};

/// Says what has changed, to those who do not see it, without moving the focus. It is there from
/// the start, empty: a region that comes into being together with its text is often not read.
pub fn live_region(text: impl Fn() -> String + Send + 'static) -> Element {
    el("p").class("live-region visually-hidden").attr("role", "status").live_text(text)
}
