//! Messenger channels. Always optional, always advertising, and only those that the shared rule
//! offers (rules KR-N01, KR-N03, KR-N09).

use consent_contract::{channel, item::ItemKey, request::ConsentRequest};

use super::{Machine, row::Row, terms::section, with_name};
use crate::{
    components::{Element, Shape, el, emblem},
    i18n::Texts,
};

pub fn view(machine: Machine, request: &ConsentRequest, texts: &'static Texts) -> Option<Element> {
    let rows = channel::offered(request).into_iter().map(|channel| {
        let key = ItemKey::Channel(channel.public_id.clone());
        let label = with_name(el("span"), texts.add_channel, &channel.name)
            .text(" · ")
            .text(texts.advertising);
        let sender = with_name(el("em"), texts.channel_sender, &request.service.company);
        let details = el("p").class("row__note").child(sender).text(" ").text(texts.channel_block);
        let row = Row {
            required: false,
            shown: key.to_string(),
            key,
            label: label.into(),
            details: details.into(),
            beside: emblem(Shape::Channel, channel.icon_url.as_deref(), &channel.name).into(),
        };
        row.element(machine, texts).view()
    });
    section(texts.channels, rows.collect())
}
