//! One page for everything that can go wrong, with the way out that there is.

use consent_contract::{self as contract, form::field};
use leptos::prelude::*;

use crate::{
    components::{Button, Look, PageHeading},
    consent::{
        Machine,
        state::{Event, Stop},
        why,
    },
    i18n::{Locale, Texts, Way, Words},
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
#[component]
pub fn ProblemPage(machine: Machine, locale: Locale, stop: Stop) -> impl IntoView {
    let texts = locale.texts();
    let Words { heading, body, way } = words(texts, &stop);
    view! {
        <div class="problem">
            <span class="problem__sign" aria-hidden="true">"!"</span>
            <PageHeading>{heading}</PageHeading>
            <p class="lead">{body}</p>
            <div class="problem__ways">{way_out(machine, texts, way, stop)}</div>
        </div>
    }
}

fn way_out(machine: Machine, texts: &'static Texts, way: Way, stop: Stop) -> AnyView {
    let (restart_url, redirect_to) = match stop {
        Stop::Problem { restart_url, redirect_to, .. } => (restart_url, redirect_to),
        _ => (None, None),
    };
    let link = |label: &'static str, url: Option<String>| {
        url.map(|url| view! { <a class=Look::Primary.class() href=url>{label}</a> }.into_any())
    };
    let way_out = match way {
        Way::None => None,
        Way::Restart => link(texts.restart, restart_url),
        Way::GoOn => link(texts.go_on, redirect_to),
        Way::Back => link(texts.back_to_service, redirect_to),
        Way::RetryOrCancel => {
            let retry = Callback::new(move |()| machine.send(Event::RetryPressed));
            Some(
                view! {
                    <Button look=Look::Primary on_press=retry>{texts.retry}</Button>
                    <CancelForm machine texts/>
                }
                .into_any(),
            )
        }
    };
    // Without an address that was verified there is nowhere to send the person to.
    way_out.unwrap_or_else(|| view! { <p>{texts.may_close}</p> }.into_any())
}

/// Cancelling as a form that the browser sends by itself: it works when the request could not be
/// read, because it needs nothing of it.
#[component]
pub fn CancelForm(machine: Machine, texts: &'static Texts) -> impl IntoView {
    machine.challenge().map(|challenge| {
        view! {
            <form class="cancel" method="post" action=contract::decision_path(&challenge)>
                <button
                    class=Look::Secondary.class()
                    name=field::DECISION
                    value=contract::form::CANCEL
                >
                    {texts.cancel}
                </button>
            </form>
        }
    })
}
