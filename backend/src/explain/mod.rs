//! `consent-backend explain`, and the same by the admin API: why an account meets a screen at a service or none, what is on it, and
//! who refused what and when.
//!
//! The request is read, judged and written as a message by the code that answers `/oauth/authorize` and
//! renders the screen. Nothing is written, and the account counts as signed in.

mod services;
mod text;

use std::collections::BTreeMap;

use consent_contract::{
    auto_login::AuthStatus,
    channel::{self, NotOffered},
    item::ItemKey,
    request::{ConsentRequest, Purpose, ReasonCode},
};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::{
    clock::{Seconds, rfc3339},
    config::{Account, Catalog, How, Service},
    consent::{self, Asked, Facts, Frame, InWords, Judgement, NotAsked, Refusal, Standing},
    http::confirm,
    oauth::request::{self, AuthorizeRequest, RequestFault},
    store::{self, ReceiptHead, Store},
};
use services::Known;

/// Receipts that are listed, the latest first.
const MOST_RECEIPTS: i64 = 20;

/// Any challenge has this form (RFC 7636, 4.2).
const CODE_CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whom to explain at what service, and what the service's request names.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub account: String,
    /// A client id.
    pub service: String,
    /// As in an authorize request; empty for a request without the parameter.
    pub scope: String,
    pub service_terms: String,
    pub channel_public_id: String,
}

/// What a request of the service would lead to now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Explanation {
    pub account: String,
    pub service: String,
    /// RFC 3339.
    pub at: String,
    pub outcome: Outcome,
    /// How the account is linked to the service: `combined_screen`, `plain_login`, or not.
    #[schema(value_type = Option<String>)]
    pub link: Option<How>,
    /// Every term and item of the service, in the order of the file.
    pub items: Vec<Item>,
    pub channels: Vec<Channel>,
    /// Decisions and changes, the latest first.
    pub receipts: Vec<ReceiptHead>,
}

/// What the user meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedOutcome)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum Outcome {
    /// The request itself is refused, for every account.
    InvalidRequest { reason: String },
    /// The service gets a code at once.
    NoScreen,
    /// A page on which a member confirms that a program on the device gets a code.
    Confirmation,
    Screen {
        purpose: Purpose,
        /// Whether the user has to type something.
        needs_a_value: bool,
    },
    /// The account cannot go on.
    Refused {
        /// `not_approved`, `not_a_test_member`, `under_age`, `guardian_needed` or `value_missing`.
        code: &'static str,
        reason: String,
    },
}

/// A term or an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedItem)]
pub struct Item {
    /// `term:tos` or `item:account_email`
    pub key: String,
    pub required: bool,
    /// Why it is on the screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_because: Option<ReasonCode>,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_asked_because: Option<NotAsked>,
    /// The version that is agreed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_version: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<String>,
    /// When the user said no last, if that was the last word. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<String>,
}

/// A channel of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedChannel)]
pub struct Channel {
    pub public_id: String,
    pub offered: bool,
    /// `no_screen`, `not_adult`, or why the screen leaves it out.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_offered_because: Option<NoChannel>,
}

/// Why a channel is not on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoChannel {
    /// Nothing is asked, and a channel alone brings no screen.
    NoScreen,
    /// The channel is for adults, and the account is not known to be one's.
    NotAdult,
    /// The screen leaves it out.
    #[serde(untagged)]
    Screen(NotOffered),
}

/// Why nothing can be explained.
#[derive(Debug)]
pub enum Unexplained {
    UnknownAccount(String),
    UnknownService(String),
    /// The admin API has disabled it.
    DisabledService(String),
    /// It is one of the admin API, and does not fit the services file.
    UnusableService {
        service: String,
        reasons: String,
    },
    Database(store::Error),
}

impl From<store::Error> for Unexplained {
    fn from(error: store::Error) -> Self {
        Self::Database(error)
    }
}

impl std::fmt::Display for Unexplained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownAccount(id) => write!(f, "there is no account `{id}`"),
            Self::UnknownService(id) => write!(f, "there is no service `{id}`"),
            Self::DisabledService(id) => write!(f, "the service `{id}` is disabled"),
            Self::UnusableService { service, reasons } => write!(
                f,
                "the service `{service}` of the admin API does not fit the services file: {reasons}"
            ),
            Self::Database(error) => write!(f, "the database: {error}"),
        }
    }
}

/// Explains what a request would lead to now, at a service of the file or of the admin API.
///
/// # Errors
/// See [`Unexplained`].
pub async fn explain(
    store: &Store,
    file: &Catalog,
    question: &Question,
    now: Seconds,
) -> Result<Explanation, Unexplained> {
    let known = Known::beside(store, file).await?;
    let catalog = &known.catalog;
    let missing = || known.missing(&question.service);
    let service = catalog.services.get(&question.service).ok_or_else(missing)?;
    let unknown = || Unexplained::UnknownAccount(question.account.clone());
    let account = store.usable_account(catalog, &question.account).await?.ok_or_else(unknown)?;
    let account = &*account;
    let standing = store.standing(&account.id, &service.client_id).await?;
    let receipts =
        store.receipt_heads(&account.id, Some(&service.client_id), MOST_RECEIPTS).await?;
    let mut explanation = Explanation {
        account: account.id.clone(),
        service: service.client_id.clone(),
        at: rfc3339(now),
        outcome: Outcome::NoScreen,
        link: standing.grant.link,
        items: Vec::new(),
        channels: Vec::new(),
        receipts,
    };
    match request::read(&query(service, question), catalog) {
        Ok(request) => {
            let judgement = consent::judge(service, account, &standing, &request.wanted, now);
            let message = message(service, account, &standing, &judgement, &request, now);
            explanation.outcome = outcome(&judgement, account, || {
                confirm::is_needed(store.receipt_issuer(), service, &request)
            });
            let today = consent::today(&service.time_zone, now);
            let (wanted, standing) = (&request.wanted, &standing);
            let facts = Facts { service, account, standing, wanted, today };
            explanation.items = items(&facts, judgement.asked.as_ref(), &message);
            explanation.channels = channels(service, judgement.asked.is_some(), &message);
        }
        Err(fault) => explanation.outcome = Outcome::InvalidRequest { reason: described(fault) },
    }
    Ok(explanation)
}

/// The authorize request of the question, as the service would send it.
fn query(service: &Service, question: &Question) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("client_id", &service.client_id);
    query.append_pair("response_type", "code");
    query.append_pair("code_challenge", CODE_CHALLENGE);
    query.append_pair("code_challenge_method", "S256");
    if let Some(redirect_uri) = service.redirect_uris.first() {
        query.append_pair("redirect_uri", redirect_uri);
    }
    for (name, value) in [
        ("scope", &question.scope),
        ("service_terms", &question.service_terms),
        ("channel_public_id", &question.channel_public_id),
    ] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

fn described(fault: RequestFault) -> String {
    match fault {
        RequestFault::InvalidRedirect(reason) => reason.to_owned(),
        RequestFault::Kakao(error) => format!("{}: {}", error.koe.code(), error.description),
        RequestFault::Redirect { description, .. } => description,
    }
}

fn outcome(
    judgement: &Judgement<'_>,
    account: &Account,
    needs_confirmation: impl FnOnce() -> bool,
) -> Outcome {
    match (judgement.refusal, &judgement.asked) {
        (Some(refusal), _) => Outcome::Refused {
            code: match refusal {
                Refusal::SimpleSignUpInactive => "not_approved",
                Refusal::NotATestMember => "not_a_test_member",
                Refusal::UnderAge { .. } => "under_age",
                Refusal::GuardianNeeded => "guardian_needed",
                Refusal::ValueMissing => "value_missing",
            },
            reason: refusal.description(),
        },
        (None, Some(asked)) => {
            Outcome::Screen { purpose: asked.purpose, needs_a_value: asked.needs_a_value(account) }
        }
        (None, None) if judgement.status == AuthStatus::Member && needs_confirmation() => {
            Outcome::Confirmation
        }
        (None, None) => Outcome::NoScreen,
    }
}

/// The message of the screen, or of one that asks nothing.
fn message(
    service: &Service,
    account: &Account,
    standing: &Standing,
    judgement: &Judgement<'_>,
    request: &AuthorizeRequest,
    now: Seconds,
) -> ConsentRequest {
    let nothing =
        Asked { purpose: Purpose::AdditionalConsent, terms: Vec::new(), items: Vec::new() };
    let frame = Frame {
        locale: service.locale([]),
        expires_in: 0,
        csrf_token: String::new(),
        switch_url: None,
        icon_url: None,
        is_adult: consent::is_adult(account, consent::today(&service.time_zone, now)),
        in_words: |_| InWords::default(),
    };
    let asked = judgement.asked.as_ref().unwrap_or(&nothing);
    consent::request(service, account, standing, asked, request, frame)
}

fn items(facts: &Facts<'_>, asked: Option<&Asked<'_>>, message: &ConsentRequest) -> Vec<Item> {
    let mut reasons: BTreeMap<&str, ReasonCode> = BTreeMap::new();
    for reason in &message.reasons.0 {
        reasons.extend(reason.items.iter().map(|key| (key.as_str(), reason.code)));
    }
    let Facts { service, standing, .. } = facts;
    let row = |key: ItemKey, required, agreed: Option<(Option<String>, Seconds)>, not_asked| {
        let name = key.to_string();
        let asked_because = reasons.get(name.as_str()).copied();
        let (agreed_version, agreed_at) =
            agreed.map_or((None, None), |(version, at)| (version, Some(rfc3339(at))));
        Item {
            key: name,
            required,
            asked_because,
            not_asked_because: not_asked,
            agreed_version,
            agreed_at,
            refused_at: facts.refused_at(&key).map(rfc3339),
        }
    };
    let terms = service.tags().map(|tag| {
        let is_asked = asked.is_some_and(|asked| asked.terms.iter().any(|term| term.tag == tag));
        let mut versions = service.terms.iter().filter(|term| term.tag == tag);
        let required = service
            .terms_on(facts.today)
            .into_iter()
            .find(|term| term.tag == tag)
            .or_else(|| versions.next())
            .is_some_and(|term| term.required);
        let agreed = standing.grant.terms.get(tag);
        let agreed = agreed.map(|(version, at)| (Some(version.clone()), *at));
        let not_asked = (!is_asked).then(|| facts.term(tag));
        row(ItemKey::Term(tag.to_owned()), required, agreed, not_asked)
    });
    let items = service.personal_info.items.iter().map(|item| {
        let id = item.attribute.id();
        let is_asked =
            asked.is_some_and(|asked| asked.items.iter().any(|it| it.attribute == item.attribute));
        let agreed = standing.grant.items.get(id).map(|(at, _)| (None, *at));
        let not_asked = (!is_asked).then(|| facts.item(item));
        row(ItemKey::Item(id.to_owned()), item.required, agreed, not_asked)
    });
    terms.chain(items).collect()
}

fn channels(service: &Service, is_screen: bool, message: &ConsentRequest) -> Vec<Channel> {
    let decided = channel::decide(message);
    let of = |configured: &crate::config::Channel| {
        let public_id = configured.public_id.clone();
        let decision = decided.iter().find(|(channel, _)| channel.public_id == public_id);
        let reason = match decision {
            None => Some(NoChannel::NotAdult),
            Some((_, Err(reason))) => Some(NoChannel::Screen(*reason)),
            Some((_, Ok(()))) if !is_screen => Some(NoChannel::NoScreen),
            Some((_, Ok(()))) => None,
        };
        Channel { public_id, offered: reason.is_none(), not_offered_because: reason }
    };
    service.channels.iter().map(of).collect()
}
