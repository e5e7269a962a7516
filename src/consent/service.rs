//! Who asks. Everything here was written by the service, but for "verified" and the destination.

use consent_contract::{
    name,
    request::{ConsentRequest, Mode},
};
use leptos::prelude::*;

use crate::{
    components::{Emblem, Notice, Shape, Tone},
    i18n::Texts,
};

pub fn view(request: &ConsentRequest, texts: &'static Texts) -> impl IntoView + use<> {
    let service = &request.service;
    // `https://shop.example` is told as `shop.example`; other schemes are told in full.
    let host = service.destination_origin.trim_start_matches("https://").to_owned();
    let (class, verified) = match service.verified {
        true => ("service__status service__status--verified", texts.verified),
        false => ("service__status", texts.not_verified),
    };
    view! {
        <div class="service">
            <Emblem shape=Shape::Service picture=service.icon_url.clone() name=service.name.clone()/>
            <div class="service__text">
                <p class="service__names">
                    <strong><bdi>{name::clean(&service.name)}</bdi></strong>
                    <span class="service__company"><bdi>{name::clean(&service.company)}</bdi></span>
                </p>
                <p class="service__place">
                    <span class=class>{verified}</span>
                    " "
                    <bdi class="service__host">{host}</bdi>
                </p>
            </div>
        </div>
        {(service.mode == Mode::Test)
            .then(|| view! { <Notice tone=Tone::Warning><p>{texts.test_mode}</p></Notice> })}
    }
}
