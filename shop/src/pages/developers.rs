//! `GET /developers`: why no screen appears for the current member, from the API; and why the
//! sign-up page keeps appearing.

use maud::{Markup, html};

use super::behind::Behind;
use super::form::{self, Ghost};
use super::{Frame, MemberRow, frame, icons, member_row};
use crate::faq::Question;

pub struct View {
    /// No one has signed in at the provider: only the explanation is shown.
    pub checked: Option<Checked>,
    /// The provider did not answer.
    pub unavailable: bool,
}

/// What the API answered for the account that signed in last in this browser session.
pub struct Checked {
    pub user_id: String,
    pub reasons: Vec<Reason>,
    pub row: Option<MemberRow>,
}

/// One reason why the consent screen, or a part of it, does not appear.
pub struct Reason {
    pub kind: ReasonKind,
    /// It holds for this member; `None`: the API does not report it.
    pub holds: Option<bool>,
    /// What the API answered, `agreed: true, agreed_at: 2026-…`. Not translated.
    pub evidence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind {
    /// Every term and item was agreed to before: nothing is left to ask.
    EverythingAgreed,
    /// The member joined by plain login, and was not asked for terms yet: the screen appears once.
    NotAskedYet,
    /// The channel was added before.
    ChannelAdded,
    /// The channel is blocked.
    ChannelBlocked,
    /// The account is not registered with the messenger, so the channel is not offered.
    NoMessenger,
    /// An item has no value in the account.
    ItemWithoutValue,
    /// The sign-in was silent (`prompt=none`).
    Silent,
    /// The account belongs to the team of a test app.
    TestApp,
}

impl ReasonKind {
    pub const ALL: [ReasonKind; 8] = [
        ReasonKind::EverythingAgreed,
        ReasonKind::NotAskedYet,
        ReasonKind::ChannelAdded,
        ReasonKind::ChannelBlocked,
        ReasonKind::NoMessenger,
        ReasonKind::ItemWithoutValue,
        ReasonKind::Silent,
        ReasonKind::TestApp,
    ];

    fn as_str(self) -> &'static str {
        match self {
            ReasonKind::EverythingAgreed => "everything_agreed",
            ReasonKind::NotAskedYet => "not_asked_yet",
            ReasonKind::ChannelAdded => "channel_added",
            ReasonKind::ChannelBlocked => "channel_blocked",
            ReasonKind::NoMessenger => "no_messenger",
            ReasonKind::ItemWithoutValue => "item_without_value",
            ReasonKind::Silent => "silent",
            ReasonKind::TestApp => "test_app",
        }
    }
}

#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let content = html! {
        div.narrow {
            p.kicker { (texts.get("developers.kicker")) }
            h1 { (texts.get("developers.title")) }
            p.lead { (texts.get("developers.lead")) }
            @if view.unavailable {
                p.field-error role="status" { (icons::alert()) span { (texts.get("developers.unavailable")) } }
            }
            section.panel {
                h2 { (texts.get("developers.screen")) }
                @match &view.checked {
                    None => {
                        p { (texts.get("developers.signed_out")) }
                        ul.reasons {
                            @for kind in ReasonKind::ALL {
                                li { (reason_words(frame, kind)) }
                            }
                        }
                        a.button.main href="/sign-in" { (texts.get("developers.sign_in")) }
                    },
                    Some(checked) => {
                        p {
                            (texts.get("developers.checked")) " "
                            code translate="no" { (checked.user_id) }
                        }
                        ul.reasons {
                            @for reason in &checked.reasons {
                                li { (checked_reason(frame, reason)) }
                            }
                        }
                    },
                }
            }
            @if let Some(checked) = &view.checked {
                (row(frame, checked))
            }
        }
    };
    let behind = Behind::of(
        &[Question::NoScreen, Question::KeepsAppearing],
        &["explain_screen", "callback"],
    );
    frame::document(frame, texts.get("developers.title"), &behind, content)
}

fn reason_words(frame: &Frame, kind: ReasonKind) -> Markup {
    let texts = frame.texts();
    let name = kind.as_str();
    html! {
        b { (texts.get(&format!("reason.{name}"))) }
        p { (texts.get(&format!("reason.{name}_why"))) }
    }
}

fn checked_reason(frame: &Frame, reason: &Reason) -> Markup {
    let texts = frame.texts();
    let (class, key) = match reason.holds {
        Some(true) => ("state holds", "developers.holds"),
        Some(false) => ("state", "developers.does_not_hold"),
        None => ("state unknown", "developers.unknown"),
    };
    html! {
        span class=(class) { (texts.get(key)) }
        (reason_words(frame, reason.kind))
        @if !reason.evidence.is_empty() {
            p.evidence translate="no" { code { (reason.evidence) } }
        }
    }
}

/// The member row of the account, or that it is missing, with the way to make and to fix that.
fn row(frame: &Frame, checked: &Checked) -> Markup {
    let texts = frame.texts();
    html! {
        section.panel {
            h2 { (texts.get("developers.row")) }
            @match &checked.row {
                Some(row) => {
                    p { (texts.get("developers.row_there")) }
                    (member_row::list(frame, row))
                    // Only a demonstration makes the mistake on purpose.
                    @if frame.mailbox {
                        p.forget-why { (texts.get("developers.forget_why")) }
                        (form::post_inline(frame, "/developers/forget", texts.get("developers.forget"), Ghost::Outline))
                    }
                },
                None => {
                    p.field-error { (icons::alert()) span { (texts.get("developers.row_missing")) } }
                    p { (texts.get("developers.row_missing_why")) }
                    // A sign-in makes the row as well.
                    @if frame.mailbox {
                        (form::post_inline(frame, "/developers/repair", texts.get("developers.repair"), Ghost::Outline))
                    } @else {
                        a.button.outline href="/sign-in" { (texts.get("developers.sign_in")) }
                    }
                },
            }
        }
    }
}
