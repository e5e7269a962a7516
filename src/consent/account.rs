//! Who answers, and the way to answer as somebody else.

use consent_contract::{name, redirect, request::Account};
use leptos::prelude::*;

use crate::{
    components::{Emblem, Look, Shape},
    i18n::Texts,
};

pub fn view(account: &Account, texts: &'static Texts) -> impl IntoView + use<> {
    let switch = account.switch_url.clone().filter(|url| redirect::is_own_path(url));
    view! {
        <section class="account" aria-label=texts.answering_as>
            <Emblem shape=Shape::Account picture=account.avatar_url.clone() name=account.nickname.clone()/>
            <p class="account__text">
                <strong><bdi>{name::clean(&account.nickname)}</bdi></strong>
                " "
                <span class="account__identifier"><bdi>{name::clean(&account.identifier)}</bdi></span>
            </p>
            {switch.map(|url| view! { <a class=Look::Quiet.class() href=url>{texts.switch_account}</a> })}
        </section>
    }
}
