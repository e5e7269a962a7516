//! What the person is told above the form.

use consent_contract::name;
use leptos::prelude::{AnyView, Get};

use super::{
    Machine,
    machine::NOTICE_ID,
    state::{Asking, Notice},
    summary::label,
};
use crate::{
    components::{Tone, div, live, notice},
    i18n::{Texts, fill},
};

pub fn view(machine: Machine, texts: &'static Texts) -> AnyView {
    let words = machine.words(move |page| {
        page.asking().and_then(|asking| words(asking, texts)).unwrap_or_default()
    });
    live(move || {
        let words = words.get();
        let there = !words.is_empty();
        there.then(|| {
            div("consent__notice")
                .id(NOTICE_ID)
                .form_attr("autofocus", "")
                .attr("tabindex", "-1")
                .child(notice(Tone::Warning, &words))
        })
    })
}

fn words(asking: &Asking, texts: &Texts) -> Option<String> {
    Some(match asking.notice.as_ref()? {
        Notice::TextChanged(keys) => {
            let label = |key| name::clean(label(&asking.request, key));
            let labels: Vec<_> = keys.iter().map(label).collect();
            fill(texts.text_changed, &labels.join(", "))
        }
        Notice::Refreshed => texts.refreshed.to_owned(),
        Notice::ChoicesRestored => texts.choices_restored.to_owned(),
        // Said beside the buttons, where the person is looking.
        Notice::NotSent => return None,
    })
}
