//! What every page has: head, header, notice, footer and the panel behind the scenes.

use maud::{DOCTYPE, Markup, html};

use super::behind::{self, Behind};
use super::form::{self, Ghost};
use super::{MadeRequest, Notice, icons};
use crate::catalogue::Kind;
use crate::faq::Question;
use crate::texts::{Language, Texts};

/// What a handler gives to every page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub language: Language,
    /// The CSRF token of this browser session, for the hidden field `csrf` of each form.
    pub csrf: String,
    /// Path and query of this page, where `POST /language` returns to.
    pub path: String,
    /// The signed-in member's name. Empty: a member without a name.
    pub member: Option<String>,
    /// Pieces in the basket.
    pub basket: u32,
    /// The shop runs under its test client.
    pub test_app: bool,
    /// Text after the shop's name, from the setting `name_suffix`.
    pub name_suffix: String,
    /// The page `/mailbox` exists (`demo_mailbox = true`).
    pub mailbox: bool,
    /// The provider's page to choose another test account, from the setting `demo_url`.
    pub demo_url: Option<String>,
    /// What the last action did, once.
    pub notice: Option<Notice>,
    /// The requests to the provider that were made for this page, oldest first. After a redirect
    /// they include those of the request before it.
    pub requests: Vec<MadeRequest>,
}

impl Frame {
    pub(super) fn texts(&self) -> Texts {
        Texts::of(self.language)
    }

    /// The member with a polite form of address, or a general one where there is no name.
    pub(super) fn member_name(&self) -> Option<String> {
        let texts = self.texts();
        self.member.as_deref().map(|name| {
            if name.is_empty() {
                texts.get("frame.member_without_name").to_owned()
            } else {
                texts.fill("frame.member_name", &[("name", name)])
            }
        })
    }

    fn shop_name(&self) -> String {
        let name = self.texts().get("frame.shop");
        if self.name_suffix.is_empty() {
            name.to_owned()
        } else {
            format!("{name} {}", self.name_suffix)
        }
    }
}

/// A whole page. `title` is the document's title before the shop's name; `behind` is what the panel
/// explains.
pub(super) fn document(frame: &Frame, title: &str, behind: &Behind, content: Markup) -> Markup {
    document_with(frame, title, html! {}, behind, content)
}

/// A whole page with `meta` in its head.
pub(super) fn document_with(
    frame: &Frame,
    title: &str,
    meta: Markup,
    behind: &Behind,
    content: Markup,
) -> Markup {
    let texts = frame.texts();
    let shop = frame.shop_name();
    html! {
        (DOCTYPE)
        html lang=(frame.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff";
                meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1b1b1e";
                title { (title) " · " (shop) }
                (meta)
                link rel="icon" type="image/svg+xml" href="/assets/mark.svg";
                link rel="stylesheet" href="/assets/shop.css";
            }
            body {
                a.skip-link href="#content" { (texts.get("frame.skip")) }
                (header(frame, &shop))
                main #content tabindex="-1" {
                    @if let Some(notice) = frame.notice {
                        (notice_line(frame, notice))
                    }
                    (content)
                }
                (behind::panel(frame, &with_test_app(frame, behind)))
                (footer(frame))
            }
        }
    }
}

/// The test app's own ids are a question of every page of it.
fn with_test_app(frame: &Frame, behind: &Behind) -> Behind {
    let mut behind = behind.clone();
    if frame.test_app {
        behind.questions.push(Question::TestApp);
        behind.samples.push("settings");
    }
    behind
}

fn header(frame: &Frame, shop: &str) -> Markup {
    let texts = frame.texts();
    html! {
        header.site-header {
            @if frame.test_app {
                p.test-strip { strong { (texts.get("frame.test_app")) } " " (texts.get("frame.test_app_note")) }
            }
            div.site-bar {
                a.brand href="/" {
                    (icons::mark())
                    span { (shop) }
                }
                nav.tools aria-label=(texts.get("frame.tools")) {
                    @if let Some(name) = frame.member_name() {
                        a.tool href="/profile" {
                            (icons::person())
                            span.tool-name { (name) }
                            span.visually-hidden { " " (texts.get("frame.profile")) }
                        }
                    } @else {
                        a.tool href="/sign-in" {
                            (icons::person())
                            span.tool-name { (texts.get("frame.sign_in")) }
                        }
                    }
                    a.tool.basket-tool href="/basket" {
                        (icons::basket())
                        span.visually-hidden { (texts.get("frame.basket")) " " }
                        @if frame.basket > 0 {
                            span.count { (frame.basket) }
                        }
                    }
                }
            }
            nav.shelves aria-label=(texts.get("frame.shelves")) {
                @for kind in Kind::ALL {
                    a href={ "/#" (kind.as_str()) } { (texts.get(&format!("shelf.{}", kind.as_str()))) }
                }
                a href="/coupons" aria-current=[(frame.path == "/coupons").then_some("page")] {
                    (texts.get("frame.coupons"))
                }
            }
        }
    }
}

fn notice_line(frame: &Frame, notice: Notice) -> Markup {
    let texts = frame.texts();
    let name = frame.member_name().unwrap_or_default();
    html! {
        p.notice role="status" {
            (icons::check())
            span { (texts.fill(&format!("notice.{}", notice.as_str()), &[("name", &name)])) }
            @if notice == Notice::Added {
                a href="/basket" { (texts.get("frame.to_basket")) }
            }
        }
    }
}

fn footer(frame: &Frame) -> Markup {
    let texts = frame.texts();
    html! {
        footer.site-footer {
            div.footer-columns {
                nav.footer-links aria-label=(texts.get("frame.more")) {
                    a href="/developers" { (texts.get("frame.developers")) }
                    @if frame.mailbox {
                        a href="/mailbox" { (texts.get("frame.mailbox")) }
                    }
                    @if let Some(demo) = &frame.demo_url {
                        a href=(demo) { (texts.get("frame.demo")) }
                    }
                    @if frame.member.is_some() {
                        (form::post_inline(frame, "/sign-out", texts.get("frame.sign_out"), Ghost::Link))
                    }
                }
                form.languages method="post" action="/language" {
                    (form::csrf(frame))
                    input type="hidden" name="return_to" value=(frame.path);
                    fieldset {
                        legend.visually-hidden { (texts.get("frame.language")) }
                        @for language in Language::ALL {
                            button name="language" value=(language.tag()) lang=(language.tag())
                                aria-current=[(language == frame.language).then_some("true")] {
                                (language.name())
                            }
                        }
                    }
                }
            }
            p.company { (texts.get("frame.company")) }
            p.company { (texts.get("frame.fictional")) }
        }
    }
}
