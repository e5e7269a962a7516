//! What is sent to the test hooks, and what they answer.

use std::collections::BTreeMap;

use consent_contract::item::ItemKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Accounts to be there from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccounts {
    /// Each with the keys of `[[account]]` in the configuration (docs/SERVICES.md); at most 100.
    #[schema(value_type = Vec<Object>)]
    pub accounts: Vec<Value>,
}

/// What holds between an account and a service from now on. Nothing that is left out holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgreements {
    /// The id of an account.
    pub account: String,
    /// The client id of a service.
    pub service: String,
    /// `combined_screen` (the default) or `plain_login`.
    pub how: Option<String>,
    /// When the account agreed, as RFC 3339; by default now.
    pub at: Option<String>,
    /// Versions of terms, by tag.
    #[serde(default)]
    pub terms: BTreeMap<String, String>,
    /// Ids of items.
    #[serde(default)]
    pub items: Vec<String>,
    /// `added`, `blocked` or `none`, by the public id of a channel.
    #[serde(default)]
    pub channels: BTreeMap<String, String>,
}

/// How to move the clock: exactly one of the fields.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTime {
    /// Seconds to let pass.
    #[schema(minimum = 0)]
    pub advance: Option<i64>,
    /// The time to be, as RFC 3339.
    pub set: Option<String>,
    /// `true`: back to the system's time.
    pub real: Option<bool>,
}

/// The time as the server sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Time {
    /// RFC 3339, UTC.
    pub now: String,
    /// How far it is ahead of the system's time, in seconds.
    pub ahead: i64,
}

/// Calls that fail. One of `status`, `close` and `delay_ms` must be there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// By default any method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path of the endpoint: `/oauth/token`. A `*` at the end stands for any rest.
    pub path: String,
    /// How many calls fail, 1 to 1000; in a list, how many are left.
    #[serde(default = "once")]
    #[schema(minimum = 1, maximum = 1000)]
    pub times: u32,
    /// Milliseconds to wait before the response, at most 60000. Without `status` and `close` the call
    /// succeeds then.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schema(maximum = 60000)]
    pub delay_ms: u64,
    /// 400 to 599. The body is what the endpoint itself sends with this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 400, maximum = 599)]
    pub status: Option<u16>,
    /// JSON to send with `status` in place of the endpoint's own body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
    /// Whether the connection is closed without a response.
    #[serde(default, skip_serializing_if = "is_false")]
    pub close: bool,
}

/// The failures that are left.
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingFailures {
    pub failures: Vec<Failure>,
}

/// How to answer the next consent in the place of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub answer: Choice,
    /// With `keys`: what to agree to, as `term:tos`, `item:account_email`, `channel:_shop`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub keys: Vec<ItemKey>,
    /// What to type for items that the account has no value of, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// The account that is asked; by default any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The service that asks; by default any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// How many consents are answered so, 1 to 1000; in a list, how many are left.
    #[serde(default = "once")]
    #[schema(minimum = 1, maximum = 1000)]
    pub times: u32,
}

/// What is agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// What is required, and nothing else.
    Required,
    /// All that is asked, channels included.
    Everything,
    /// What `keys` names, and nothing else.
    Keys,
    /// Nothing: the person cancels.
    Cancel,
}

/// The rules that are left.
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingRules {
    pub answers: Vec<Rule>,
}

/// What was recorded of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    pub receipt_id: String,
    /// `false` for a cancel.
    pub agreed: bool,
    /// RFC 3339, UTC.
    pub decided_at: String,
    pub locale: String,
    /// Everything that was asked, in the order of the screen.
    pub items: Vec<ReceiptItem>,
}

/// One line of a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptItem {
    /// `term:tos`, `item:account_email` or `channel:_shop`.
    #[schema(value_type = String)]
    pub key: ItemKey,
    /// As it was shown.
    pub title: String,
    pub required: bool,
    /// Of a term.
    pub version: Option<String>,
    pub agreed: bool,
}

fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
