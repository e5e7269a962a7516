//! Text in the page.

/// Makes the text all that the element holds, whatever else was put into it meanwhile.
pub fn set(element: &web_sys::Element, text: &str) {
    element.set_text_content(Some(text));
}
