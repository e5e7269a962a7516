//! `GET /mailbox`: the mails that the shop "sent", only with `demo_mailbox = true`.

use maud::{Markup, html};

use super::behind::Behind;
use super::{Frame, frame};
use crate::faq::Question;
use crate::texts::date;

pub struct View {
    /// Newest first.
    pub mails: Vec<Mail>,
}

pub struct Mail {
    pub to: String,
    pub code: String,
    /// Date and time, `2026-11-27 18:20`.
    pub sent_at: String,
}

#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let content = html! {
        div.narrow {
            p.kicker { (texts.get("mailbox.kicker")) }
            h1 { (texts.get("mailbox.title")) }
            p.lead { (texts.get("mailbox.lead")) }
            @if view.mails.is_empty() {
                div.nothing { p { (texts.get("mailbox.empty")) } }
            } @else {
                ul.mails {
                    @for mail in &view.mails {
                        li {
                            p.mail-head {
                                span translate="no" { (mail.to) }
                                span { (date(frame.language, &mail.sent_at)) }
                            }
                            b { (texts.get("mailbox.subject")) }
                            p.mail-code translate="no" { (mail.code) }
                            p.hint { (texts.get("mailbox.body")) }
                        }
                    }
                }
                div.actions {
                    a.button.main href="/join" { (texts.get("mailbox.to_join")) }
                }
            }
        }
    };
    let behind = Behind::of(&[Question::ExistingMember], &["prove_member"]);
    frame::document(frame, texts.get("mailbox.title"), &behind, content)
}
