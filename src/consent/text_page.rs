//! The full text of a term as a page of its own, for when there is no script to open a dialog. The
//! form goes along in unseen fields, so that nothing is lost on the way there and back.

use consent_contract::{
    self as contract,
    document::Document,
    form::{SHOW, field},
    name,
};
use leptos::prelude::AnyView;

use super::{
    form::{hidden, submit},
    text_dialog,
};
use crate::{
    components::{HEADING_ID, Look, div, el, page_heading},
    i18n::{self, Locale},
};

/// The page. `form` is what the browser sent.
#[must_use]
pub fn view(
    challenge: &str,
    locale: Locale,
    title: &str,
    document: &Document,
    form: &[(String, String)],
) -> AnyView {
    let kept = form
        .iter()
        .filter(|(name, _)| name != field::DECISION)
        .map(|(name, value)| hidden(name, value).view());
    let back = submit(Look::Secondary)
        .attr("name", field::DECISION)
        .attr("value", SHOW)
        .text(i18n::texts(locale).close);
    let back = el("form")
        .class("cancel")
        .attr("method", "post")
        .attr("action", &contract::page_path(challenge))
        .children(kept)
        .child(back);
    let header =
        el("header").class("consent__header").child(page_heading().text(&name::clean(title)));
    let page = div("consent")
        .child(header)
        .child(div("consent__text").child(text_dialog::body(locale, document)))
        .child(div("actions").child(back));
    el("main").class("page").attr("aria-labelledby", HEADING_ID).child(page).view()
}
