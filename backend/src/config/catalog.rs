//! Services and accounts as they were configured, checked: what is in here is good.

use std::{collections::BTreeMap, fmt, sync::Arc};

use consent_contract::{
    document::Block,
    locale::is_same_language,
    request::{AgreeAllPolicy, HighlightKind, Mode, Relation, TermKind},
};
use consent_services::attribute::Attribute;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use time::Date;
use url::Url;

use super::{
    look::Look,
    messenger_events::MessengerEvents,
    period::Period,
    person::{AgeRange, ConnectingInformation, Gender, LegalIdentity, LunarDay, ShippingAddress},
    secret::ClientSecrets,
    webhook::{Advertising, EventTarget, UnlinkWebhook},
};
use crate::{account::Key, crypto};

pub use consent_services::age::AGE_OF_CONSENT;

/// Everything that was configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    pub services: BTreeMap<String, Service>,
    /// By id; the database has others. See [`crate::App::account`].
    pub accounts: BTreeMap<String, Arc<Account>>,
    pub sign_in: SignIn,
    pub retention: Retention,
    pub guardian: Option<GuardianMail>,
    /// None without `[admin]`.
    pub admin: Option<AdminApi>,
    /// None without `[messenger_events]`.
    pub messenger_events: Option<MessengerEvents>,
}

impl Catalog {
    /// Whether there are services, and all of them are Kakao apps.
    #[must_use]
    pub fn has_only_kakao_apps(&self) -> bool {
        !self.services.is_empty() && self.services.values().all(|service| service.kakao.is_some())
    }
}

/// How long receipts are kept, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Cancelled and refused decisions.
    pub refusals_days: u32,
    /// Every receipt between an account and a service, after the account has left it; none for no end.
    pub ended_agreements_days: Option<u32>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { refusals_days: 90, ended_agreements_days: None }
    }
}

/// Signing in: this backend has no passwords of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignIn {
    /// Where a signed-out browser is sent, with `return_to` added: an own path or an https URL.
    pub login_url: Option<String>,
    /// The header in which a trusted reverse proxy names the account. From other peers it is
    /// ignored, see [`crate::Settings::trusted_proxies`].
    pub account_header: Option<String>,
    /// The header in which the same proxy says when the person authenticated, as whole seconds since
    /// 1970, UTC. Where it is configured, an account without that time is not taken.
    pub auth_time_header: Option<String>,
    /// The headers in which the same proxy gives personal values. Where they are configured, accounts
    /// that are not in the file are made in the database.
    pub attribute_headers: Option<BTreeMap<Key, String>>,
    /// The OpenID provider that people sign in at, instead of a login page and a proxy.
    pub oidc: Option<Oidc>,
}

/// An OpenID provider, and this server as its client.
#[derive(Clone, PartialEq, Eq)]
pub struct Oidc {
    pub issuer: String,
    pub client_id: String,
    /// None for a public client.
    pub client_secret: Option<String>,
    pub scopes: Vec<String>,
    /// The claim that is the id of a new account.
    pub account_claim: String,
    /// The claims that personal values come from.
    pub claims: BTreeMap<Key, String>,
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the secret.
        f.debug_struct("Oidc")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("is_public", &self.client_secret.is_none())
            .field("scopes", &self.scopes)
            .field("account_claim", &self.account_claim)
            .field("claims", &self.claims)
            .finish()
    }
}

/// A text in every language of its service, `ko` among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Localised<T> {
    /// By BCP 47 tag; a text that was given once stands for every language.
    texts: BTreeMap<String, T>,
    everywhere: Option<T>,
}

impl<T> Localised<T> {
    /// One text for every language.
    pub fn everywhere(text: T) -> Self {
        Self { texts: BTreeMap::new(), everywhere: Some(text) }
    }

    /// One text for each language. `None` without Korean, which every other language falls back to.
    pub fn by_locale(texts: BTreeMap<String, T>) -> Option<Self> {
        texts.contains_key("ko").then_some(Self { texts, everywhere: None })
    }

    /// The text in this language, else in Korean.
    pub fn get(&self, locale: &str) -> &T {
        self.texts
            .get(locale)
            .or_else(|| self.of_same_language(locale))
            .or(self.everywhere.as_ref())
            .or_else(|| self.texts.get("ko"))
            .expect("by_locale() lets nothing in without Korean")
    }

    /// For a page of the server's own: its language may be written otherwise, `zh-Hans` for `zh`.
    fn of_same_language(&self, locale: &str) -> Option<&T> {
        self.texts.iter().find(|(tag, _)| is_same_language(tag, locale)).map(|(_, text)| text)
    }

    /// The languages it was given in; none when one text stands for all.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }
}

/// A text in the languages of its service.
pub type Text = Localised<String>;

/// A service that people sign up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub client_id: String,
    pub name: Text,
    pub company: Text,
    pub icon: Option<Icon>,
    /// None for the screen's own.
    pub look: Option<Arc<Look>>,
    /// Exact; only the port of a loopback address is free (RFC 8252, 7.3).
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after it signed out here; exact (RP-Initiated Logout, 3).
    pub post_logout_redirect_uris: Vec<String>,
    /// Where a login begins at the service itself (OpenID Connect Core, 4).
    pub initiate_login_uri: Option<String>,
    /// A service without a secret is a public client.
    pub client_secret: Option<ClientSecrets>,
    /// Only with [`Dialect::Kakao`].
    pub kakao: Option<KakaoApp>,
    /// Whether every authorize request must announce a PKCE verifier: always for public clients
    /// (RFC 9700, 2.1.1).
    pub require_pkce: bool,
    pub mode: Mode,
    /// Whether the operator has checked who runs it.
    pub verified: bool,
    /// Whether it may use the combined screen.
    pub approved: bool,
    /// Younger people are turned away, in years. See [`Self::lowest_age`].
    pub min_age: u8,
    pub under_age: UnderAge,
    /// Where a day begins when ages are judged.
    pub time_zone: TimeZone,
    pub agree_all: AgreeAllPolicy,
    pub test_members: Vec<String>,
    pub privacy_policy_url: Option<String>,
    /// Every version in the file, in its order. Two of one tag have different versions and different
    /// days.
    pub terms: Vec<Term>,
    pub personal_info: PersonalInfo,
    pub channels: Vec<Channel>,
    /// Where it hears of changes.
    pub events: Option<EventTarget>,
    /// Which of its agreements are to receive advertising.
    pub advertising: Option<Advertising>,
    /// What the demo says about this service.
    pub note: Option<Text>,
    /// The languages of its texts, `ko` first.
    pub locales: Vec<String>,
}

/// What a service does with children for whom a guardian has to consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnderAge {
    /// It takes no one under 14.
    Refuse,
    /// A guardian is asked.
    Guardian,
}

/// Who may call the API of the admin listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminApi {
    /// At least one, each with another name and token.
    pub keys: Vec<AdminKey>,
    /// Whether a service that the API makes waits for a caller who approves it.
    pub approval_required: bool,
}

/// A caller of the admin API.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminKey {
    /// As the audit log has it.
    pub name: String,
    /// The bearer token.
    pub token: String,
    /// Whether it may approve services.
    pub approves: bool,
}

impl AdminApi {
    /// The caller with this token. It is compared with all, each in constant time.
    #[must_use]
    pub fn caller(&self, token: &str) -> Option<&AdminKey> {
        let same = |key: &&AdminKey| crypto::same(token, &key.token);
        self.keys.iter().fold(None, |found, key| if same(&key) { Some(key) } else { found })
    }
}

impl fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the token.
        f.debug_struct("AdminKey")
            .field("name", &self.name)
            .field("approves", &self.approves)
            .finish_non_exhaustive()
    }
}

/// How links reach guardians.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardianMail {
    /// Where each message is posted to, as JSON.
    pub hook: Url,
    /// The bearer token that is sent with it.
    pub secret: String,
}

/// The protocol that a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// OAuth 2.0 and OpenID Connect.
    Standard,
    /// Kakao Login, with its parameters, errors and API.
    Kakao,
}

/// What a Kakao app has in its console beside what every service has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KakaoApp {
    pub app_id: i64,
    /// Authenticates the service's server at the API, for any of its users.
    pub admin_key: Option<String>,
    /// Whether Kakao Login is switched on.
    pub login: bool,
    /// Whether OpenID Connect is switched on.
    pub openid: bool,
    /// Whether the service completes each sign-up itself (`/v1/user/signup`).
    pub manual_connection: bool,
    /// Whether authorize requests may name channels in `channel_public_id`.
    pub channel_selection: bool,
    /// Exact.
    pub logout_redirect_uris: Vec<String>,
    /// User properties that the service may store, beside those that every app has.
    pub properties: Vec<String>,
    pub unlink_webhook: Option<UnlinkWebhook>,
    pub channel_webhook_url: Option<Url>,
}

impl Service {
    /// Whether there is a term with this tag, in any version.
    #[must_use]
    pub fn has_term(&self, tag: &str) -> bool {
        self.terms.iter().any(|term| term.tag == tag)
    }

    /// The terms as they hold on a day: of each tag the latest version whose day has come, in the
    /// order in which the tags stand in the file.
    #[must_use]
    pub fn terms_on(&self, day: Date) -> Vec<&Term> {
        let begun = self.terms.iter().filter(|term| term.effective_from <= day);
        let latest = |tag| {
            let versions = begun.clone().filter(move |term| term.tag == tag);
            versions.max_by_key(|term| term.effective_from)
        };
        self.tags().filter_map(latest).collect()
    }

    /// The tags of its terms, each once, in the order of the file.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let is_first =
            |at: usize, tag: &str| self.terms.iter().position(|term| term.tag == tag) == Some(at);
        let tags = self.terms.iter().map(|term| term.tag.as_str()).enumerate();
        tags.filter(move |(at, tag)| is_first(*at, tag)).map(|(_, tag)| tag)
    }

    /// The age in years from which it takes people. Without guardians no one under the age of consent is
    /// taken, whatever `min_age` is (PIPA 22-2(1)).
    #[must_use]
    pub fn lowest_age(&self) -> u8 {
        match self.under_age {
            UnderAge::Refuse => self.min_age.max(AGE_OF_CONSENT),
            UnderAge::Guardian => self.min_age,
        }
    }

    /// The personal information item with this id.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.personal_info.items.iter().find(|item| item.attribute.id() == id)
    }

    /// The language of its texts for these preferred languages.
    #[must_use]
    pub fn locale<'a>(&self, preferred: impl IntoIterator<Item = &'a str>) -> &str {
        let available: Vec<&str> = self.locales.iter().map(String::as_str).collect();
        let chosen = crate::locale::best(preferred, &available).unwrap_or("ko");
        self.locales.iter().map(String::as_str).find(|tag| *tag == chosen).unwrap_or("ko")
    }
}

/// A picture, read when the server started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icon {
    /// Changes with the picture.
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// One version of one of a service's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub tag: String,
    pub kind: TermKind,
    pub required: bool,
    /// Asked only when the authorize request names it in `service_terms`.
    pub only_when_requested: bool,
    /// How long an agreement to it is valid; none for one without an end.
    pub valid_for: Option<Period>,
    pub version: String,
    /// The first day on which it is asked, see [`Service::terms_on`].
    pub effective_from: Date,
    /// When members are asked for it, whom no request asks.
    pub ask_again: AskAgain,
    pub title: Text,
    pub highlights: Vec<(HighlightKind, Text)>,
    pub blocks: Localised<Vec<Block>>,
    /// Digest of title and blocks.
    pub digests: Localised<String>,
}

/// When a new version of a term is asked of members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AskAgain {
    /// When an authorize request names the term: the platform's rule.
    #[default]
    Requested,
    /// From the version's first day on.
    AtOnce,
    /// So many days later.
    AfterGrace { days: u16 },
}

impl AskAgain {
    /// The first day on which members are asked without a request; none for [`Self::Requested`].
    #[must_use]
    pub fn first_day(self, effective_from: Date) -> Option<Date> {
        match self {
            Self::Requested => None,
            Self::AtOnce => Some(effective_from),
            Self::AfterGrace { days } => {
                effective_from.checked_add(time::Duration::days(days.into()))
            }
        }
    }
}

/// What a service asks of the account, and the statements that stand beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalInfo {
    pub recipient: Text,
    pub purpose: Text,
    pub retention: Text,
    pub refusal_effect: Text,
    /// Wordings that mean the same as the one of now: members who agreed to one of them are not asked
    /// again.
    pub earlier_wordings: Vec<EarlierWording>,
    pub items: Vec<Item>,
}

impl PersonalInfo {
    /// Recipient, purpose, retention and effect of refusing of an item.
    #[must_use]
    pub fn statements_of<'a>(&'a self, item: &'a Item) -> [&'a Text; 4] {
        let OwnStatements { recipient, purpose, retention, refusal_effect } = &item.own_statements;
        [
            recipient.as_ref().unwrap_or(&self.recipient),
            purpose.as_ref().unwrap_or(&self.purpose),
            retention.as_ref().unwrap_or(&self.retention),
            refusal_effect.as_ref().unwrap_or(&self.refusal_effect),
        ]
    }
}

/// Statements about one item, where they are not those of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnStatements {
    pub recipient: Option<Text>,
    pub purpose: Option<Text>,
    pub retention: Option<Text>,
    pub refusal_effect: Option<Text>,
}

/// Statements as they were worded before. Those that were the same are those of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierWording {
    pub recipient: Text,
    pub purpose: Text,
    pub retention: Text,
}

/// One item of personal information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub attribute: Attribute,
    pub label: Text,
    pub required: bool,
    /// Whether the screen asks for the value when the account has none.
    pub collect: bool,
    /// What happens where a required value does not come.
    pub when_missing: WhenMissing,
    /// Asked only when the authorize request names it in `scope`.
    pub only_when_requested: bool,
    /// How long an agreement to it is valid; none for one without an end.
    pub valid_for: Option<Period>,
    /// Whether `birthday` is the whole date of birth. Without it, the day alone.
    pub with_year: bool,
    /// See [`PersonalInfo::statements_of`].
    pub own_statements: OwnStatements,
    /// Wordings of its statements that mean the same as those of now, see
    /// [`PersonalInfo::earlier_wordings`].
    pub earlier_wordings: Vec<EarlierWording>,
}

/// What happens where the account has no value for a required item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenMissing {
    /// The user types the value; one that cannot be typed ends the request.
    Stop,
    /// The user agrees, and the service gets no value.
    Continue,
}

impl Item {
    /// Whether a user who has no value for it cannot agree.
    #[must_use]
    pub fn needs_a_value(&self) -> bool {
        self.required && self.when_missing == WhenMissing::Stop
    }
}

/// A messenger channel of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    pub public_id: String,
    pub name: Text,
    pub primary: bool,
    /// Offered only to users who are known to be adults.
    pub adult: bool,
}

/// An account that can sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub nickname: String,
    /// The address of a picture.
    pub picture: Option<String>,
    pub email: Option<String>,
    /// Whether the address was verified: the claim `email_verified`.
    pub email_verified: bool,
    pub phone: Option<String>,
    /// Whether the number was verified: the claim `phone_number_verified`.
    pub phone_number_verified: bool,
    pub name: Option<String>,
    pub gender: Option<Gender>,
    /// The date of birth, in the Gregorian calendar.
    pub birthday: Option<Date>,
    /// The year of birth where the day is unknown.
    pub birthyear: Option<u16>,
    /// The same day in the lunar calendar, where it is celebrated by that.
    pub lunar_birthday: Option<LunarDay>,
    /// Known by itself, whatever the date of birth is.
    pub age_range: Option<AgeRange>,
    pub connecting_information: Option<ConnectingInformation>,
    pub legal: LegalIdentity,
    pub shipping_addresses: Vec<ShippingAddress>,
    pub messenger_registered: bool,
    /// Known to be under 14, whether or not the birthday is known.
    pub under_14: bool,
    /// By public id; every other channel is `none`.
    pub channels: BTreeMap<String, Relation>,
    pub links: Vec<Link>,
    /// What the demo says about this account.
    pub note: Option<Text>,
}

impl Account {
    /// Whether the account itself has a value for an item. Always for permissions, which need none.
    #[must_use]
    pub fn has(&self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::Nickname => true,
            Attribute::ProfileImage => self.picture.is_some(),
            Attribute::Email => self.email.is_some(),
            Attribute::Phone => self.phone.is_some(),
            Attribute::Name => self.name.is_some(),
            Attribute::Gender => self.gender.is_some(),
            Attribute::AgeRange => self.age_range.is_some() || self.birthday.is_some(),
            Attribute::Birthday => self.birthday.is_some(),
            Attribute::Birthyear => self.year_of_birth().is_some(),
            Attribute::ConnectingInformation => self.connecting_information.is_some(),
            Attribute::LegalName => self.legal.name.is_some(),
            Attribute::LegalBirthDate => self.legal.birth_date.is_some(),
            Attribute::LegalGender => self.legal.gender.is_some(),
            Attribute::IsKorean => self.legal.is_korean.is_some(),
            Attribute::Address => self.default_address().is_some(),
            Attribute::ChannelRelations
            | Attribute::Friends
            | Attribute::SendingMessages
            | Attribute::Chats => true,
        }
    }

    /// The date of birth by which an age is judged: a verified one before the account's own.
    #[must_use]
    pub fn date_of_birth(&self) -> Option<Date> {
        self.legal.birth_date.or(self.birthday)
    }

    #[must_use]
    pub fn year_of_birth(&self) -> Option<u16> {
        self.birthday.and_then(|day| u16::try_from(day.year()).ok()).or(self.birthyear)
    }

    /// The address that is used where no other is chosen.
    #[must_use]
    pub fn default_address(&self) -> Option<&ShippingAddress> {
        let addresses = &self.shipping_addresses;
        addresses.iter().find(|address| address.is_default).or(addresses.first())
    }
}

/// A link between an account and a service that was there before this backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub service: String,
    pub how: How,
    pub at: crate::clock::Seconds,
    /// Tags and versions.
    pub terms: Vec<(String, String)>,
    /// Ids.
    pub items: Vec<String>,
}

/// How an account came to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Through the combined screen.
    #[serde(rename = "combined_screen")]
    Combined,
    /// By plain login, before the service had the combined screen: to be asked once.
    PlainLogin,
}
