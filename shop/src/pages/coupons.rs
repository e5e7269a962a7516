//! `GET /coupons`: a required term at the moment it is needed.

use maud::{Markup, html};

use super::behind::Behind;
use super::{Frame, Way, form, frame, icons};
use crate::faq::Question;
use crate::texts::date;

#[derive(Clone, Debug)]
pub enum View {
    /// The API was asked: the term is not given. `way=coupons` asks for it.
    Ask,
    /// The visitor came back from the consent screen without agreeing.
    Refused,
    /// The term is given. Date and time, `2026-11-27 18:20`, where the API has it.
    Given { agreed_at: Option<String> },
    /// The provider did not answer: no coupon is shown, and nothing is assumed.
    Unavailable,
}

/// Status 200, or 503 for [`View::Unavailable`].
#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let content = html! {
        div.narrow {
            h1 { (texts.get("coupons.title")) }
            @match view {
                View::Ask => {
                    p.lead { (texts.get("coupons.ask_lead")) }
                    (coupons(frame, false))
                    (ask(frame, texts.get("coupons.ask_go")))
                },
                View::Refused => {
                    p.lead { (texts.get("coupons.refused_lead")) }
                    (coupons(frame, false))
                    (ask(frame, texts.get("coupons.refused_go")))
                },
                View::Given { agreed_at } => {
                    p.lead { (texts.get("coupons.given_lead")) }
                    (coupons(frame, true))
                    @if let Some(at) = agreed_at {
                        p.hint.centred { (texts.fill("coupons.given_at", &[("date", &date(frame.language, at))])) }
                    }
                },
                View::Unavailable => {
                    p.lead { (texts.get("coupons.unavailable_lead")) }
                    div.actions {
                        a.button.main href="/coupons" { (texts.get("coupons.again")) }
                    }
                },
            }
        }
    };
    let behind = Behind::of(&[Question::NewRequiredTerm], &["ask_term"]);
    frame::document(frame, texts.get("coupons.title"), &behind, content)
}

fn ask(frame: &Frame, label: &str) -> Markup {
    let texts = frame.texts();
    html! {
        div.actions {
            (form::start_button(frame, Way::Coupons, Some("/coupons"), label, true))
        }
        p.hint.centred { (texts.get("coupons.ask_hint")) }
    }
}

fn coupons(frame: &Frame, given: bool) -> Markup {
    let texts = frame.texts();
    html! {
        ul.coupons {
            @for (amount, name) in [
                ("coupons.first_amount", "coupons.first_name"),
                ("coupons.second_amount", "coupons.second_name"),
            ] {
                li.coupon.given[given] {
                    div.coupon-words {
                        b.coupon-amount { (texts.get(amount)) }
                        span { (texts.get(name)) }
                    }
                    span.coupon-state {
                        @if given { (icons::check()) }
                        (texts.get(if given { "coupons.ready" } else { "coupons.waiting" }))
                    }
                }
            }
        }
    }
}
