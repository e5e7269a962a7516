//! `GET /api/v1/consents/{challenge}`: what a service asks of a person.

use serde::{Deserialize, Serialize};

use crate::{
    account::StatementGroup,
    json::{self, Unreadable},
};

/// What the backend answers to the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConsentState {
    /// There is something to ask.
    Ask(Box<ConsentRequest>),
    /// There is nothing to ask: go on, to the start of the same request as a path on this origin.
    Done { redirect_to: String },
}

impl ConsentState {
    /// Reads the answer of the backend.
    ///
    /// # Errors
    /// Anything the contract does not name is an error, an unknown `kind` or `state` included:
    /// the screen must not show, and so not collect agreement to, what it does not understand.
    pub fn from_json(json: &str) -> Result<Self, Unreadable> {
        #[derive(miniserde::Deserialize)]
        struct Probe {
            state: Tag,
        }
        #[derive(miniserde::Deserialize)]
        enum Tag {
            #[serde(rename = "ask")]
            Ask,
            #[serde(rename = "done")]
            Done,
        }
        #[derive(miniserde::Deserialize)]
        struct Done {
            redirect_to: String,
        }
        match json::read::<Probe>(json)?.state {
            Tag::Ask => Ok(Self::Ask(Box::new(json::read(json)?))),
            Tag::Done => {
                let Done { redirect_to } = json::read(json)?;
                Ok(Self::Done { redirect_to })
            }
        }
    }
}

/// Everything that one consent screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentRequest {
    /// Seconds until the challenge expires, counted from the answer: clocks are not compared.
    pub expires_in: u32,
    /// Must come back with an agreement.
    pub csrf_token: String,
    /// The language of every text in this message: a BCP 47 tag.
    pub locale: String,
    /// The languages that the service has texts in: BCP 47 tags with a space between. The menu of
    /// languages has no others. None from backends that do not give them.
    pub languages: Option<String>,
    pub purpose: Purpose,
    /// The heading, with `{}` for the name of the service, where it is another than that of the
    /// purpose: a member by plain login does not sign up.
    pub heading: Option<String>,
    /// Why the person is asked, in one or two sentences below the heading. None from backends that
    /// do not give it, and in languages that they have no words in.
    pub reason: Option<String>,
    /// The same for programs: each term and item once. The screen does not read it, so that a backend
    /// may add codes.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Reason>))]
    pub reasons: Reasons,
    pub service: Service,
    pub account: Account,
    pub agree_all: AgreeAllPolicy,
    pub terms: Vec<Term>,
    pub personal_info: PersonalInfo,
    pub channels: Vec<Channel>,
    pub already_agreed: AlreadyAgreed,
}

/// Why the person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Purpose {
    /// The first time, or the first time on the combined screen.
    #[serde(rename = "sign_up")]
    SignUp,
    /// Only what is new is asked; the rest is listed as already agreed.
    #[serde(rename = "additional_consent")]
    AdditionalConsent,
}

/// See [`ConsentRequest::reasons`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Reasons(pub Vec<Reason>);

impl Reasons {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// None when the field is missing.
impl<'de> Deserialize<'de> for Reasons {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.unwrap_or_default()))
    }
}

/// The screen reads over them.
impl miniserde::Deserialize for Reasons {
    fn default() -> Option<Self> {
        Some(Self(Vec::new()))
    }

    fn begin(out: &mut Option<Self>) -> &mut dyn miniserde::de::Visitor {
        *out = <Self as miniserde::Deserialize>::default();
        <dyn miniserde::de::Visitor>::ignore()
    }
}

/// A reason, and the terms and items that it is the reason for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reason {
    pub code: ReasonCode,
    /// Item keys: `term:tos`, `item:account_email`.
    pub items: Vec<String>,
}

/// Why a term or an item is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The person has not used the service before.
    NewService,
    /// The service asks for something that it did not ask before.
    NewItems,
    /// The person agreed to an earlier version of the term.
    TermsChanged,
    /// Recipient, purpose or retention of the provision changed since the person agreed.
    StatementsChanged,
    /// The agreement reached the end of its validity.
    Expired,
    /// The person withdrew the agreement.
    Withdrawn,
    /// The service asks again for what the person has refused, or agrees to.
    Requested,
}

/// The service that asks. Everything in it was written by the service: untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Service {
    pub name: String,
    /// The legal person behind the service.
    pub company: String,
    /// A path on this origin, or none: the page loads no image from elsewhere.
    pub icon_url: Option<String>,
    /// Where the answer goes: `https://host[:port]`, or `scheme:` for an app.
    pub destination_origin: String,
    /// Whether the operator has checked who runs the service.
    pub verified: bool,
    pub mode: Mode,
    pub privacy_policy_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Mode {
    #[serde(rename = "live")]
    Live,
    /// A copy for trying things out: the screen says so.
    #[serde(rename = "test")]
    Test,
}

/// The account that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    pub nickname: String,
    pub avatar_url: Option<String>,
    /// Masked, for example `ha***@example.com`.
    pub identifier: String,
    /// Whether this account also exists on the messenger. If not, no channel can be added.
    pub messenger_registered: bool,
    /// Where to switch the account: a path on this origin, or none.
    pub switch_url: Option<String>,
}

/// What the agree-all control covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AgreeAllPolicy {
    /// Required items only. The default (rule KR-P23).
    #[serde(rename = "required_only")]
    RequiredOnly,
    /// Optional items too: the label says so, and a "required only" twin stands beside it (KR-P24).
    #[serde(rename = "everything")]
    Everything,
}

/// One of the service's terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Term {
    /// The service's own name for it: `[A-Za-z0-9_-]{1,64}`, unique within the service.
    pub tag: String,
    pub title: String,
    pub kind: TermKind,
    pub required: bool,
    pub version: String,
    /// `sha256-` and base64 of the document in this locale, see [`crate::document`].
    pub digest: String,
    pub highlights: Vec<Highlight>,
    /// The version that the person agreed to before, where it is another one: what changed since is at
    /// `GET /api/v1/consents/{challenge}/terms/{tag}/{version}`.
    pub agreed_version: Option<String>,
}

/// Each kind of consent is its own unit (rule KR-P01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TermKind {
    #[serde(rename = "service")]
    Service,
    #[serde(rename = "privacy_collection")]
    PrivacyCollection,
    /// Can never be required (rule KR-P07).
    #[serde(rename = "marketing")]
    Marketing,
    #[serde(rename = "overseas")]
    Overseas,
    #[serde(rename = "sensitive")]
    Sensitive,
}

/// Important content that is shown, and set apart, without opening anything (rule KR-P12).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Highlight {
    pub kind: HighlightKind,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HighlightKind {
    #[serde(rename = "promotion")]
    Promotion,
    #[serde(rename = "sensitive")]
    Sensitive,
    #[serde(rename = "retention")]
    Retention,
    #[serde(rename = "recipient")]
    Recipient,
}

/// The provision of personal information to the service, with the five statements that must stand
/// beside it (rule KR-P03): recipient, purpose, items, retention, effect of refusing. An item can have
/// statements of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalInfo {
    pub recipient: String,
    pub purpose: String,
    pub retention: String,
    pub refusal_effect: String,
    /// `sha256-` and base64 of all statements and the items' ids and labels, in this locale.
    pub digest: String,
    /// In the order of the screen: items with the same statements follow each other.
    pub items: Vec<PersonalInfoItem>,
}

impl PersonalInfo {
    /// Recipient, purpose, retention and effect of refusing of an item.
    #[must_use]
    pub fn statements_of<'a>(&'a self, item: &'a PersonalInfoItem) -> [&'a String; 4] {
        let shared = [&self.recipient, &self.purpose, &self.retention, &self.refusal_effect];
        let own = item.own_statements();
        std::array::from_fn(|at| own[at].as_ref().unwrap_or(shared[at]))
    }

    /// Items that follow each other and have the same statements.
    pub fn groups(&self) -> impl Iterator<Item = &[PersonalInfoItem]> {
        self.items.chunk_by(|one, next| self.statements_of(one) == self.statements_of(next))
    }

    /// The bytes that the digest covers: the statements about the provision, and the
    /// items by id, label and whether they are required, then the items that have statements of their
    /// own. Values are not covered: the digest names a text, not a person.
    #[must_use]
    pub fn digest_input(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Covered<'a> {
            recipient: &'a str,
            purpose: &'a str,
            retention: &'a str,
            refusal_effect: &'a str,
            items: Vec<(&'a str, &'a str, bool)>,
            /// Left out when empty: digests of before did not cover it.
            #[serde(skip_serializing_if = "Vec::is_empty")]
            groups: Vec<StatementGroup>,
        }
        let groups = self.items.chunk_by(|one, next| one.own_statements() == next.own_statements());
        let groups = groups.filter_map(|items| {
            let own = items[0].own_statements();
            let [recipient, purpose, retention, refusal_effect] = own.map(Clone::clone);
            let items = items.iter().map(|item| item.id.clone()).collect();
            own.iter().any(|it| it.is_some()).then_some(StatementGroup {
                recipient,
                purpose,
                retention,
                refusal_effect,
                items,
            })
        });
        serde_json::to_vec(&Covered {
            recipient: &self.recipient,
            purpose: &self.purpose,
            retention: &self.retention,
            refusal_effect: &self.refusal_effect,
            items: self.items.iter().map(|i| (&*i.id, &*i.label, i.required)).collect(),
            groups: groups.collect(),
        })
        .expect("strings and booleans always become JSON")
    }
}

/// Which statements of a group of items are shown: every one of the first group. Of another group those
/// that are not the same in the first group and in the group above it.
#[must_use]
pub fn shown_statements<const N: usize>(
    group: [&String; N],
    first: [&String; N],
    above: Option<[&String; N]>,
) -> [bool; N] {
    std::array::from_fn(|at| {
        above.is_none_or(|above| group[at] != first[at] || group[at] != above[at])
    })
}

/// Items that share the statements of the service first, then those with the same statements of their own
/// together, in the order of the file.
#[must_use]
pub fn grouped(items: Vec<PersonalInfoItem>) -> Vec<PersonalInfoItem> {
    let mut statements = vec![[const { None::<String> }; 4]];
    let mut items: Vec<_> = items
        .into_iter()
        .map(|item| {
            let own = item.own_statements().map(Clone::clone);
            let known = statements.iter().position(|it| *it == own);
            let group = known.unwrap_or(statements.len());
            if known.is_none() {
                statements.push(own);
            }
            (group, item)
        })
        .collect();
    items.sort_by_key(|(group, _)| *group);
    items.into_iter().map(|(_, item)| item).collect()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalInfoItem {
    /// The scope's id, for example `account_email`: `[A-Za-z0-9_-]{1,64}`.
    pub id: String,
    pub label: String,
    pub required: bool,
    /// A masked preview of what would be provided; for an access permission, which provides nothing,
    /// the word for one. None when the account has no value.
    pub value: Option<String>,
    /// Ask for the missing value on the screen, as this kind of value.
    pub collect: Option<Collect>,
    /// Whether that value may be left empty: the service goes on without it.
    pub may_be_empty: Option<bool>,
    /// Who receives this item, when that is not the recipient of the others: a payment company, for
    /// example.
    pub recipient: Option<String>,
    /// What this item is used for, when that is not the purpose of the others.
    pub purpose: Option<String>,
    /// How long this item is kept, when that is not the retention of the others.
    pub retention: Option<String>,
    /// What happens when this item is refused, when that is not the effect for the others.
    pub refusal_effect: Option<String>,
}

impl PersonalInfoItem {
    /// Recipient, purpose, retention and effect of refusing, where they are its own.
    #[must_use]
    pub fn own_statements(&self) -> [&Option<String>; 4] {
        [&self.recipient, &self.purpose, &self.retention, &self.refusal_effect]
    }

    /// The kind of value the person is asked for with this item, if any: one that the account lacks
    /// and that may be collected.
    #[must_use]
    pub fn to_collect(&self) -> Option<Collect> {
        match self.value {
            None => self.collect,
            Some(_) => None,
        }
    }
}

/// A kind of value that the screen may ask for. See [`crate::value`] for what is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Collect {
    #[serde(rename = "email")]
    Email,
    #[serde(rename = "phone")]
    Phone,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "birthday")]
    Birthday,
    #[serde(rename = "address")]
    Address,
}

/// A messenger channel of the service, as facts: [`crate::channel`] decides whether it is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channel {
    pub public_id: String,
    pub name: String,
    pub icon_url: Option<String>,
    /// Whether this is the service's primary channel.
    pub primary: bool,
    /// Whether the authorize request named it in `channel_public_id`.
    pub requested: bool,
    pub relation: Relation,
}

/// How the account stands to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Relation {
    #[serde(rename = "none")]
    None,
    #[serde(rename = "added")]
    Added,
    #[serde(rename = "blocked")]
    Blocked,
}

/// What the person agreed to earlier, listed and not asked again. For members by plain login what they
/// provided until now, which is asked again on their first screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlreadyAgreed {
    pub terms: Vec<AgreedTerm>,
    pub personal_info: Vec<AgreedItem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgreedTerm {
    pub tag: String,
    pub title: String,
    pub version: String,
    /// RFC 3339, with the offset of the service's time zone: its day is the one that is shown.
    pub agreed_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgreedItem {
    pub id: String,
    pub label: String,
    /// RFC 3339, with the offset of the service's time zone: its day is the one that is shown.
    pub agreed_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_answer_survives_the_wire() {
        for state in [
            ConsentState::Ask(Box::new(samples::request())),
            ConsentState::Done { redirect_to: "https://shop.example/callback?code=1".into() },
        ] {
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(ConsentState::from_json(&json).unwrap(), state);
        }
    }

    #[test]
    fn the_design_document_s_own_example_is_read() {
        let json = include_str!("../samples/ask.json");
        let ConsentState::Ask(request) = ConsentState::from_json(json).unwrap() else {
            panic!("the sample asks");
        };
        assert_eq!(request.terms.len(), 2);
        assert_eq!(request.personal_info.items[1].to_collect(), Some(Collect::Email));
    }

    /// A backend of before sends no reason. One of later may send codes that this screen does not
    /// know, which is no reason to show nothing.
    #[test]
    fn a_reason_may_be_missing_or_unknown() {
        let before = samples::request();
        assert_eq!((&before.reason, before.reasons.is_empty()), (&None, true));
        let mut with_reason = before.clone();
        with_reason.reason = Some("약관이 바뀌었습니다.".into());
        with_reason.terms[0].agreed_version = Some("2026-01-01".into());
        let code = ReasonCode::TermsChanged;
        with_reason.reasons.0.push(Reason { code, items: vec!["term:tos".into()] });
        let state = ConsentState::Ask(Box::new(with_reason.clone()));
        let json = serde_json::to_string(&state).unwrap();
        assert!(json.contains(r#""reasons":[{"code":"terms_changed","items":["term:tos"]}]"#));
        assert_eq!(serde_json::from_str::<ConsentRequest>(&json).unwrap(), with_reason);
        let shown = ConsentRequest { reasons: Reasons::default(), ..with_reason };
        for json in [json.clone(), json.replace("terms_changed", "moon_phase")] {
            let read = ConsentState::from_json(&json).unwrap();
            assert_eq!(read, ConsentState::Ask(Box::new(shown.clone())));
        }
    }

    /// Members would be asked again for everything if the digest of a request without own statements
    /// changed.
    #[test]
    fn the_digest_of_shared_statements_is_the_one_of_before() {
        let info = samples::request().personal_info;
        let covered = r#"{"recipient":"한옥마켓 주식회사","purpose":"회원 가입과 주문 처리","#
            .to_owned()
            + r#""retention":"회원 탈퇴 또는 동의 철회 시까지","#
            + r#""refusal_effect":"필수 항목을 제공하지 않으면 가입할 수 없습니다","#
            + r#""items":[["profile_nickname","닉네임",true],["account_email","이메일",true],"#
            + r#"["phone_number","전화번호",false]]}"#;
        assert_eq!(String::from_utf8(info.digest_input()).unwrap(), covered);
    }

    fn with_own(change: impl FnOnce(&mut [PersonalInfoItem])) -> PersonalInfo {
        let mut info = samples::request().personal_info;
        change(&mut info.items);
        info
    }

    #[test]
    fn the_digest_covers_every_statement_of_an_item() {
        type Own = fn(&mut PersonalInfoItem) -> &mut Option<String>;
        let own: [Own; 4] = [
            |it| &mut it.recipient,
            |it| &mut it.purpose,
            |it| &mut it.retention,
            |it| &mut it.refusal_effect,
        ];
        let mut all = vec![samples::request().personal_info.digest_input()];
        for own in own {
            for (at, text) in [(1, "하나"), (2, "하나"), (2, "둘")] {
                all.push(with_own(|items| *own(&mut items[at]) = Some(text.into())).digest_input());
            }
        }
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{}", String::from_utf8_lossy(one));
        }
    }

    #[test]
    fn items_with_the_same_statements_are_a_group() {
        let ids = |info: &PersonalInfo| -> Vec<Vec<String>> {
            let ids = |items: &[PersonalInfoItem]| items.iter().map(|it| it.id.clone()).collect();
            info.groups().map(ids).collect()
        };
        let all = ["profile_nickname", "account_email", "phone_number"].map(str::to_owned);
        assert_eq!(ids(&with_own(|_| {})), [all.to_vec()]);
        let two = with_own(|items| {
            items[1].recipient = Some("한옥페이 주식회사".into());
            items[2].recipient = Some("한옥페이 주식회사".into());
        });
        assert_eq!(ids(&two), [all[..1].to_vec(), all[1..].to_vec()]);
        let [recipient, purpose, ..] = two.statements_of(&two.items[1]);
        assert_eq!((&**recipient, purpose), ("한옥페이 주식회사", &two.purpose));
        // What is written for an item, and is that of the others, makes no group.
        let same = with_own(|items| items[2].purpose = Some("회원 가입과 주문 처리".into()));
        assert_eq!(ids(&same), [all.to_vec()]);
    }

    /// Below a payment company, the recipient of the first group is stated again.
    #[test]
    fn a_statement_that_the_group_above_changed_is_shown_again() {
        let [shop, pay, year] = ["가게", "가게페이", "1년"].map(str::to_owned);
        let (first, second) = ([&shop, &year], [&pay, &year]);
        assert_eq!(shown_statements(first, first, None), [true, true]);
        assert_eq!(shown_statements(second, first, Some(first)), [true, false]);
        assert_eq!(shown_statements(first, first, Some(second)), [true, false]);
        assert_eq!(shown_statements(second, first, Some(second)), [true, false]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let good = include_str!("../samples/ask.json");
        for (what, bad) in [
            ("an unknown kind of term", good.replace("\"marketing\",\n", "\"surprise\",\n")),
            ("an unknown state", good.replace("\"ask\"", "\"maybe\"")),
            ("a missing required flag", good.replacen("\"required\": true,", "", 1)),
            (
                "a string for a flag",
                good.replacen("\"required\": true", "\"required\": \"true\"", 1),
            ),
            ("null for a list", good.replace("\"highlights\": []", "\"highlights\": null")),
            ("a truncated body", good[..good.len() / 2].to_owned()),
            ("an HTML page", "<!doctype html><title>Bad gateway</title>".to_owned()),
            ("nothing", String::new()),
        ] {
            assert_ne!(bad, good, "{what}: the sample was not changed");
            assert!(ConsentState::from_json(&bad).is_err(), "{what} was accepted");
        }
    }
}
