//! Between a form of the shop and the provider.
//!
//! CSP's `form-action` is checked against the redirects after a form, too, so `POST /sign-in/start`
//! does not redirect: this page leads on, by `Refresh` and by a link.

use maud::{Markup, html};

use super::behind::Behind;
use super::{Frame, frame};
use crate::faq::Question;

pub struct View {
    /// The authorization request at the provider.
    pub to: String,
}

#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let content = html! {
        div.narrow.onward {
            h1 { (texts.get("onward.title")) }
            p.lead { (texts.get("onward.lead")) }
            div.actions { a.button.main href=(view.to) { (texts.get("onward.go")) } }
        }
    };
    let behind = Behind::of(&[Question::SignUpOrLogin], &["start_sign_in"]);
    frame::document(frame, texts.get("onward.title"), &behind, content)
}
