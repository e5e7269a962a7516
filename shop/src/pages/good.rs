//! `GET /goods/{slug}`: one of the goods, a page that can be shared as a link.

use maud::{Markup, html};

use super::behind::Behind;
use super::{Frame, Way, form, frame, home, icons};
use crate::catalogue::{FREE_DELIVERY_FROM_WON, GOODS, Good, delivery_won, price};
use crate::faq::Question;

pub struct View {
    pub good: &'static Good,
    /// The address to share.
    pub share_url: String,
    /// Opened in the messenger's in-app browser.
    pub in_app: bool,
    /// How the silent login ended, where one was tried.
    pub silent: Option<SilentLogin>,
}

/// How the silent login (`prompt=none`) of this browser session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilentLogin {
    /// A member, who sees a welcome.
    Member,
    /// Not a member, or not signed in at the provider: browses.
    Browsing,
    /// The provider did not answer: browses.
    Unavailable,
}

#[must_use]
pub fn page(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let good = view.good;
    let name = good.name(frame.language);
    let content = html! {
        @if view.in_app {
            (welcome(frame, view))
        }
        article.product {
            div class={ "tile product-tile " (good.tile) } {
                img src=(good.drawing()) alt="" width="400" height="400";
            }
            div.product-words {
                p.kicker {
                    a href={ "/#" (good.kind.as_str()) } {
                        (texts.get(&format!("shelf.{}", good.kind.as_str())))
                    }
                }
                h1 { (name) }
                p.lead { (good.line(frame.language)) }
                p.product-price { (price(frame.language, good.price_won)) }
                p.delivery { (delivery(frame, good)) }
                dl.facts {
                    @for (label, value) in good.facts(frame.language) {
                        div { dt { (label) } dd { (value) } }
                    }
                }
            }
            div.product-story {
                h2 { (texts.get("good.story")) }
                @for paragraph in good.story(frame.language) {
                    p { (paragraph) }
                }
            }
            form.buy method="post" action="/basket/add" {
                (form::csrf(frame))
                input type="hidden" name="slug" value=(good.slug);
                label.visually-hidden for="quantity" { (texts.get("good.quantity")) }
                select #quantity name="quantity" {
                    @for quantity in 1..=9 {
                        option value=(quantity) {
                            (texts.fill("good.pieces", &[("count", &quantity.to_string())]))
                        }
                    }
                }
                button.button.main { (texts.get("good.add")) }
            }
        }
        div.share {
            label for="share" { (texts.get("good.share")) }
            p.hint #share-hint { (texts.get("good.share_hint")) }
            input #share type="text" readonly value=(view.share_url) aria-describedby="share-hint" translate="no";
        }
        section.shelf aria-labelledby="beside" {
            h2 #beside { (texts.get("good.beside")) }
            ul.goods {
                @for other in beside(good) {
                    li { (home::card(frame, other)) }
                }
            }
        }
    };
    let behind = Behind::of(&[Question::AutomaticLogin], &["silent_login"]);
    frame::document_with(frame, name, preview(frame, view), &behind, content)
}

/// What a messenger shows of a shared link (<https://ogp.me>).
fn preview(frame: &Frame, view: &View) -> Markup {
    let line = view.good.line(frame.language);
    html! {
        meta name="description" content=(line);
        meta property="og:type" content="product";
        meta property="og:title" content=(view.good.name(frame.language));
        meta property="og:description" content=(line);
        meta property="og:url" content=(view.share_url);
        meta property="og:site_name" content=(frame.texts().get("frame.shop"));
    }
}

/// In the messenger: members see a welcome, others may browse or sign in by pressing a button.
fn welcome(frame: &Frame, view: &View) -> Markup {
    let texts = frame.texts();
    let path = view.good.path();
    html! {
        div.welcome role="status" {
            @if let Some(name) = frame.member_name() {
                p.welcome-line { (icons::speech()) strong { (texts.fill("good.hello", &[("name", &name)])) } }
                p { (texts.get("good.hello_why")) }
            } @else {
                p.welcome-line { (icons::speech()) strong { (texts.get("good.browse")) } }
                p {
                    @if view.silent == Some(SilentLogin::Unavailable) {
                        (texts.get("good.browse_unavailable"))
                    } @else {
                        (texts.get("good.browse_why"))
                    }
                }
            }
        }
        @if frame.member.is_none() {
            div.welcome-actions {
                (form::start_button(frame, Way::SignUp, Some(&path), texts.get("good.sign_up"), true))
            }
        }
    }
}

fn delivery(frame: &Frame, good: &Good) -> String {
    let texts = frame.texts();
    match delivery_won(good.price_won) {
        0 => texts.get("good.delivery_free").to_owned(),
        cost => texts.fill(
            "good.delivery_costs",
            &[
                ("cost", &price(frame.language, cost)),
                ("amount", &price(frame.language, FREE_DELIVERY_FROM_WON)),
            ],
        ),
    }
}

/// The next four of the catalogue, so that every page leads on.
fn beside(good: &Good) -> impl Iterator<Item = &'static Good> {
    let own = GOODS.iter().position(|other| other.slug == good.slug).unwrap_or(0);
    (1..=4).map(move |step| &GOODS[(own + step) % GOODS.len()])
}
