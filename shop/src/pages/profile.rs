//! `GET /profile`: the member's row, the agreements by API, an upgrade before and after.

use maud::{Markup, html};

use super::behind::Behind;
use super::form::{self, FieldView, Ghost};
use super::{Frame, MemberRow, Way, frame, icons, member_row};
use crate::catalogue::price;
use crate::faq::Question;
use crate::texts::date;

pub struct View {
    pub row: MemberRow,
    /// The row before the upgrade, where one was made.
    pub before: Option<MemberRow>,
    /// The shop's own data, in the form `POST /profile`: name, email, phone.
    pub fields: Vec<FieldView>,
    pub agreements: Agreements,
    pub channel: Channel,
    /// A member by plain login who has not given what signing up asks: `way=upgrade` is offered.
    pub offer_upgrade: bool,
    /// Where users see their consents at the provider.
    pub account_url: Option<String>,
    pub orders: Vec<OrderSummary>,
}

/// What the member agreed to, from the API.
pub enum Agreements {
    Known {
        terms: Vec<Term>,
        items: Vec<Item>,
    },
    /// The provider did not answer.
    Unavailable,
}

/// A service term (`/v2/user/service_terms`).
pub struct Term {
    pub tag: String,
    pub required: bool,
    pub agreed: bool,
    /// Date and time, `2026-11-27 18:20`.
    pub agreed_at: Option<String>,
}

/// An item of personal information (`/v2/user/scopes`).
pub struct Item {
    pub id: String,
    pub name: String,
    /// The API reports it for agreed items only; for others it is not shown.
    pub required: bool,
    pub agreed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Added,
    NotAdded,
    Blocked,
    /// The provider did not answer, or may not be asked.
    Unknown,
}

pub struct OrderSummary {
    pub number: String,
    /// Date, `2026-11-27`.
    pub placed_on: String,
    pub total_won: u64,
}

/// Status 200, or 422 where a field has an error.
#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let has_error = view.fields.iter().any(|field| field.error.is_some());
    let name = frame.member_name().unwrap_or_default();
    let content = html! {
        div.narrow {
            h1 { (texts.fill("profile.title", &[("name", &name)])) }
            @if view.offer_upgrade {
                section.choice.first {
                    h2 { (texts.get("profile.upgrade_title")) }
                    p { (texts.get("profile.upgrade_why")) }
                    (form::start_button(frame, Way::Upgrade, Some("/profile"), texts.get("profile.upgrade_go"), true))
                }
            }
            (orders(frame, view))
            section.panel {
                h2 { (texts.get("profile.details")) }
                p { (texts.get("profile.details_why")) }
                form method="post" action="/profile" novalidate {
                    (form::csrf(frame))
                    @for field in &view.fields {
                        (form::field(frame, field))
                    }
                    button.button.outline { (texts.get("profile.save")) }
                }
            }
            (agreements(frame, view))
            section.panel {
                h2 { (texts.get("profile.row")) }
                @if let Some(before) = &view.before {
                    p { (texts.get("profile.row_changed")) }
                    (member_row::compare(frame, before, &view.row))
                } @else {
                    p { (texts.get("profile.row_why")) }
                    (member_row::list(frame, &view.row))
                }
            }
            div.stop {
                (form::post_inline(frame, "/sign-out", texts.get("frame.sign_out"), Ghost::Link))
                a.quiet-link href="/leave" { (texts.get("profile.leave")) }
            }
        }
    };
    let behind = Behind::of(
        &[Question::LoginAskedOnceMore, Question::OptionalRefused],
        &["upgrade", "offer_channel"],
    );
    let title = form::title(texts, texts.get("profile.document"), has_error);
    frame::document(frame, &title, &behind, content)
}

fn orders(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    html! {
        section.panel {
            h2 { (texts.get("profile.orders")) }
            @if view.orders.is_empty() {
                p { (texts.get("profile.no_orders")) }
            } @else {
                ul.order-list {
                    @for order in &view.orders {
                        li {
                            span { (date(frame.language, &order.placed_on)) }
                            span.order-number translate="no" { (order.number) }
                            b { (price(frame.language, order.total_won)) }
                        }
                    }
                }
            }
        }
    }
}

fn agreements(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    html! {
        section.panel {
            h2 { (texts.get("profile.agreements")) }
            @match &view.agreements {
                Agreements::Unavailable => {
                    p.field-error { (icons::alert()) span { (texts.get("profile.agreements_unavailable")) } }
                },
                Agreements::Known { terms, items } => {
                    p { (texts.get("profile.agreements_why")) }
                    ul.agreements {
                        @for term in terms {
                            li {
                                span.agreement-name {
                                    (requirement(frame, term.required)) " " (term_name(frame, &term.tag))
                                }
                                (answer(frame, term.agreed, term.agreed_at.as_deref()))
                            }
                        }
                        @for item in items {
                            li {
                                span.agreement-name {
                                    @if item.agreed || item.required {
                                        (requirement(frame, item.required)) " "
                                    }
                                    (item.name)
                                }
                                (answer(frame, item.agreed, None))
                            }
                        }
                        li {
                            span.agreement-name { (requirement(frame, false)) " " (texts.get("profile.channel")) }
                            span.answer { (texts.get(match view.channel {
                                Channel::Added => "profile.channel_added",
                                Channel::NotAdded => "profile.channel_not_added",
                                Channel::Blocked => "profile.channel_blocked",
                                Channel::Unknown => "profile.channel_unknown",
                            })) }
                        }
                    }
                },
            }
            @if let Some(url) = &view.account_url {
                p { a.quiet-link href=(url) { (texts.get("profile.account")) } }
            }
        }
    }
}

fn requirement(frame: &Frame, required: bool) -> Markup {
    let key = if required { "profile.required" } else { "profile.optional" };
    html! { span.requirement.required[required] { "[" (frame.texts().get(key)) "]" } }
}

/// The title of a term of this shop; another tag as it is.
fn term_name<'a>(frame: &Frame, tag: &'a str) -> &'a str {
    let texts = frame.texts();
    match tag {
        "tos" => texts.get("term.tos"),
        "privacy" => texts.get("term.privacy"),
        "marketing" => texts.get("term.marketing"),
        "coupons" => texts.get("term.coupons"),
        other => other,
    }
}

fn answer(frame: &Frame, agreed: bool, at: Option<&str>) -> Markup {
    let texts = frame.texts();
    html! {
        span.answer.agreed[agreed] {
            (texts.get(if agreed { "profile.agreed" } else { "profile.not_agreed" }))
        }
        @if let Some(at) = at {
            span.agreed-at { (date(frame.language, at)) }
        }
    }
}
