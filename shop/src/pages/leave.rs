//! `GET /leave`: what leaving does, before it is done; `POST /leave`: that it is done.

use maud::{Markup, html};

use super::behind::Behind;
use super::{Frame, form, frame, icons};
use crate::faq::Question;

pub struct View {
    /// Orders that the law keeps, without the person.
    pub orders: u32,
    /// The member has added the channel: messages continue until it is blocked.
    pub channel_added: bool,
    pub account_url: Option<String>,
}

pub struct Done {
    /// The provider was down: the unlink is retried.
    pub unlink_later: bool,
    pub channel_added: bool,
}

#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let content = html! {
        div.narrow {
            h1 { (texts.get("leave.title")) }
            p.lead { (texts.get("leave.lead")) }
            section.panel {
                h2 { (texts.get("leave.what")) }
                ul.points {
                    li { (texts.get("leave.erased")) }
                    li { (texts.get("leave.unlinked")) }
                    @if view.orders > 0 {
                        li { (texts.fill("leave.orders", &[("count", &view.orders.to_string())])) }
                    }
                    li { (texts.get("leave.comes_back")) }
                }
            }
            @if view.channel_added {
                (channel(frame))
            }
            form.actions method="post" action="/leave" {
                (form::csrf(frame))
                a.button.main href="/profile" { (texts.get("leave.stay")) }
                button.button.danger { (texts.get("leave.go")) }
            }
            @if let Some(url) = &view.account_url {
                p.hint.centred { (texts.get("leave.account_why")) }
                p.centred { a.quiet-link href=(url) { (texts.get("leave.account")) } }
            }
        }
    };
    frame::document(frame, texts.get("leave.title"), &behind(), content)
}

/// The page after leaving. The frame has no member any more.
#[must_use]
pub fn done(frame: &Frame, view: &Done) -> Markup {
    let texts = frame.texts();
    let content = html! {
        div.narrow {
            div.seal { (icons::check()) }
            h1.centred { (texts.get("leave.done_title")) }
            p.lead.centred { (texts.get("leave.done_lead")) }
            @if view.unlink_later {
                section.panel {
                    h2 { (texts.get("leave.later_title")) }
                    p { (texts.get("leave.later_why")) }
                }
            }
            @if view.channel_added {
                (channel(frame))
            }
            div.actions {
                a.button.main href="/" { (texts.get("leave.to_goods")) }
            }
        }
    };
    frame::document(frame, texts.get("leave.done_title"), &behind(), content)
}

/// Messages through the channel do not end with the membership.
fn channel(frame: &Frame) -> Markup {
    let texts = frame.texts();
    html! {
        section.panel.careful {
            h2 { (icons::alert()) span { (texts.get("leave.channel_title")) } }
            p { (texts.get("leave.channel_why")) }
            ol.steps {
                li { (texts.get("leave.channel_open")) }
                li { (texts.get("leave.channel_menu")) }
                li { (texts.get("leave.channel_block")) }
            }
        }
    }
}

fn behind() -> Behind {
    Behind::of(
        &[Question::Unlinking, Question::ChannelAfterLeaving],
        &["leave", "unlink_webhook", "channel_webhook"],
    )
}
