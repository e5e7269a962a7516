//! `GET /basket`.

use maud::{Markup, html};

use super::behind::Behind;
use super::{Frame, form, frame, order_lines};
use crate::catalogue::Good;
use crate::faq::Question;

pub struct View {
    pub lines: Vec<Line>,
}

/// One line of a basket or an order.
#[derive(Clone, Debug)]
pub struct Line {
    pub good: &'static Good,
    pub quantity: u32,
}

#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let content = html! {
        div.narrow {
            h1 { (texts.get("basket.title")) }
            @if view.lines.is_empty() {
                div.nothing {
                    p { (texts.get("basket.empty")) }
                    a.button.main href="/" { (texts.get("basket.to_goods")) }
                }
            } @else {
                ul.lines {
                    @for line in &view.lines {
                        li { (order_lines::line(frame, line, Some(remove(frame, line)))) }
                    }
                }
                (order_lines::sum(frame, &view.lines))
                form.actions method="post" action="/order" {
                    (form::csrf(frame))
                    button.button.main { (texts.get("basket.order")) }
                }
                @if frame.member.is_none() {
                    p.hint.centred { (texts.get("basket.needs_member")) }
                }
            }
        }
    };
    let behind = Behind::of(&[Question::OptionalRefused], &["ask_item"]);
    frame::document(frame, texts.get("basket.title"), &behind, content)
}

fn remove(frame: &Frame, line: &Line) -> Markup {
    let texts = frame.texts();
    let label = texts.fill("basket.remove_of", &[("good", line.good.name(frame.language))]);
    html! {
        form method="post" action="/basket/remove" {
            (form::csrf(frame))
            input type="hidden" name="slug" value=(line.good.slug);
            button.link-button aria-label=(label) { (texts.get("basket.remove")) }
        }
    }
}
