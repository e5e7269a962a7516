//! `GET /join`: the pending sign-up. Either "is this you?", or what is missing.

use maud::{Markup, html};

use super::behind::Behind;
use super::form::{self, FieldView, Ghost, Input};
use super::{Frame, frame, icons};
use crate::faq::Question;
use crate::texts::date;

pub enum View {
    IsThisYou(IsThisYou),
    Missing(Missing),
}

/// A member of before has the verified email address or phone number of this sign-up.
pub struct IsThisYou {
    /// Masked by the handler: `김*나`.
    pub name: String,
    /// Masked: `ha***@example.com`. Where the code is sent.
    pub email: Option<String>,
    pub matched_by: MatchedBy,
    /// Date, `2021-03-02`.
    pub joined_on: String,
    pub has_password: bool,
    pub password_error: Option<PasswordError>,
    pub code: Code,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    Email,
    Phone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordError {
    Wrong,
    /// Too many wrong passwords: the code remains.
    TooMany,
}

/// The emailed code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// No address to send it to: the member of before has no email address.
    Unavailable,
    NotSent,
    Sent {
        tries_left: u32,
        error: Option<CodeError>,
    },
    /// Five wrong codes, or ten minutes: a new code can be sent.
    Spent {
        reason: Spent,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeError {
    Wrong,
    /// Not 6 digits.
    Malformed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    Tries,
    Time,
}

/// The shop requires values that the account lacks or the visitor did not agree to give.
pub struct Missing {
    pub fields: Vec<FieldView>,
    /// The visitor refused a required item at the provider; else the account has no value.
    pub refused: bool,
}

/// Status 200, or 422 where a field, a password or a code has an error.
#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    match view {
        View::IsThisYou(view) => is_this_you(frame, view),
        View::Missing(view) => missing(frame, view),
    }
}

fn is_this_you(frame: &Frame, view: &IsThisYou) -> Markup {
    let texts = frame.texts();
    let has_error = view.password_error.is_some()
        || matches!(view.code, Code::Sent { error: Some(_), .. } | Code::Spent { .. });
    let lead = texts.get(match view.matched_by {
        MatchedBy::Email => "join.you_lead_email",
        MatchedBy::Phone => "join.you_lead_phone",
    });
    let content = html! {
        div.narrow {
            p.kicker { (texts.get("join.step")) }
            h1 { (texts.get("join.you_title")) }
            p.lead { (lead) }
            div.person-card {
                span.person-mark aria-hidden="true" { (icons::person()) }
                dl.person-words {
                    div { dt { (texts.get("field.name")) } dd { (view.name) } }
                    @if let Some(email) = &view.email {
                        div { dt { (texts.get("field.email")) } dd translate="no" { (email) } }
                    }
                    div { dt { (texts.get("join.joined")) } dd { (date(frame.language, &view.joined_on)) } }
                }
            }
            @if view.has_password {
                (password(frame, view))
            }
            (code(frame, view))
            section.choice {
                h2 { (texts.get("join.not_me_title")) }
                p { (texts.get("join.not_me_why")) }
                (form::post_inline(frame, "/join/new", texts.get("join.not_me_go"), Ghost::Outline))
            }
            (stop(frame))
        }
    };
    let behind = Behind::of(&[Question::ExistingMember], &["recognise_member", "prove_member"]);
    let title = form::title(texts, texts.get("join.you_title"), has_error);
    frame::document(frame, &title, &behind, content)
}

fn password(frame: &Frame, view: &IsThisYou) -> Markup {
    let texts = frame.texts();
    let error = view.password_error.map(|error| {
        texts.get(match error {
            PasswordError::Wrong => "join.password_wrong",
            PasswordError::TooMany => "join.password_too_many",
        })
    });
    html! {
        section.choice {
            h2 { (texts.get("join.password_title")) }
            @if view.password_error == Some(PasswordError::TooMany) {
                p.field-error role="alert" { (icons::alert()) span { (error.unwrap_or_default()) } }
            } @else {
                form method="post" action="/join/password" novalidate {
                    (form::csrf(frame))
                    (form::input(&Input {
                        name: "password",
                        label: texts.get("join.password"),
                        hint: None,
                        error,
                        error_word: texts.get("field.error"),
                        input_type: "password",
                        autocomplete: "current-password",
                        inputmode: None,
                        value: "",
                        maxlength: None,
                    }))
                    button.button.main { (texts.get("join.password_go")) }
                }
            }
        }
    }
}

fn code(frame: &Frame, view: &IsThisYou) -> Markup {
    let texts = frame.texts();
    let email = view.email.as_deref().unwrap_or_default();
    let send = |label| form::post_inline(frame, "/join/code/send", label, Ghost::Outline);
    html! {
        section.choice {
            h2 { (texts.get("join.code_title")) }
            @match view.code {
                Code::Unavailable => {
                    p { (texts.get("join.code_unavailable")) }
                },
                Code::NotSent => {
                    p { (texts.fill("join.code_why", &[("email", email)])) }
                    (send(texts.get("join.code_send")))
                },
                Code::Spent { reason } => {
                    p.field-error role="alert" {
                        (icons::alert())
                        span {
                            (texts.get(match reason {
                                Spent::Tries => "join.code_spent_tries",
                                Spent::Time => "join.code_spent_time",
                            }))
                        }
                    }
                    (send(texts.get("join.code_send_again")))
                },
                Code::Sent { tries_left, error } => {
                    p { (texts.fill("join.code_sent", &[("email", email)])) }
                    @if frame.mailbox {
                        p { a.quiet-link href="/mailbox" { (texts.get("join.to_mailbox")) } }
                    }
                    (code_form(frame, tries_left, error))
                    (send(texts.get("join.code_send_again")))
                },
            }
        }
    }
}

fn code_form(frame: &Frame, tries_left: u32, error: Option<CodeError>) -> Markup {
    let texts = frame.texts();
    let tries = tries_left.to_string();
    let error = error.map(|error| match error {
        CodeError::Wrong => texts.fill("join.code_wrong", &[("tries", &tries)]),
        CodeError::Malformed => texts.get("join.code_malformed").to_owned(),
    });
    html! {
        form method="post" action="/join/code" novalidate {
            (form::csrf(frame))
            (form::input(&Input {
                name: "code",
                label: texts.get("join.code"),
                hint: Some(texts.get("join.code_hint")),
                error: error.as_deref(),
                error_word: texts.get("field.error"),
                input_type: "text",
                autocomplete: "one-time-code",
                inputmode: Some("numeric"),
                value: "",
                maxlength: Some("12"),
            }))
            button.button.main { (texts.get("join.code_go")) }
        }
    }
}

fn missing(frame: &Frame, view: &Missing) -> Markup {
    let texts = frame.texts();
    let has_error = view.fields.iter().any(|field| field.error.is_some());
    let lead = texts.get(if view.refused { "join.missing_refused" } else { "join.missing_absent" });
    let content = html! {
        div.narrow {
            p.kicker { (texts.get("join.step")) }
            h1 { (texts.get("join.missing_title")) }
            p.lead { (lead) }
            section.choice.first {
                form method="post" action="/join/missing" novalidate {
                    (form::csrf(frame))
                    @for field in &view.fields {
                        (form::field(frame, field))
                    }
                    button.button.main { (texts.get("join.missing_go")) }
                }
            }
            (stop(frame))
        }
    };
    let behind = Behind::of(&[Question::RequiredMissing], &["collect_missing"]);
    let title = form::title(texts, texts.get("join.missing_title"), has_error);
    frame::document(frame, &title, &behind, content)
}

fn stop(frame: &Frame) -> Markup {
    let texts = frame.texts();
    html! {
        div.stop {
            p.hint { (texts.get("join.stop_why")) }
            (form::post_inline(frame, "/join/stop", texts.get("join.stop"), Ghost::Link))
        }
    }
}
