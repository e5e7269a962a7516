//! Before there is anything to ask, and after there was nothing to ask.

use super::{Machine, actions};
use crate::{
    components::{Element, div, el, page_heading},
    i18n::{self, Locale},
    problem,
};

/// The bars of the skeleton, as in the static shell: nothing moves when one takes the other's
/// place.
const BARS: [&str; 7] = [
    "skeleton__who",
    "skeleton__title",
    "skeleton__line",
    "skeleton__box",
    "skeleton__line",
    "skeleton__line",
    "skeleton__line",
];

/// The skeleton; and, once something went wrong, what, and what happens next.
pub fn view(machine: Machine, locale: Locale) -> Element {
    let texts = i18n::texts(locale);
    let heading = page_heading().child(el("span").class("visually-hidden").text(texts.loading));
    let skeleton = div("skeleton").attr("aria-hidden", "true");
    let cancel =
        div("actions__buttons actions__buttons--one").child(problem::cancel(machine, texts));
    div("loading")
        .child(heading)
        .child(skeleton.children(BARS.map(|bar| el("span").class(bar).view())))
        .child(div("actions").child(actions::remark(machine, texts)).child(cancel))
}

/// On the way to the service.
pub fn leaving(machine: Machine, locale: Locale) -> Element {
    let texts = i18n::texts(locale);
    div("problem").child(page_heading().text(texts.leaving)).child(actions::remark(machine, texts))
}
