//! What the person is told above the form.

use consent_contract::name;
use leptos::prelude::*;

use super::{
    Machine,
    machine::NOTICE_ID,
    state::{Asking, Notice},
    summary::label,
};
use crate::{
    components::{self, Tone},
    i18n::{Texts, fill},
};

pub fn view(machine: Machine, texts: &'static Texts) -> impl IntoView {
    let words = Memo::new(move |_| {
        machine.page.with(|page| page.asking().and_then(|asking| words(asking, texts)))
    });
    move || {
        words.get().map(|words| {
            view! {
                <div id=NOTICE_ID tabindex="-1" class="consent__notice">
                    <components::Notice tone=Tone::Warning><p>{words}</p></components::Notice>
                </div>
            }
        })
    }
}

fn words(asking: &Asking, texts: &Texts) -> Option<String> {
    Some(match asking.notice.as_ref()? {
        Notice::TextChanged(keys) => {
            let labels: Vec<_> =
                keys.iter().map(|key| name::clean(label(&asking.request, key))).collect();
            fill(texts.text_changed, &labels.join(", "))
        }
        Notice::Refreshed => texts.refreshed.to_owned(),
        // Said beside the buttons, where the person is looking.
        Notice::NotSent | Notice::NotRefreshed => return None,
    })
}
