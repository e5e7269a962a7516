//! Before there is anything to ask, and after there was nothing to ask.

use leptos::prelude::Get;

use super::{
    Machine,
    actions::waiting,
    retry::Attempt,
    state::{Event, Page, State},
};
use crate::{
    components::{Element, Look, button, div, el, live, page_heading},
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
    let troubled = |page: &Page| match &page.state {
        State::Loading { attempt, .. } if *attempt != Attempt::first() => Some(attempt.clone()),
        _ => None,
    };
    let words = machine.words(move |page| {
        troubled(page).map(|attempt| waiting(texts, &attempt)).unwrap_or_default()
    });
    let there =
        machine.words(move |page| troubled(page).map(|_| "there".to_owned()).unwrap_or_default());
    // It stays while the text counts and while it is tried once more: a button that is replaced
    // loses the focus.
    let trouble = live(move || {
        let there = !there.get().is_empty();
        there.then(|| {
            let retry = button(Look::Quiet, move || machine.send(Event::RetryPressed));
            div("loading__trouble")
                .child(el("p").live_text(move || words.get()))
                .child(retry.text(texts.retry_now))
        })
    });
    let heading = page_heading().child(el("span").class("visually-hidden").text(texts.loading));
    let skeleton = div("skeleton").attr("aria-hidden", "true");
    let cancel =
        div("actions__buttons actions__buttons--one").child(problem::cancel(machine, texts));
    div("loading")
        .child(heading)
        .child(skeleton.children(BARS.map(|bar| el("span").class(bar).view())))
        .child(trouble)
        .child(div("actions").child(cancel))
}

/// On the way to the service.
pub fn leaving(machine: Machine, locale: Locale) -> Element {
    let texts = i18n::texts(locale);
    let stuck_at = machine.words(|page| match &page.state {
        State::Leaving(leaving) if leaving.stuck => leaving.to.clone(),
        _ => String::new(),
    });
    let go_on = live(move || {
        let to = stuck_at.get();
        let stuck = !to.is_empty();
        stuck.then(|| {
            div("problem__ways")
                .child(el("p").text(texts.leaving_stuck))
                .child(Look::Primary.link(&to).text(texts.go_on))
        })
    });
    div("problem").child(page_heading().text(texts.leaving)).child(go_on)
}
