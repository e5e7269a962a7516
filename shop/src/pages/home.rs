//! `GET /`: the goods.

use maud::{Markup, html};

use super::behind::Behind;
use super::form::{self};
use super::{Frame, Way, frame};
use crate::catalogue::{FREE_DELIVERY_FROM_WON, GOODS, Good, Kind, price};
use crate::faq::Question;

/// The start page. It shows the whole catalogue; the frame knows whether a member is signed in.
#[must_use]
pub fn page(frame: &Frame) -> Markup {
    let texts = frame.texts();
    let content = html! {
        section.hero {
            div.hero-words {
                @if let Some(name) = frame.member_name() {
                    p.kicker { (texts.fill("home.welcome", &[("name", &name)])) }
                } @else {
                    p.kicker { (texts.get("home.kicker")) }
                }
                h1 { (texts.get("home.title")) }
                p.lead { (texts.get("home.lead")) }
                @if frame.member.is_some() {
                    a.button.main href="/coupons" { (texts.get("home.to_coupons")) }
                } @else {
                    div.hero-actions {
                        (form::start_button(frame, Way::SignUp, Some("/"), texts.get("home.sign_up"), true))
                        a.quiet-link href="/sign-in" { (texts.get("home.sign_in")) }
                    }
                }
            }
            img.hero-drawing src="/assets/table.svg" alt="" width="640" height="480";
        }
        ul.promises {
            li { (texts.fill("home.promise_delivery", &[("amount", &price(frame.language, FREE_DELIVERY_FROM_WON))])) }
            li { (texts.get("home.promise_fresh")) }
            li { (texts.get("home.promise_gift")) }
        }
        div.shelf-columns {
            @for kind in Kind::ALL {
                section.shelf id=(kind.as_str()) aria-labelledby={ "shelf-" (kind.as_str()) } {
                    h2 id={ "shelf-" (kind.as_str()) } { (texts.get(&format!("shelf.{}", kind.as_str()))) }
                    p.shelf-lead { (texts.get(&format!("shelf.{}_lead", kind.as_str()))) }
                    ul.goods {
                        @for good in GOODS.iter().filter(|good| good.kind == kind) {
                            li { (card(frame, good)) }
                        }
                    }
                }
            }
        }
    };
    let behind = Behind::of(&[Question::SignUpOrLogin], &["start_sign_in"]);
    frame::document(frame, texts.get("home.document"), &behind, content)
}

/// A good as a tile that leads to its page.
pub(super) fn card(frame: &Frame, good: &Good) -> Markup {
    html! {
        a.card href=(good.path()) {
            span class={ "tile " (good.tile) } {
                img src=(good.drawing()) alt="" width="400" height="400" loading="lazy";
            }
            span.card-name { (good.name(frame.language)) }
            span.card-line { (good.line(frame.language)) }
            span.card-price { (price(frame.language, good.price_won)) }
        }
    }
}
