//! The account that answers, and a link to answer with another one.

use consent_contract::{redirect, request::Account};
use leptos::prelude::*;

use crate::{
    components::{Avatar, LinkButton, ProperName, Shape, Variant},
    i18n::Texts,
};

#[component]
pub fn AccountSection(account: Account, texts: &'static Texts) -> impl IntoView {
    let Account { nickname, avatar_url, identifier, switch_url, .. } = account;
    let switch = switch_url.filter(|url| redirect::is_own_path(url)).map(|url| {
        view! {
            <LinkButton variant=Variant::Link href=url id="switch-account">
                {texts.switch_account}
            </LinkButton>
        }
    });
    view! {
        <section class="account" aria-label=texts.answering_as>
            <Avatar shape=Shape::Account url=avatar_url name=nickname.clone()/>
            <p class="account__text">
                <strong><ProperName text=nickname/></strong>
                " "
                <ProperName text=identifier class="account__identifier"/>
            </p>
            {switch}
        </section>
    }
    .into_any()
}
