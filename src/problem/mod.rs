//! One page for every problem, with the recovery action that there is.

mod close_button;

use consent_contract::{self as contract, form::field, problem::Code};
use leptos::prelude::*;

use close_button::CloseButton;

use crate::{
    api::RetryReason,
    components::{Button, LinkButton, PageHeading, Variant},
    consent::{
        consent_form::ConsentForm,
        ids::CANCEL_BUTTON,
        state::{Event, State, Stop},
    },
    i18n::{ProblemText, Recovery, Texts},
};

/// The age limit of a backend that does not send the service's own.
const DEFAULT_AGE: u8 = 14;

/// The text of the page, by what stopped it.
#[must_use]
pub fn text(texts: &Texts, stop: &Stop) -> ProblemText {
    let (heading, body) = match stop {
        Stop::Problem { code, .. } => return texts.problem(*code),
        Stop::Unreadable => (texts.unreadable_heading, texts.unreadable_body),
        Stop::BadTarget => (texts.bad_target_heading, texts.bad_target_body),
        Stop::Unreachable(reason) => {
            let heading = match reason {
                RetryReason::Offline => texts.unreachable_heading,
                RetryReason::Timeout | RetryReason::Busy(_) | RetryReason::ServerError => {
                    texts.unavailable_heading
                }
            };
            (heading, texts.retry_reason(*reason))
        }
    };
    ProblemText { heading, body, recovery: Recovery::RetryOrCancel }
}

/// The age, for the text that depends on it.
fn age(stop: &Stop) -> Option<u8> {
    match stop {
        Stop::Problem { code: Code::UnderAge, min_age, .. } => Some(min_age.unwrap_or(DEFAULT_AGE)),
        _ => None,
    }
}

/// The page.
#[component]
pub fn ProblemPage() -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let stop = form.page.with_untracked(|page| match &page.state {
        State::Stopped(stop) => Some(stop.clone()),
        State::Loading { .. } | State::Form(_) | State::Leaving(_) => None,
    })?;
    let texts = form.texts();
    let ProblemText { heading, body, recovery } = text(texts, &stop);
    let body = match age(&stop) {
        Some(age) => texts.count(body, age.into()),
        None => body.to_owned(),
    };
    Some(
        view! {
            <div class="problem">
                <span class="problem__sign" aria-hidden="true">"!"</span>
                <PageHeading>{heading}</PageHeading>
                <p class="lead">{body}</p>
                <div class="problem__ways"><RecoveryActions recovery stop/></div>
            </div>
        }
        .into_any(),
    )
}

#[component]
fn RecoveryActions(recovery: Recovery, stop: Stop) -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let texts = form.texts();
    let (restart_url, redirect_to) = match stop {
        Stop::Problem { restart_url, redirect_to, .. } => (restart_url, redirect_to),
        Stop::Unreadable | Stop::BadTarget | Stop::Unreachable(_) => (None, None),
    };
    let link = match recovery {
        Recovery::RetryOrCancel => {
            let retry = Callback::new(move |()| form.dispatch(Event::RetryClicked));
            return view! {
                <Button variant=Variant::Primary on_click=retry>{texts.retry}</Button>
                <CancelForm/>
            }
            .into_any();
        }
        Recovery::None => None,
        Recovery::Restart => restart_url.map(|url| (texts.restart, url)),
        Recovery::Continue => redirect_to.map(|url| (texts.go_on, url)),
        Recovery::Back => redirect_to.map(|url| (texts.back_to_service, url)),
    };
    match link {
        Some((label, href)) => {
            view! { <LinkButton variant=Variant::Primary href>{label}</LinkButton> }.into_any()
        }
        // Without a verified address there is nowhere to send the user.
        None => view! {
            <p>{texts.may_close}</p>
            <CloseButton/>
        }
        .into_any(),
    }
}

/// Cancels by a form that the browser submits: it works even when the request could not be read,
/// because it needs none of it.
#[component]
pub fn CancelForm() -> impl IntoView {
    let form = expect_context::<ConsentForm>();
    let challenge = form.challenge()?;
    Some(
        view! {
            <form class="cancel" method="post" action=contract::decision_path(&challenge)>
                <button
                    id=CANCEL_BUTTON
                    class=Variant::Secondary.class()
                    name=field::DECISION
                    value=contract::form::CANCEL
                >
                    {form.texts().cancel}
                </button>
            </form>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{self, Locale};

    /// The next reason, from the first to the last: a new one does not compile until it is listed.
    fn next(reason: RetryReason) -> Option<RetryReason> {
        match reason {
            RetryReason::Offline => Some(RetryReason::Timeout),
            RetryReason::Timeout => Some(RetryReason::Busy(None)),
            RetryReason::Busy(None) => Some(RetryReason::Busy(Some(7))),
            RetryReason::Busy(Some(_)) => Some(RetryReason::ServerError),
            RetryReason::ServerError => None,
        }
    }

    #[test]
    fn only_a_lost_connection_is_headed_no_connection() {
        let reasons: Vec<_> =
            std::iter::successors(Some(RetryReason::Offline), |reason| next(*reason)).collect();
        assert_eq!(reasons.len(), 5);
        for locale in Locale::all() {
            let texts = i18n::texts(locale);
            for reason in &reasons {
                let page = text(texts, &Stop::Unreachable(*reason));
                let heading = if *reason == RetryReason::Offline {
                    texts.unreachable_heading
                } else {
                    texts.unavailable_heading
                };
                assert_eq!(page.heading, heading, "{locale:?} {reason:?}");
                assert_eq!(page.body, texts.retry_reason(*reason), "{locale:?} {reason:?}");
                assert_eq!(page.recovery, Recovery::RetryOrCancel, "{locale:?} {reason:?}");
            }
        }
    }
}
