//! Messenger channels. Always optional, always advertising, and only those that the shared rule
//! offers (rules KR-N01, KR-N03, KR-N09).

use std::sync::Arc;

use consent_contract::{
    channel,
    item::ItemKey,
    request::{Channel, ConsentRequest},
};
use leptos::prelude::*;

use super::{ConsentForm, item_row::ItemRow, section::Section};
use crate::{
    components::{Avatar, Shape, WithName},
    i18n::{Texts, after_sentence},
};

#[component]
pub fn Channels(request: Arc<ConsentRequest>, texts: &'static Texts) -> impl IntoView {
    let offered = channel::offered(&request);
    (!offered.is_empty()).then(|| {
        let rows: Vec<_> = offered
            .into_iter()
            .map(|channel| {
                let channel = channel.clone();
                let company = request.service.company.clone();
                view! { <ChannelRow channel company texts/> }
            })
            .collect();
        view! { <Section legend=texts.channels>{rows}</Section> }
    })
}

#[component]
fn ChannelRow(channel: Channel, company: String, texts: &'static Texts) -> impl IntoView {
    let Channel { public_id, name, icon_url, .. } = channel;
    let key = ItemKey::Channel(public_id);
    let row = expect_context::<ConsentForm>().row(&key);
    let details = view! {
        <p class="row__note">
            <em><WithName text=texts.channel_sender name=company/></em>
            {after_sentence(texts.channel_sender)}
            {texts.channel_block}
        </p>
    };
    let trailing = view! { <Avatar shape=Shape::Channel url=icon_url name=name.clone()/> };
    view! {
        <ItemRow
            shown=key.to_string()
            key
            row
            required=false
            details=details.into_any()
            trailing=trailing.into_any()
        >
            <span><WithName text=texts.add_channel name/> " · " {texts.advertising}</span>
        </ItemRow>
    }
    .into_any()
}
