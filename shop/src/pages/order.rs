//! `POST /order`: an order, or what it still needs.

use maud::{Markup, html};

use super::basket::Line;
use super::behind::Behind;
use super::form::{self, FieldView};
use super::{Frame, Way, frame, icons, order_lines};
use crate::faq::Question;

/// An order needs values that the member has not given. The visitor agrees to one item at the
/// provider (`way=item`), or types the value here; the form posts to `/order` again.
pub struct Needs {
    pub lines: Vec<Line>,
    /// Only what is needed: name, phone, address.
    pub fields: Vec<FieldView>,
    /// The provider can give the address (`way=item` is offered).
    pub offer_item: bool,
}

/// A finished order.
pub struct Placed {
    pub number: String,
    pub lines: Vec<Line>,
    pub recipient: String,
    pub address: String,
    /// The member has not added the channel: it would bring parcel news, so it is offered here.
    pub offer_channel: bool,
}

/// The page that asks for what the order needs. Status 200, or 422 where a field has an error.
#[must_use]
pub fn needs(frame: &Frame, view: &Needs) -> Markup {
    let texts = frame.texts();
    let has_error = view.fields.iter().any(|field| field.error.is_some());
    let is_complete = view.fields.is_empty();
    let (title, lead) = if is_complete {
        ("order.review_title", "order.review_lead")
    } else {
        ("order.needs_title", "order.needs_lead")
    };
    let content = html! {
        div.narrow {
            h1 { (texts.get(title)) }
            p.lead { (texts.get(lead)) }
            @if view.offer_item {
                section.choice {
                    h2 { (texts.get("order.from_account")) }
                    p { (texts.get("order.from_account_why")) }
                    (form::start_button(frame, Way::Item, Some("/order"), texts.get("order.from_account_go"), true))
                }
            }
            section.choice {
                @if !is_complete {
                    h2 { (texts.get(if view.offer_item { "order.typed" } else { "order.delivery" })) }
                }
                form method="post" action="/order" novalidate {
                    (form::csrf(frame))
                    @for field in &view.fields {
                        (form::field(frame, field))
                    }
                    @if is_complete {
                        ul.lines {
                            @for line in &view.lines {
                                li { (order_lines::line(frame, line, None)) }
                            }
                        }
                    }
                    (order_lines::sum(frame, &view.lines))
                    div.actions {
                        button.button.main { (texts.get("order.go")) }
                    }
                }
            }
            p.centred { a.quiet-link href="/basket" { (texts.get("order.back")) } }
        }
    };
    let behind = Behind::of(&[Question::OptionalRefused], &["ask_item"]);
    let title = form::title(texts, texts.get(title), has_error);
    frame::document(frame, &title, &behind, content)
}

#[must_use]
pub fn placed(frame: &Frame, view: &Placed) -> Markup {
    let texts = frame.texts();
    let content = html! {
        div.narrow {
            div.seal { (icons::check()) }
            h1.centred { (texts.get("order.placed_title")) }
            p.lead.centred { (texts.get("order.placed_lead")) }
            dl.facts {
                div { dt { (texts.get("order.number")) } dd translate="no" { (view.number) } }
                div { dt { (texts.get("order.recipient")) } dd { (view.recipient) } }
                div { dt { (texts.get("order.address")) } dd { (view.address) } }
            }
            ul.lines {
                @for line in &view.lines {
                    li { (order_lines::line(frame, line, None)) }
                }
            }
            (order_lines::sum(frame, &view.lines))
            @if view.offer_channel {
                section.choice {
                    h2 { (texts.get("order.channel_title")) }
                    p { (texts.get("order.channel_why")) }
                    (form::start_button(frame, Way::Channel, Some("/profile"), texts.get("order.channel_go"), true))
                }
            }
            div.actions {
                a.button.outline href="/" { (texts.get("order.to_goods")) }
            }
        }
    };
    let behind = Behind::of(&[Question::OptionalRefused], &["offer_channel"]);
    frame::document(frame, texts.get("order.placed_title"), &behind, content)
}
