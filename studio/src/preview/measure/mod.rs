//! Measures the page as it is rendered, for the rules that only a rendered page can break.

mod contrast;
mod controls;
mod fit;
mod selectors;
pub mod sought;
mod texts;

use consent_lint::rendered::Rendered;

use super::{
    dom::{elements, is_visible},
    post,
};
use crate::{browser, message::FromPreview};

/// Sends the measurements to the studio around this page.
pub fn report(untouched: bool) {
    browser::finish_animations();
    post(&FromPreview::Measured(Box::new(measured(untouched))));
}

fn measured(untouched: bool) -> Rendered {
    let button = |selector: &str| {
        elements(selector).into_iter().find(is_visible).map(|it| controls::control(&it))
    };
    Rendered {
        texts: texts::texts(),
        controls: controls::controls(),
        boxes: elements(selectors::ROW_CHECKBOXES).iter().filter_map(controls::row).collect(),
        agree_all: elements(selectors::AGREE_ALL).first().and_then(controls::is_checked),
        agree: button(selectors::AGREE),
        cancel: button(selectors::CANCEL),
        important: texts::important(),
        edges: controls::edges(),
        fit: fit::fit(),
        spaced: fit::spaced(),
        untouched,
    }
}
