//! Requests for the tests of this crate: the golden sample, and arbitrary ones.

use proptest::prelude::*;

use crate::{
    item::ItemKey,
    request::{
        AgreeAllPolicy, Channel, Collect, ConsentRequest, ConsentState, PersonalInfoItem, Relation,
        Term, TermKind,
    },
};

/// The request of `samples/ask.json`.
pub fn request() -> ConsentRequest {
    match ConsentState::from_json(include_str!("../samples/ask.json")) {
        Ok(ConsentState::Ask(request)) => *request,
        other => panic!("the sample asks: {other:?}"),
    }
}

/// Requests of every size and mix.
pub fn requests() -> impl Strategy<Value = ConsentRequest> {
    let terms = proptest::collection::vec((any::<bool>(), any::<bool>()), 0..8);
    let items = proptest::collection::vec((any::<bool>(), 0usize..7), 0..8);
    let channels = proptest::collection::vec((any::<bool>(), any::<bool>(), 0usize..3), 0..4);
    (terms, items, channels, any::<bool>(), any::<bool>()).prop_map(
        |(terms, items, channels, everything, messenger)| {
            let mut request = request();
            request.agree_all =
                if everything { AgreeAllPolicy::Everything } else { AgreeAllPolicy::RequiredOnly };
            request.account.messenger_registered = messenger;
            request.terms = terms
                .into_iter()
                .enumerate()
                .map(|(at, (required, marketing))| Term {
                    tag: format!("term_{at}"),
                    title: format!("약관 {at}"),
                    kind: if marketing { TermKind::Marketing } else { TermKind::Service },
                    required: required && !marketing,
                    version: "1".into(),
                    digest: format!("sha256-{at}"),
                    highlights: Vec::new(),
                    agreed_version: None,
                })
                .collect();
            request.personal_info.items = items
                .into_iter()
                .enumerate()
                .map(|(at, (required, collect))| {
                    let kinds = [
                        Collect::Email,
                        Collect::Phone,
                        Collect::Name,
                        Collect::Birthday,
                        Collect::Address,
                    ];
                    PersonalInfoItem {
                        id: format!("item_{at}"),
                        label: format!("항목 {at}"),
                        required,
                        value: (collect >= 5).then(|| "값".into()),
                        collect: kinds.get(collect).copied(),
                        may_be_empty: None,
                        recipient: (at > 5).then(|| format!("회사 {at}")),
                        purpose: None,
                        retention: None,
                        refusal_effect: None,
                    }
                })
                .collect();
            request.channels = channels
                .into_iter()
                .enumerate()
                .map(|(at, (primary, requested, relation))| Channel {
                    public_id: format!("_channel_{at}"),
                    name: format!("채널 {at}"),
                    icon_url: None,
                    primary,
                    requested,
                    relation: [Relation::None, Relation::Added, Relation::Blocked][relation],
                })
                .collect();
            request
        },
    )
}

/// A value that is accepted for the item, or nothing where none is collected.
pub fn good_value(request: &ConsentRequest, key: &ItemKey) -> String {
    let item =
        request.personal_info.items.iter().find(|item| ItemKey::Item(item.id.clone()) == *key);
    match item.and_then(PersonalInfoItem::to_collect) {
        None => "",
        Some(Collect::Email) => "hana@example.com",
        Some(Collect::Phone) => "010-1234-5678",
        Some(Collect::Name) => "김하나",
        Some(Collect::Birthday) => "2000-02-29",
        Some(Collect::Address) => "서울시 중구 세종대로 110",
    }
    .to_owned()
}
