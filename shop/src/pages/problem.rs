//! One page for everything that can go wrong. It explains what happened and what to do.

use maud::{Markup, html};

use super::behind::Behind;
use super::form;
use super::{Frame, Way, frame};
use crate::faq::Question;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No connection to the provider, or a 5xx.
    ProviderDown,
    /// No answer within the time limit.
    ProviderSlow,
    /// An answer that the protocol does not allow: bad JSON, a bad signature, a wrong nonce.
    ProviderNonsense,
    /// The provider refused the code (`invalid_grant`, KOE320).
    CodeRefused,
    /// The visitor pressed cancel on the consent screen (`access_denied`).
    Cancelled,
    /// The provider refused this account: age, a test app's team, and so on.
    NotAllowed,
    /// The callback came without this browser's cookie.
    SessionLost,
    /// The callback's `state` is unknown, used before, or expired: back, reload, an old tab.
    AttemptOver,
    /// The callback lacks `state` or `code`.
    BadCallback,
    /// The pending sign-up ended: stopped, expired, or finished in another tab.
    PendingOver,
    /// The member of before is linked to another account by now.
    AlreadyLinked,
    /// A member went to the provider for a step of theirs, and another account came back.
    AnotherAccount,
    /// The CSRF token does not fit: the page is too old, or the form came from elsewhere.
    FormExpired,
    /// The basket is empty.
    NothingToOrder,
    DatabaseBusy,
    NotFound,
    MethodNotAllowed,
    /// A form that cannot be read.
    BadForm,
    TooManyRequests,
    Internal,
}

pub struct View {
    pub problem: Problem,
    /// Offers to start again this way.
    pub retry: Option<Retry>,
    /// The number under which the log has the cause.
    pub reference: Option<String>,
    /// The provider's own error code, `KOE320`. Not translated.
    pub code: Option<String>,
}

/// A fresh start of a sign-in (`POST /sign-in/start`).
pub struct Retry {
    pub way: Way,
    pub return_to: Option<String>,
}

impl Problem {
    pub const ALL: [Problem; 20] = [
        Problem::ProviderDown,
        Problem::ProviderSlow,
        Problem::ProviderNonsense,
        Problem::CodeRefused,
        Problem::Cancelled,
        Problem::NotAllowed,
        Problem::SessionLost,
        Problem::AttemptOver,
        Problem::BadCallback,
        Problem::PendingOver,
        Problem::AlreadyLinked,
        Problem::AnotherAccount,
        Problem::FormExpired,
        Problem::NothingToOrder,
        Problem::DatabaseBusy,
        Problem::NotFound,
        Problem::MethodNotAllowed,
        Problem::BadForm,
        Problem::TooManyRequests,
        Problem::Internal,
    ];

    /// The end of its texts' keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Problem::ProviderDown => "provider_down",
            Problem::ProviderSlow => "provider_slow",
            Problem::ProviderNonsense => "provider_nonsense",
            Problem::CodeRefused => "code_refused",
            Problem::Cancelled => "cancelled",
            Problem::NotAllowed => "not_allowed",
            Problem::SessionLost => "session_lost",
            Problem::AttemptOver => "attempt_over",
            Problem::BadCallback => "bad_callback",
            Problem::PendingOver => "pending_over",
            Problem::AlreadyLinked => "already_linked",
            Problem::AnotherAccount => "another_account",
            Problem::FormExpired => "form_expired",
            Problem::NothingToOrder => "nothing_to_order",
            Problem::DatabaseBusy => "database_busy",
            Problem::NotFound => "not_found",
            Problem::MethodNotAllowed => "method_not_allowed",
            Problem::BadForm => "bad_form",
            Problem::TooManyRequests => "too_many_requests",
            Problem::Internal => "internal",
        }
    }

    /// A sign-in that did not end leads back to both buttons, everything else to the goods.
    fn way_out(self) -> &'static str {
        if self.is_of_sign_in() { "/sign-in" } else { "/" }
    }

    fn way_out_name(self) -> &'static str {
        if self.is_of_sign_in() { "sign_in" } else { "goods" }
    }

    fn is_of_sign_in(self) -> bool {
        matches!(
            self,
            Problem::CodeRefused
                | Problem::SessionLost
                | Problem::AttemptOver
                | Problem::BadCallback
                | Problem::PendingOver
                | Problem::AlreadyLinked
        )
    }

    fn question(self) -> Question {
        match self {
            Problem::AlreadyLinked => Question::ExistingMember,
            Problem::PendingOver | Problem::Cancelled => Question::RequiredMissing,
            Problem::NotAllowed => Question::TestApp,
            Problem::CodeRefused | Problem::SessionLost | Problem::AttemptOver => {
                Question::KeepsAppearing
            }
            _ => Question::SignUpOrLogin,
        }
    }

    fn samples(self) -> &'static [&'static str] {
        match self {
            Problem::NotFound
            | Problem::MethodNotAllowed
            | Problem::BadForm
            | Problem::NothingToOrder
            | Problem::TooManyRequests => &[],
            _ => &["callback"],
        }
    }

    /// The HTTP status of the page.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Problem::ProviderDown | Problem::ProviderNonsense => 502,
            Problem::ProviderSlow => 504,
            Problem::DatabaseBusy => 503,
            Problem::CodeRefused
            | Problem::SessionLost
            | Problem::AttemptOver
            | Problem::BadCallback
            | Problem::BadForm => 400,
            Problem::Cancelled => 200,
            Problem::NotAllowed | Problem::FormExpired => 403,
            Problem::NotFound => 404,
            Problem::MethodNotAllowed => 405,
            Problem::AlreadyLinked
            | Problem::AnotherAccount
            | Problem::PendingOver
            | Problem::NothingToOrder => 409,
            Problem::TooManyRequests => 429,
            Problem::Internal => 500,
        }
    }
}

#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let name = view.problem.as_str();
    let key = format!("problem.{name}");
    let title = texts.get(&key);
    let content = html! {
        div.narrow.problem {
            h1 { (title) }
            p.lead { (texts.get(&format!("problem.{name}_why"))) }
            p.todo { (texts.get(&format!("problem.{name}_do"))) }
            div.actions {
                @if let Some(retry) = &view.retry {
                    (form::start_button(frame, retry.way, retry.return_to.as_deref(), texts.get("problem.retry"), true))
                }
                a.button.outline href=(view.problem.way_out()) { (texts.get(&format!("problem.to_{}", view.problem.way_out_name()))) }
            }
            @if view.reference.is_some() || view.code.is_some() {
                dl.facts {
                    @if let Some(code) = &view.code {
                        div { dt { (texts.get("problem.code")) } dd translate="no" { (code) } }
                    }
                    @if let Some(reference) = &view.reference {
                        div { dt { (texts.get("problem.reference")) } dd translate="no" { (reference) } }
                    }
                }
            }
        }
    };
    let behind = Behind::of(&[view.problem.question()], view.problem.samples());
    frame::document(frame, title, &behind, content)
}
