//! The account pages as data: what a user agreed to at each service, texts, receipts and sessions.
//!
//! Only a server renders these pages. Times are RFC 3339 with the offset of the service's time zone, so
//! that the first ten characters are the day there.

use serde::{Deserialize, Serialize};

use crate::{
    digest_in_query,
    document::Document,
    item::ItemKey,
    request::{Account, Relation, Service},
};

/// The list of services.
pub const ACCOUNT: &str = "/account";

/// The signed-in browsers.
pub const SESSIONS: &str = "/account/sessions";

/// `POST` with [`field::SESSION`] to end one session.
pub const END_SESSION: &str = "/account/sessions/end";

/// `POST` to end every session of the account.
pub const END_EVERY_SESSION: &str = "/account/sessions/end-all";

/// The page after every session has ended.
pub const SIGNED_OUT: &str = "/account/signed-out";

/// The fields of the forms.
pub mod field {
    pub const CSRF_TOKEN: &str = "csrf_token";
    /// The [`crate::item::ItemKey`] of the agreement to withdraw.
    pub const KEY: &str = "key";
    /// The [`super::SessionEntry::reference`] of the session to end.
    pub const SESSION: &str = "session";
}

/// The page of a service.
#[must_use]
pub fn service_path(client_id: &str) -> String {
    format!("{ACCOUNT}/services/{client_id}")
}

/// `POST` with [`field::KEY`] to withdraw an optional agreement.
#[must_use]
pub fn withdraw_path(client_id: &str) -> String {
    format!("{ACCOUNT}/services/{client_id}/withdraw")
}

/// `GET` to ask, `POST` to end the connection with a service.
#[must_use]
pub fn leave_path(client_id: &str) -> String {
    format!("{ACCOUNT}/services/{client_id}/leave")
}

/// The text of a term or of the statements about personal information, by its digest.
#[must_use]
pub fn text_path(client_id: &str, digest: &str) -> String {
    format!("{ACCOUNT}/services/{client_id}/text?digest={}", digest_in_query(digest))
}

/// A receipt.
#[must_use]
pub fn receipt_path(receipt_id: &str) -> String {
    format!("{ACCOUNT}/receipts/{receipt_id}")
}

/// A receipt as a file.
#[must_use]
pub fn receipt_download_path(receipt_id: &str) -> String {
    format!("{ACCOUNT}/receipts/{receipt_id}/receipt.json")
}

/// One of the account pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountPage {
    Overview(Overview),
    Service(Box<ServicePage>),
    Leave(Box<LeavePage>),
    Text(Box<TextPage>),
    Receipt(Box<ReceiptPage>),
    Sessions(SessionsPage),
    /// Every session has ended.
    SignedOut,
}

/// Every service that the account is or was connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub account: Account,
    pub services: Vec<Connection>,
    pub former: Vec<FormerConnection>,
}

/// A service that the account is connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub client_id: String,
    pub service: Service,
    pub since: String,
    /// Labels of the personal information that the service receives.
    pub receives: Vec<String>,
    /// Titles of the terms that are agreed to.
    pub agreed: Vec<String>,
    /// Names of the channels that are added.
    pub channels: Vec<String>,
    /// Agreements that expire, the next one first.
    pub expires: Vec<Expiry>,
}

/// An agreement that expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    pub title: String,
    pub at: String,
}

/// A service that the account was connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerConnection {
    pub client_id: String,
    pub name: String,
    pub left_at: String,
}

/// What was agreed, refused, withdrawn and expired at one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePage {
    pub client_id: String,
    pub service: Service,
    pub connection: ConnectionState,
    pub terms: Vec<Entry>,
    pub items: Vec<Entry>,
    pub channels: Vec<ChannelEntry>,
    /// As the user agreed to it last; as it is configured, when nothing of it is agreed to.
    pub provision: Provision,
    /// As it is configured now, when that is not what the user agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer_provision: Option<Provision>,
    /// The latest first.
    pub receipts: Vec<ReceiptSummary>,
    pub csrf_token: String,
    pub notice: Option<ServiceNotice>,
}

/// Whether the account is connected to the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Since this time.
    Linked(String),
    /// Not any more, since this time.
    Left(String),
    /// Not, and it is unknown since when, if it ever was.
    NotLinked,
}

impl ConnectionState {
    #[must_use]
    pub fn is_linked(&self) -> bool {
        matches!(self, Self::Linked(_))
    }
}

/// What the user has just done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceNotice {
    /// Withdrew this agreement.
    Withdrawn(ItemKey),
    /// Ended the connection.
    Left,
}

/// Who receives personal information, for what and for how long.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provision {
    /// The language of the texts: a BCP 47 tag.
    pub locale: String,
    pub recipient: String,
    pub purpose: String,
    pub retention: String,
    /// Items of which something else was stated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<ProvisionGroup>,
}

/// Who receives some items, for what and for how long, where that is not what holds for the others: see
/// [`crate::request::shown_statements`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionGroup {
    /// The language of the texts: a BCP 47 tag.
    pub locale: String,
    pub recipient: Option<String>,
    pub purpose: Option<String>,
    pub retention: Option<String>,
    /// Labels of the items.
    pub items: Vec<String>,
}

/// A term or an item of personal information, and how it was answered last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub key: ItemKey,
    /// As it was shown.
    pub title: String,
    /// The language of the title: a BCP 47 tag.
    pub locale: String,
    /// Whether the service needs it now.
    pub required: bool,
    pub state: AgreementState,
    /// When that began; none when it is unknown.
    pub at: Option<String>,
    /// Of a term: the version that was answered.
    pub version: Option<String>,
    /// Of the text that was shown.
    pub digest: Option<String>,
    /// A later version, in force by now.
    pub newer: Option<NewerText>,
    /// When the agreement ends by itself.
    pub expires_at: Option<String>,
    pub receipt_id: Option<String>,
    /// Whether the service collected the agreement and reported it.
    pub reported_by_service: bool,
}

/// The state of an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementState {
    Agreed,
    Refused,
    Withdrawn,
    Expired,
}

/// A later version of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewerText {
    pub version: String,
    /// `YYYY-MM-DD`.
    pub effective_from: String,
    pub digest: String,
}

/// A channel, and the account's relation to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelEntry {
    pub public_id: String,
    pub name: String,
    pub relation: Relation,
    /// When that began; none when it is unknown.
    pub at: Option<String>,
}

/// A receipt in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptSummary {
    pub receipt_id: String,
    pub event: ReceiptEvent,
    pub at: String,
}

/// What a receipt is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptEvent {
    /// Agreed on the screen, at the sign-up.
    SignUp,
    /// Agreed on the screen later.
    AdditionalConsent,
    /// Cancelled on the screen.
    Cancelled,
    /// Agreed, and typed a birthday under the service's minimum age.
    UnderAge,
    /// The service reported agreements that it collected.
    ReportedByService,
    WithdrawnByUser,
    WithdrawnByService,
    WithdrawnByOperator,
    Expired,
    UnlinkedByUser,
    UnlinkedByService,
    /// The service did not complete the sign-up in time.
    SignUpNotCompleted,
    UnlinkedByOperator,
    Erased,
}

/// Asks before the connection with a service ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeavePage {
    pub client_id: String,
    pub service: Service,
    /// The title of the required agreement that the user came to withdraw.
    pub required: Option<String>,
    pub retention: String,
    /// Names of the channels that stay.
    pub channels: Vec<String>,
    /// Whether the service gets a message about it.
    pub is_service_notified: bool,
    pub csrf_token: String,
}

/// A text that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPage {
    pub client_id: String,
    /// The service's name.
    pub service: String,
    pub text: ShownText,
    /// When the user agreed to it; none when they have not, or not any more.
    pub agreed_at: Option<String>,
    pub newer: Option<NewerText>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownText {
    Term(Document),
    Statement(LocalisedStatement),
}

/// Statements about the provision of personal information, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalisedStatement {
    /// A BCP 47 tag.
    pub locale: String,
    pub statement: Statement,
}

/// What was stated about the provision of personal information: the content of
/// [`crate::request::PersonalInfo::digest_input`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub recipient: String,
    pub purpose: String,
    pub retention: String,
    pub refusal_effect: String,
    /// Id, label, and whether it was required.
    pub items: Vec<(String, String, bool)>,
    /// Items that have statements of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<StatementGroup>,
}

/// Statements about some items, where they are not those about the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementGroup {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal_effect: Option<String>,
    /// Their ids.
    pub items: Vec<String>,
}

impl Statement {
    /// The items and what was stated about them: those that share the statements, then each group.
    #[must_use]
    pub fn groups(&self) -> Vec<StatedGroup<'_>> {
        let has = |group: &StatementGroup, id: &String| group.items.contains(id);
        let shared = [&self.recipient, &self.purpose, &self.retention, &self.refusal_effect];
        let of = |group: Option<&StatementGroup>| {
            let is_in = |id: &String| match group {
                Some(group) => has(group, id),
                None => !self.groups.iter().any(|it| has(it, id)),
            };
            self.items.iter().filter(|(id, ..)| is_in(id)).collect::<Vec<_>>()
        };
        let mut groups = Vec::new();
        let items = of(None);
        if !items.is_empty() || self.groups.is_empty() {
            groups.push(StatedGroup { statements: shared, is_shared: true, items });
        }
        groups.extend(self.groups.iter().map(|group| {
            let own = [&group.recipient, &group.purpose, &group.retention, &group.refusal_effect];
            let statements = std::array::from_fn(|at| own[at].as_ref().unwrap_or(shared[at]));
            StatedGroup { statements, is_shared: false, items: of(Some(group)) }
        }));
        groups
    }
}

/// See [`Statement::groups`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedGroup<'a> {
    /// Recipient, purpose, retention and effect of refusing.
    pub statements: [&'a String; 4],
    /// Whether they are the statements of items that have none of their own.
    pub is_shared: bool,
    pub items: Vec<&'a (String, String, bool)>,
}

/// A receipt: what was shown and answered, or what has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptPage {
    pub receipt_id: String,
    pub client_id: String,
    pub service: Service,
    pub account: Account,
    pub event: ReceiptEvent,
    pub at: String,
    /// The language in which everything was shown: a BCP 47 tag. None for what was not shown.
    pub locale: Option<String>,
    pub lines: Vec<ReceiptLine>,
    /// What was stated about the provision of personal information.
    pub statement: Option<Statement>,
    /// Who decided for the user, a child: masked. None when the user did.
    #[serde(default)]
    pub guardian: Option<String>,
    /// Whether the receipt is signed, so that it can be downloaded. Receipts from before there were
    /// signatures are not.
    pub can_download: bool,
}

/// One line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    pub title: String,
    /// Whether it was required; none where that is not part of the receipt.
    pub required: Option<bool>,
    pub state: AgreementState,
    pub version: Option<String>,
    /// Of the text that was shown.
    pub digest: Option<String>,
}

/// The signed-in browsers of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsPage {
    pub account: Account,
    /// The latest login first.
    pub sessions: Vec<SessionEntry>,
    pub csrf_token: String,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEntry {
    /// Names the session in a form.
    pub reference: String,
    /// Browser and system: `Chrome, Android`. None when they are unknown.
    pub device: Option<String>,
    pub signed_in_at: String,
    pub ends_at: String,
    /// Whether it is the one that shows the page.
    pub is_current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{PersonalInfo, PersonalInfoItem};

    #[test]
    fn a_statement_is_read_from_what_its_digest_covers() {
        let info = PersonalInfo {
            recipient: "가게 주식회사".into(),
            purpose: "주문".into(),
            retention: "1년".into(),
            refusal_effect: "주문할 수 없습니다".into(),
            digest: String::new(),
            items: vec![PersonalInfoItem {
                id: "account_email".into(),
                label: "이메일".into(),
                required: true,
                value: Some("ha***@example.com".into()),
                collect: None,
                may_be_empty: None,
                recipient: None,
                purpose: None,
                retention: None,
                refusal_effect: None,
            }],
        };
        let statement: Statement = serde_json::from_slice(&info.digest_input()).unwrap();
        assert_eq!(
            statement,
            Statement {
                recipient: "가게 주식회사".into(),
                purpose: "주문".into(),
                retention: "1년".into(),
                refusal_effect: "주문할 수 없습니다".into(),
                items: vec![("account_email".into(), "이메일".into(), true)],
                groups: Vec::new(),
            }
        );
    }

    #[test]
    fn groups_are_read_from_what_the_digest_covers() {
        let mut info = crate::samples::request().personal_info;
        info.items[2].recipient = Some("한옥페이 주식회사".into());
        info.items[2].retention = Some("5년".into());
        let statement: Statement = serde_json::from_slice(&info.digest_input()).unwrap();
        let ids = |group: &StatedGroup<'_>| -> Vec<String> {
            group.items.iter().map(|(id, ..)| id.clone()).collect()
        };
        let groups = statement.groups();
        assert_eq!(groups.len(), 2);
        assert_eq!(ids(&groups[0]), ["profile_nickname", "account_email"]);
        assert_eq!(ids(&groups[1]), ["phone_number"]);
        assert_eq!(groups[1].statements, info.statements_of(&info.items[2]));
        // Without an item that shares the statements, they were not shown as such.
        info.items.drain(..2);
        let statement: Statement = serde_json::from_slice(&info.digest_input()).unwrap();
        assert_eq!(statement.groups().iter().map(ids).collect::<Vec<_>>(), [["phone_number"]]);
    }

    #[test]
    fn a_digest_is_written_so_that_a_query_gives_it_back() {
        let path = text_path("shop", "sha256-a+b/c=");
        assert_eq!(path, "/account/services/shop/text?digest=sha256-a%2Bb%2Fc%3D");
    }
}
