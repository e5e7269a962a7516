//! Messenger channels. Always optional, always advertising, and only those that the shared rule
//! offers (rules KR-N01, KR-N03, KR-N09).

use consent_contract::{channel, item::ItemKey, request::ConsentRequest};
use leptos::prelude::*;

use super::{
    Machine,
    row::{self, Row},
    with_name,
};
use crate::{
    components::{Emblem, Shape},
    i18n::Texts,
};

pub fn view(
    machine: Machine,
    request: &ConsentRequest,
    texts: &'static Texts,
) -> impl IntoView + use<> {
    let first = request.terms.len() + request.personal_info.items.len();
    let rows = channel::offered(request).into_iter().enumerate().map(|(at, channel)| {
        let key = ItemKey::Channel(channel.public_id.clone());
        let shown = key.to_string();
        let row = Row { key, position: first + at, required: false, shown, has_details: true };
        let label = view! {
            {with_name(texts.add_channel, &channel.name)}
            " · "
            {texts.advertising}
        };
        let details = view! {
            <p class="row__note">
                <em>{with_name(texts.channel_sender, &request.service.company)}</em>
                " "
                {texts.channel_block}
            </p>
        };
        let beside = view! {
            <Emblem shape=Shape::Channel picture=channel.icon_url.clone() name=channel.name.clone()/>
        };
        row::view(machine, texts, row, label, details, beside)
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| {
        view! {
            <fieldset class="section">
                <legend class="section__title">{texts.channels}</legend>
                {rows}
            </fieldset>
        }
    })
}
