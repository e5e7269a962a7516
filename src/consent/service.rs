//! Who asks. Everything here was written by the service, but for "verified" and the destination.

use consent_contract::request::{ConsentRequest, Mode, Service};

use super::proper_name;
use crate::{
    components::{Element, Shape, Tone, div, el, emblem, notice},
    i18n::Texts,
};

pub fn view(service: &Service, texts: &'static Texts) -> Element {
    // `https://shop.example` is told as `shop.example`; other schemes are told in full.
    let host = service.destination_origin.trim_start_matches("https://");
    let (class, verified) = match service.verified {
        true => ("service__status service__status--verified", texts.verified),
        false => ("service__status", texts.not_verified),
    };
    let names = el("p")
        .class("service__names")
        .child(el("strong").child(proper_name(&service.name)))
        .text(" ")
        .child(el("span").class("service__company").child(proper_name(&service.company)));
    let place = el("p")
        .class("service__place")
        .child(el("span").class(class).text(verified))
        .text(" ")
        .child(proper_name(host).class("service__host"));
    div("service")
        .child(emblem(Shape::Service, service.icon_url.as_deref(), &service.name))
        .child(div("service__text").child(names).child(place))
}

/// That this is only a test, if it is.
pub fn mode(request: &ConsentRequest, texts: &'static Texts) -> Option<Element> {
    (request.service.mode == Mode::Test).then(|| notice(Tone::Warning, texts.test_mode))
}
