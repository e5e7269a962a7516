//! Writing the message that the screen shows.

use consent_contract::request::{
    self as message, AgreedItem, AgreedTerm, AlreadyAgreed, ConsentRequest, Relation,
};

use super::{
    ask::{Asked, Standing},
    mask,
    reasons::reasons,
};
use crate::{
    clock::rfc3339_in,
    config::{Account, PersonalInfo, Service, Text},
    crypto,
    oauth::{answer, request::AuthorizeRequest},
    store::Grant,
};

/// The rest of the message.
pub struct Frame<'a> {
    pub locale: &'a str,
    pub expires_in: u32,
    pub csrf_token: String,
    /// Where to switch the account.
    pub switch_url: Option<String>,
    /// Where the service's icon is.
    pub icon_url: Option<String>,
    /// Whether the user is known to be an adult.
    pub is_adult: bool,
    /// The heading and the reason of the rest of the message, in words.
    pub in_words: fn(&ConsentRequest) -> InWords,
}

/// See [`ConsentRequest::heading`] and [`ConsentRequest::reason`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InWords {
    pub heading: Option<String>,
    pub reason: Option<String>,
}

/// The message for what is asked.
#[must_use]
pub fn request(
    service: &Service,
    account: &Account,
    standing: &Standing,
    asked: &Asked<'_>,
    authorize: &AuthorizeRequest,
    frame: Frame<'_>,
) -> ConsentRequest {
    let locale = frame.locale;
    let grant = &standing.grant;
    let reasons = reasons(service, asked, standing);
    let provision = &service.personal_info;
    let mut personal_info = message::PersonalInfo {
        recipient: provision.recipient.get(locale).clone(),
        purpose: provision.purpose.get(locale).clone(),
        retention: provision.retention.get(locale).clone(),
        refusal_effect: provision.refusal_effect.get(locale).clone(),
        digest: String::new(),
        items: message::grouped(
            asked.items.iter().map(|it| item(it, provision, account, locale)).collect(),
        ),
    };
    personal_info.digest = crypto::sri(&personal_info.digest_input());
    let request = ConsentRequest {
        expires_in: frame.expires_in,
        csrf_token: frame.csrf_token,
        locale: locale.to_owned(),
        languages: Some(service.locales.join(" ")),
        purpose: asked.purpose,
        heading: None,
        reason: None,
        reasons,
        service: self::service(service, &authorize.redirect_uri, frame.icon_url, locale),
        account: self::account(account, frame.switch_url),
        agree_all: service.agree_all,
        terms: asked.terms.iter().map(|term| self::term(term, grant, locale)).collect(),
        personal_info,
        channels: channels(service, frame.is_adult, grant, authorize, locale),
        already_agreed: already_agreed(service, grant, asked, locale),
    };
    let InWords { heading, reason } = (frame.in_words)(&request);
    ConsentRequest { heading, reason, ..request }
}

/// The service, for the message.
#[must_use]
pub fn service(
    service: &Service,
    redirect_uri: &str,
    icon_url: Option<String>,
    locale: &str,
) -> message::Service {
    message::Service {
        name: service.name.get(locale).clone(),
        company: service.company.get(locale).clone(),
        icon_url,
        destination_origin: answer::destination(redirect_uri),
        verified: service.verified,
        mode: service.mode,
        privacy_policy_url: service.privacy_policy_url.clone(),
    }
}

/// The account, for the message.
#[must_use]
pub fn account(account: &Account, switch_url: Option<String>) -> message::Account {
    message::Account {
        nickname: account.nickname.clone(),
        avatar_url: None,
        identifier: mask::identifier(account),
        messenger_registered: account.messenger_registered,
        switch_url,
    }
}

fn term(term: &crate::config::Term, grant: &Grant, locale: &str) -> message::Term {
    let highlight = |(kind, text): &(message::HighlightKind, Text)| message::Highlight {
        kind: *kind,
        text: text.get(locale).clone(),
    };
    let agreed_version = grant.terms.get(&term.tag).map(|(version, _)| version);
    message::Term {
        tag: term.tag.clone(),
        title: term.title.get(locale).clone(),
        kind: term.kind,
        required: term.required,
        version: term.version.clone(),
        digest: term.digests.get(locale).clone(),
        highlights: term.highlights.iter().map(highlight).collect(),
        agreed_version: agreed_version.filter(|agreed| **agreed != term.version).cloned(),
    }
}

fn item(
    item: &crate::config::Item,
    provision: &PersonalInfo,
    account: &Account,
    locale: &str,
) -> message::PersonalInfoItem {
    let value = mask::preview(account, item, locale);
    // Asked for only when there is none: the screen need not know what could be asked for.
    let collect = item.attribute.collect().filter(|_| item.collect && value.is_none());
    let own = &item.own_statements;
    let differing = |own: &Option<Text>, shared: &Text| {
        let own = own.as_ref()?.get(locale);
        (own != shared.get(locale)).then(|| own.clone())
    };
    message::PersonalInfoItem {
        id: item.attribute.id().to_owned(),
        label: item.label.get(locale).clone(),
        required: item.required,
        may_be_empty: (collect.is_some() && item.required && !item.needs_a_value()).then_some(true),
        collect,
        value,
        recipient: differing(&own.recipient, &provision.recipient),
        purpose: differing(&own.purpose, &provision.purpose),
        retention: differing(&own.retention, &provision.retention),
        refusal_effect: differing(&own.refusal_effect, &provision.refusal_effect),
    }
}

fn channels(
    service: &Service,
    is_adult: bool,
    grant: &Grant,
    authorize: &AuthorizeRequest,
    locale: &str,
) -> Vec<message::Channel> {
    // An adult channel has no effect for others, as on the platform: they are not asked.
    let offered = service.channels.iter().filter(|channel| !channel.adult || is_adult);
    let channels = offered.map(|channel| message::Channel {
        public_id: channel.public_id.clone(),
        name: channel.name.get(locale).clone(),
        icon_url: None,
        primary: channel.primary,
        requested: authorize.wanted.channels.contains(&channel.public_id),
        relation: grant.channels.get(&channel.public_id).copied().unwrap_or(Relation::None),
    });
    channels.collect()
}

/// What was agreed to before and is not asked now. At the first screen of a member by plain login, which
/// asks everything, what was provided until then. Nothing at a sign-up.
fn already_agreed(
    service: &Service,
    grant: &Grant,
    asked: &Asked<'_>,
    locale: &str,
) -> AlreadyAgreed {
    let is_first_screen = asked.purpose == message::Purpose::SignUp;
    if is_first_screen && grant.link.is_none() {
        return AlreadyAgreed::default();
    }
    let terms = service.tags().filter_map(|tag| {
        let (version, at) = grant.terms.get(tag)?;
        let is_asked = asked.terms.iter().any(|asked| asked.tag == tag);
        // The title of the version that was agreed to, where the file still has it.
        let mut versions = service.terms.iter().filter(|term| term.tag == tag);
        let agreed = versions.clone().find(|term| term.version == *version);
        let term = agreed.or_else(|| versions.next())?;
        (is_first_screen || !is_asked).then(|| AgreedTerm {
            tag: tag.to_owned(),
            title: term.title.get(locale).clone(),
            version: version.clone(),
            agreed_at: rfc3339_in(&service.time_zone, *at),
        })
    });
    let is_not_asked = |item: &&crate::config::Item| {
        is_first_screen || asked.items.iter().all(|it| it.attribute != item.attribute)
    };
    let items = service.personal_info.items.iter().filter(is_not_asked).filter_map(|item| {
        let (at, _) = grant.items.get(item.attribute.id())?;
        Some(AgreedItem {
            id: item.attribute.id().to_owned(),
            label: item.label.get(locale).clone(),
            agreed_at: rfc3339_in(&service.time_zone, *at),
        })
    });
    AlreadyAgreed { terms: terms.collect(), personal_info: items.collect() }
}
