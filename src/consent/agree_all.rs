//! Agree to all: says what it covers, shows mixed as mixed, and never submits.

use consent_contract::{
    agree_all::Shown,
    request::{AgreeAllPolicy, ConsentRequest},
};
use leptos::prelude::*;

use super::{Machine, state::Event};
use crate::{
    components::{Button, Checkbox, Look},
    i18n::Texts,
};

const ID: &str = "agree-all";
const HINT_ID: &str = "agree-all-hint";

pub fn view(
    machine: Machine,
    request: &ConsentRequest,
    texts: &'static Texts,
) -> impl IntoView + use<> {
    let shown = Memo::new(move |_| {
        machine.page.with(|page| {
            page.asking().map_or(Shown::Absent, |asking| asking.answers.agree_all(&asking.request))
        })
    });
    let (label, hint) = match request.agree_all {
        AgreeAllPolicy::RequiredOnly => (texts.agree_all_required, texts.agree_all_required_hint),
        AgreeAllPolicy::Everything => (texts.agree_all_everything, texts.agree_all_everything_hint),
    };
    let required_only = (request.agree_all == AgreeAllPolicy::Everything).then(|| {
        let press = Callback::new(move |()| machine.send(Event::RequiredOnlyPressed));
        view! { <Button look=Look::Secondary on_press=press>{texts.required_only}</Button> }
    });
    let on_change = Callback::new(move |_| machine.send(Event::AgreeAllPressed));
    (shown.get_untracked() != Shown::Absent).then(|| {
        view! {
            <div class="agree-all">
                <div class="agree-all__box">
                    <Checkbox
                        id=ID.to_owned()
                        checked=Signal::derive(move || shown.get() == Shown::On)
                        mixed=Signal::derive(move || shown.get() == Shown::Mixed)
                        described_by=HINT_ID.to_owned()
                        on_change
                    />
                    <div>
                        <label class="agree-all__label" for=ID>{label}</label>
                        <p class="agree-all__hint" id=HINT_ID>{hint}</p>
                    </div>
                </div>
                {required_only}
            </div>
        }
    })
}
