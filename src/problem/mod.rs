//! One page for everything that can go wrong, with the way out that there is.

use consent_contract::{self as contract, form::field};
use leptos::prelude::WithUntracked;

use crate::{
    components::{Element, Look, button, div, el, page_heading},
    consent::{
        CANCEL_BUTTON, Machine,
        state::{Event, State, Stop},
        why,
    },
    i18n::{self, Locale, Texts, Way, Words},
};

/// What the page says, by what stopped it.
#[must_use]
pub fn words(texts: &Texts, stop: &Stop) -> Words {
    match stop {
        Stop::Problem { code, .. } => texts.problem(*code),
        Stop::Unreadable => Words {
            heading: texts.unreadable_heading,
            body: texts.unreadable_body,
            way: Way::RetryOrCancel,
        },
        Stop::BadTarget => Words {
            heading: texts.bad_target_heading,
            body: texts.bad_target_body,
            way: Way::RetryOrCancel,
        },
        Stop::OutOfReach(again) => Words {
            heading: texts.out_of_reach_heading,
            body: why(texts, *again),
            way: Way::RetryOrCancel,
        },
    }
}

/// The page.
pub fn view(machine: Machine, locale: Locale) -> Option<Element> {
    let stop = machine.page.with_untracked(|page| match &page.state {
        State::Stopped(stop) => Some(stop.clone()),
        _ => None,
    })?;
    let texts = i18n::texts(locale);
    let Words { heading, body, way } = words(texts, &stop);
    let sign = el("span").class("problem__sign").attr("aria-hidden", "true").text("!");
    let page = div("problem")
        .child(sign)
        .child(page_heading().text(heading))
        .child(el("p").class("lead").text(body))
        .child(ways(machine, texts, way, stop));
    Some(page)
}

fn ways(machine: Machine, texts: &'static Texts, way: Way, stop: Stop) -> Element {
    let ways = div("problem__ways");
    let (restart_url, redirect_to) = match stop {
        Stop::Problem { restart_url, redirect_to, .. } => (restart_url, redirect_to),
        _ => (None, None),
    };
    let link = match way {
        Way::RetryOrCancel => {
            let retry = button(Look::Primary, move || machine.send(Event::RetryPressed));
            return ways.child(retry.text(texts.retry)).child(cancel(machine, texts));
        }
        Way::None => None,
        Way::Restart => restart_url.map(|url| (texts.restart, url)),
        Way::GoOn => redirect_to.map(|url| (texts.go_on, url)),
        Way::Back => redirect_to.map(|url| (texts.back_to_service, url)),
    };
    match link {
        Some((label, url)) => ways.child(Look::Primary.link(&url).text(label)),
        // Without an address that was verified there is nowhere to send the person to.
        None => ways.child(el("p").text(texts.may_close)),
    }
}

/// Cancelling as a form that the browser sends by itself: it works when the request could not be
/// read, because it needs nothing of it.
pub fn cancel(machine: Machine, texts: &'static Texts) -> Option<Element> {
    let challenge = machine.challenge()?;
    let button = el("button")
        .id(CANCEL_BUTTON)
        .class(Look::Secondary.class())
        .attr("name", field::DECISION)
        .attr("value", contract::form::CANCEL)
        .text(texts.cancel);
    let form = el("form")
        .class("cancel")
        .attr("method", "post")
        .attr("action", &contract::decision_path(&challenge));
    Some(form.child(button))
}
