//! The lines of a basket or an order, and their sum.

use maud::{Markup, html};

use super::Frame;
use super::basket::Line;
use crate::catalogue::{delivery_won, price};

/// What the goods of all lines cost, in won, without delivery.
pub(super) fn goods_won(lines: &[Line]) -> u64 {
    lines.iter().map(|line| line.good.price_won * u64::from(line.quantity)).sum()
}

/// One line; `action` is a form at its end.
pub(super) fn line(frame: &Frame, line: &Line, action: Option<Markup>) -> Markup {
    let texts = frame.texts();
    let sum = line.good.price_won * u64::from(line.quantity);
    html! {
        span class={ "tile line-tile " (line.good.tile) } {
            img src=(line.good.drawing()) alt="" width="400" height="400";
        }
        div.line-words {
            a.line-name href=(line.good.path()) { (line.good.name(frame.language)) }
            p.line-count { (texts.fill("good.pieces", &[("count", &line.quantity.to_string())])) }
            p.line-price { (price(frame.language, sum)) }
        }
        @if let Some(action) = action {
            (action)
        }
    }
}

/// Goods, delivery and total.
pub(super) fn sum(frame: &Frame, lines: &[Line]) -> Markup {
    let texts = frame.texts();
    let goods = goods_won(lines);
    let delivery = delivery_won(goods);
    html! {
        dl.sum {
            div { dt { (texts.get("sum.goods")) } dd { (price(frame.language, goods)) } }
            div {
                dt { (texts.get("sum.delivery")) }
                dd {
                    @if delivery == 0 { (texts.get("sum.free")) }
                    @else { (price(frame.language, delivery)) }
                }
            }
            div.total { dt { (texts.get("sum.total")) } dd { (price(frame.language, goods + delivery)) } }
        }
    }
}
