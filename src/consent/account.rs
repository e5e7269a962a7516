//! Who answers, and the way to answer as somebody else.

use consent_contract::{redirect, request::Account};

use super::proper_name;
use crate::{
    components::{Element, Look, Shape, el, emblem},
    i18n::Texts,
};

pub fn view(account: &Account, texts: &'static Texts) -> Element {
    let switch = account.switch_url.as_deref().filter(|url| redirect::is_own_path(url));
    let who = el("p")
        .class("account__text")
        .child(el("strong").child(proper_name(&account.nickname)))
        .text(" ")
        .child(proper_name(&account.identifier).class("account__identifier"));
    el("section")
        .class("account")
        .attr("aria-label", texts.answering_as)
        .child(emblem(Shape::Account, account.avatar_url.as_deref(), &account.nickname))
        .child(who)
        .child(
            switch.map(|url| Look::Quiet.link(url).id("switch-account").text(texts.switch_account)),
        )
}
