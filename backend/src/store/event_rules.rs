//! Which services hear of which changes, and how long agreements are valid: the part of the
//! configuration by which changes are written.

use std::{collections::BTreeMap, fmt, sync::Arc};

use consent_contract::item::ItemKey;
use jiff::tz::TimeZone;

use crate::{
    clock::{Clock, Seconds},
    config::{Advertising, Attribute, Catalog, Period, Service},
    crypto::DerivationKey,
    oauth,
    webhooks::Form,
};

/// The rules of every service. Cheap to copy. By default there are no events, and agreements have no
/// end.
#[derive(Clone, Default)]
pub struct EventRules(Arc<Inner>);

#[derive(Default)]
struct Inner {
    key: Option<DerivationKey>,
    clock: Clock,
    services: BTreeMap<String, ServiceRules>,
}

/// The rules of one service.
pub struct ServiceRules {
    /// The forms for which it has a target.
    pub forms: Vec<Form>,
    pub advertising: Option<Advertising>,
    pub time_zone: TimeZone,
    /// Whether the service speaks Kakao's dialect: its ID tokens name users by the id of Kakao's API.
    pub is_kakao: bool,
    /// Whether the service learns which channels a user has only with their agreement to it.
    pub channels_need_agreement: bool,
    /// By item key, and the version of a term.
    validity: BTreeMap<(String, Option<String>), Period>,
}

impl fmt::Debug for EventRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.services.keys()).finish()
    }
}

impl EventRules {
    /// The rules of a configuration. `key` derives the subjects of ID tokens.
    #[must_use]
    pub fn new(catalog: &Catalog, key: &DerivationKey, clock: &Clock) -> Self {
        let services = catalog.services.iter();
        Self(Arc::new(Inner {
            key: Some(key.clone()),
            clock: clock.clone(),
            services: services.map(|(id, it)| (id.clone(), ServiceRules::new(it))).collect(),
        }))
    }

    /// The rules of a service; none for one that is not configured any more.
    #[must_use]
    pub fn service(&self, service: &str) -> Option<&ServiceRules> {
        self.0.services.get(service)
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Seconds {
        self.0.clock.now()
    }

    /// The account as ID tokens name it to a service that does not speak Kakao's dialect.
    #[must_use]
    pub fn subject(&self, service: &str, account: &str) -> Option<String> {
        self.0.key.as_ref().map(|key| oauth::subject(key, service, account))
    }

    /// The account as a channel webhook names it to a service that may not know which channels the
    /// user has.
    #[must_use]
    pub fn open_id(&self, service: &str, account: &str) -> Option<String> {
        let parts = [service.as_bytes(), account.as_bytes()];
        self.0.key.as_ref().map(|key| key.derive("kakao open_id", &parts))
    }

    /// When an agreement that is made now ends by itself; none for one without an end.
    #[must_use]
    pub fn expires_at(
        &self,
        service: &str,
        key: &str,
        version: Option<&str>,
        agreed_at: Seconds,
    ) -> Option<Seconds> {
        let rules = self.service(service)?;
        let period = rules.validity.get(&(key.to_owned(), version.map(str::to_owned)))?;
        Some(period.after(agreed_at, &rules.time_zone))
    }
}

impl ServiceRules {
    fn new(service: &Service) -> Self {
        let kakao = service.kakao.as_ref();
        let targets = [
            (Form::SecurityEvent, service.events.is_some()),
            (Form::KakaoUnlink, kakao.is_some_and(|it| it.unlink_webhook.is_some())),
            (Form::KakaoChannel, kakao.is_some_and(|it| it.channel_webhook_url.is_some())),
        ];
        let terms = service.terms.iter().filter_map(|term| {
            let key = ItemKey::Term(term.tag.clone()).to_string();
            Some(((key, Some(term.version.clone())), term.valid_for?))
        });
        let items = service.personal_info.items.iter().filter_map(|item| {
            let key = ItemKey::Item(item.attribute.id().to_owned()).to_string();
            Some(((key, None), item.valid_for?))
        });
        let asks_for_channels = service
            .personal_info
            .items
            .iter()
            .any(|item| item.attribute == Attribute::ChannelRelations);
        Self {
            is_kakao: kakao.is_some(),
            channels_need_agreement: kakao.is_some() || asks_for_channels,
            forms: targets.into_iter().filter_map(|(form, has)| has.then_some(form)).collect(),
            advertising: service.advertising.clone(),
            time_zone: service.time_zone.clone(),
            validity: terms.chain(items).collect(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::Source;

    /// A shop that hears of everything, with agreements that end after 10 and 20 days.
    const SERVICES: &str = r#"
[[service]]
client_id = "shop"
name = "가게"
company = "가게 주식회사"
redirect_uris = ["https://shop.example/callback"]
dialect = "kakao"

[service.kakao]
admin_key = "an-admin-key-of-the-shop"
unlink_webhook_url = "https://shop.example/unlinked"

[service.events]
url = "https://shop.example/events"

[[service.terms]]
tag = "news"
kind = "marketing"
required = false
version = "1"
effective_from = 2026-01-01
title = "소식 받기"
text = "소식을 보냅니다."
valid_for = "10 days"

[service.personal_info]
recipient = "가게 주식회사"
purpose = "주문"
retention = "1년"
refusal_effect = "주문할 수 없습니다"

[[service.personal_info.items]]
id = "profile_nickname"
label = "닉네임"
required = true

[[service.personal_info.items]]
id = "account_email"
label = "이메일"
required = false
valid_for = "20 days"
"#;

    /// The rules of the shop.
    pub fn rules(clock: &Clock) -> EventRules {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("services.toml");
        std::fs::write(&file, SERVICES).unwrap();
        let catalog = Source::file(&file).unwrap().catalog().unwrap_or_else(|it| panic!("{it:?}"));
        EventRules::new(&catalog, &DerivationKey::new(&[7; 32]), clock)
    }

    #[test]
    fn validity_is_of_a_version_and_subjects_are_pairwise() {
        let rules = rules(&Clock::default());
        let ten_days = 10 * 24 * 60 * 60;
        let expires_at = |key, version| rules.expires_at("shop", key, version, 0);
        assert_eq!(expires_at("term:news", Some("1")), Some(ten_days));
        assert_eq!(expires_at("term:news", Some("0")), None);
        assert_eq!(expires_at("item:account_email", None), Some(2 * ten_days));
        assert_eq!(expires_at("item:profile_nickname", None), None);
        assert_eq!(rules.expires_at("other", "term:news", Some("1"), 0), None);
        assert_ne!(rules.subject("shop", "hana"), rules.subject("shop", "duri"));
        assert_ne!(rules.subject("shop", "hana"), rules.open_id("shop", "hana"));
    }
}
