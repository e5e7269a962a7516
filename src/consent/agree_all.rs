//! Agree to all: says what it covers, shows mixed as mixed, and never submits.

use std::sync::Arc;

use consent_contract::{
    agree_all::Shown,
    form::{self, field},
    request::{AgreeAllPolicy, ConsentRequest},
};
use leptos::prelude::{Get, Memo, WithUntracked};

use super::{
    Machine,
    controls::FormField,
    form::press,
    state::{Asking, Event},
};
use crate::{
    components::{Checkbox, Element, LiveTruth, Look, div, el},
    i18n::Texts,
};

const ID: &str = "agree-all";
const HINT_ID: &str = "agree-all-hint";

pub fn view(machine: Machine, request: &ConsentRequest, texts: &'static Texts) -> Option<Element> {
    let shown = |asking: &Asking| asking.answers.agree_all(&asking.request);
    if machine.page.with_untracked(|page| page.asking().map(shown)) == Some(Shown::Absent) {
        return None;
    }
    let (label, hint) = match request.agree_all {
        AgreeAllPolicy::RequiredOnly => (texts.agree_all_required, texts.agree_all_required_hint),
        AgreeAllPolicy::Everything => (texts.agree_all_everything, texts.agree_all_everything_hint),
    };
    let required_only = (request.agree_all == AgreeAllPolicy::Everything).then(|| {
        press(Look::Secondary, form::REQUIRED_ONLY, move || {
            machine.send(Event::RequiredOnlyPressed)
        })
        .text(texts.required_only)
    });
    let checkbox = Checkbox {
        id: ID.to_owned(),
        checked: follow(machine.asks(move |asking| shown(asking) == Shown::On)),
        mixed: Some(follow(machine.asks(move |asking| shown(asking) == Shown::Mixed))),
        described_by: HINT_ID.to_owned(),
    };
    let words = el("div")
        .child(el("label").class("agree-all__label").attr("for", ID).text(label))
        .child(el("p").class("agree-all__hint").id(HINT_ID).text(hint));
    let all = div("agree-all__box")
        .child(
            checkbox
                .element(move |_| machine.send(Event::AgreeAllPressed))
                .on_built(move |element| machine.drew(FormField::AgreeAll, element))
                .form_attr("name", field::AGREE_ALL),
        )
        .child(words);
    Some(div("agree-all").child(all).child(required_only))
}

fn follow(truth: Memo<bool>) -> LiveTruth {
    Arc::new(move || truth.get())
}
