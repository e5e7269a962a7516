//! Names and texts of a service for its account pages: as they are configured, in a language of the
//! service that the user reads. A service that is not configured any more has its client id only.

use consent_contract::{
    account::NewerText,
    item::ItemKey,
    request::{self as message, Mode},
};
use jiff::tz::TimeZone;
use time::Date;

use super::user::User;
use crate::{
    App,
    clock::{Seconds, rfc3339_in},
    config::{KakaoApp, Service, Term},
    consent,
    http::icon,
};

/// A service and the language of its texts.
pub struct Labels<'a> {
    client_id: &'a str,
    service: Option<&'a Service>,
    /// A BCP 47 tag.
    pub locale: &'a str,
    zone: TimeZone,
    /// In the service's time zone.
    today: Date,
    pub now: Seconds,
}

impl<'a> Labels<'a> {
    pub fn of(app: &'a App, user: &User, client_id: &'a str) -> Self {
        let service = app.catalog().services.get(client_id);
        let locale = match service {
            Some(service) => service.locale(user.languages()),
            None => user.locale.tag(),
        };
        let zone = service.map_or(TimeZone::UTC, |service| service.time_zone.clone());
        let now = app.now();
        let today = consent::today(&zone, now);
        Self { client_id, service, locale, zone, today, now }
    }

    pub fn service(&self) -> message::Service {
        let Some(service) = self.service else {
            return message::Service {
                name: self.client_id.to_owned(),
                company: String::new(),
                icon_url: None,
                destination_origin: String::new(),
                verified: false,
                mode: Mode::Live,
                privacy_policy_url: None,
            };
        };
        let redirect_uri = service.redirect_uris.first().map_or("", String::as_str);
        consent::service(service, redirect_uri, icon::url(service), self.locale)
    }

    /// Whether the service is configured.
    pub fn is_configured(&self) -> bool {
        self.service.is_some()
    }

    /// Recipient, purpose and retention, of an item or what items share. None where the service has no
    /// texts in the language.
    pub fn statements(&self, item: Option<&str>, locale: &str) -> Option<[String; 3]> {
        let service = self.service.filter(|it| it.locales.iter().any(|it| it == locale))?;
        let info = &service.personal_info;
        let texts = match item.and_then(|id| service.item(id)) {
            Some(item) => {
                let [recipient, purpose, retention, _] = info.statements_of(item);
                [recipient, purpose, retention]
            }
            None => [&info.recipient, &info.purpose, &info.retention],
        };
        Some(texts.map(|text| text.get(locale).clone()))
    }

    /// The terms and items that are configured, in their order.
    pub fn keys(&self) -> Vec<ItemKey> {
        let Some(service) = self.service else { return Vec::new() };
        let terms = service.tags().map(|tag| ItemKey::Term(tag.to_owned()));
        let items = service.personal_info.items.iter();
        terms.chain(items.map(|item| ItemKey::Item(item.attribute.id().to_owned()))).collect()
    }

    /// Public ids and names of the channels that are configured.
    pub fn channels(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let (service, locale) = (self.service, self.locale);
        let channels = service.into_iter().flat_map(|service| &service.channels);
        channels.map(move |it| (it.public_id.as_str(), it.name.get(locale).as_str()))
    }

    /// The title of a term, in this version if it is configured, or the label of an item.
    pub fn title(&self, key: &ItemKey, version: Option<&str>) -> String {
        let title = match key {
            ItemKey::Term(tag) => {
                let term = self.term(tag, version).or_else(|| self.term(tag, None));
                term.map(|term| term.title.get(self.locale))
            }
            ItemKey::Item(id) => {
                let item = self.service.and_then(|service| service.item(id));
                item.map(|item| item.label.get(self.locale))
            }
            ItemKey::Channel(id) => {
                let channels = self.service.into_iter().flat_map(|service| &service.channels);
                let mut channels = channels.filter(|it| it.public_id == *id);
                channels.next().map(|channel| channel.name.get(self.locale))
            }
        };
        title.map_or_else(|| key.name().to_owned(), String::clone)
    }

    /// The digest of a version of a term.
    pub fn digest(&self, key: &ItemKey, version: Option<&str>) -> Option<String> {
        let (ItemKey::Term(tag), Some(_)) = (key, version) else { return None };
        self.term(tag, version).map(|term| term.digests.get(self.locale).clone())
    }

    /// Whether the service needs a term or an item now.
    pub fn is_required(&self, key: &ItemKey) -> bool {
        let Some(service) = self.service else { return false };
        match key {
            ItemKey::Term(tag) => self.current(tag).is_some_and(|term| term.required),
            ItemKey::Item(id) => service.item(id).is_some_and(|item| item.required),
            ItemKey::Channel(_) => false,
        }
    }

    /// The version of a term that is in force, when it is later than this one.
    pub fn newer(&self, tag: &str, version: &str, locale: &str) -> Option<NewerText> {
        let current = self.current(tag).filter(|term| term.version != version)?;
        // A version that is not configured any more is an earlier one.
        let known = self.term(tag, Some(version));
        let is_later = known.is_none_or(|term| term.effective_from < current.effective_from);
        is_later.then(|| NewerText {
            version: current.version.clone(),
            effective_from: current.effective_from.to_string(),
            digest: current.digests.get(locale).clone(),
        })
    }

    /// Whether the service hears of it when a user disconnects it.
    pub fn hears_of_leaving(&self) -> bool {
        self.service.is_some_and(|service| {
            let has_webhook = |it: &KakaoApp| it.unlink_webhook.is_some();
            service.events.is_some() || service.kakao.as_ref().is_some_and(has_webhook)
        })
    }

    /// A time in the service's time zone.
    pub fn time(&self, at: Seconds) -> String {
        rfc3339_in(&self.zone, at)
    }

    /// A version of a term; any without one.
    fn term(&self, tag: &str, version: Option<&str>) -> Option<&'a Term> {
        let mut terms = self.service?.terms.iter().filter(|term| term.tag == tag);
        terms.find(|term| version.is_none_or(|version| term.version == version))
    }

    fn current(&self, tag: &str) -> Option<&'a Term> {
        self.service?.terms_on(self.today).into_iter().find(|term| term.tag == tag)
    }
}
