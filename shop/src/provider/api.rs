//! The platform's API: what a user agreed to provide, agreements, the channel, and unlinking.

use openidconnect::http;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::form_urlencoded;

use super::{Provider, ProviderError};
use crate::member::{Identity, contact};

/// On whose behalf a call is made.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// The user who has just signed in.
    Token(&'a str),
    /// The shop, about the user with this id.
    Admin(&'a str),
}

/// One of the app's terms (`/v2/user/service_terms`).
#[derive(Clone, Debug, Deserialize)]
pub struct Term {
    pub tag: String,
    pub required: bool,
    pub agreed: bool,
    /// RFC 3339, UTC.
    pub agreed_at: Option<String>,
}

/// One consent item (`/v2/user/scopes`).
#[derive(Clone, Debug, Deserialize)]
pub struct Scope {
    pub id: String,
    pub display_name: String,
    pub using: bool,
    pub agreed: bool,
    /// Only where the user has agreed: false for a required item.
    pub revocable: Option<bool>,
}

/// How a user stands with the shop's channel (`/v2/api/talk/channels`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Added,
    Blocked,
    None,
    /// The account is not registered with the messenger (-501).
    NoMessenger,
}

#[derive(Deserialize)]
struct Me {
    id: i64,
    connected_at: Option<String>,
    #[serde(default)]
    kakao_account: Value,
}

#[derive(Deserialize)]
struct Terms {
    #[serde(default)]
    service_terms: Vec<Term>,
}

#[derive(Deserialize)]
struct Scopes {
    scopes: Vec<Scope>,
}

#[derive(Deserialize)]
struct Channels {
    channels: Vec<Channel>,
}

#[derive(Deserialize)]
struct Channel {
    channel_public_id: String,
    relation: String,
}

#[derive(Deserialize)]
struct Addresses {
    #[serde(default)]
    shipping_addresses: Vec<Address>,
}

#[derive(Deserialize)]
struct Address {
    #[serde(default)]
    is_default: bool,
    base_address: String,
    detail_address: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    code: i64,
    #[serde(default)]
    msg: String,
}

impl Provider {
    /// Who the user is, as far as they agreed to share it.
    ///
    /// # Errors
    /// When the provider does not answer; `Refused` with -101 for a user who is not linked.
    pub async fn me(&self, by: By<'_>) -> Result<Identity, ProviderError> {
        let me: Me = self.call("GET", "/v2/user/me", by, &[]).await?;
        let account = &me.kakao_account;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let is_true = |name: &str| account[name].as_bool() == Some(true);
        Ok(Identity {
            sub: me.id.to_string(),
            connected_at: me.connected_at.as_deref().and_then(seconds),
            nickname: text(&account["profile"]["nickname"]),
            email: text(&account["email"]).as_deref().and_then(contact::email),
            email_verified: is_true("is_email_valid") && is_true("is_email_verified"),
            email_refused: is_true("email_needs_agreement"),
            phone: text(&account["phone_number"]).as_deref().and_then(contact::phone),
            ..Identity::default()
        })
    }

    /// Whether the user is linked to this app now.
    ///
    /// # Errors
    /// When the provider does not answer.
    pub async fn is_connected(&self, sub: &str) -> Result<bool, ProviderError> {
        match self.me(By::Admin(sub)).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_connected() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every term of the app, and whether the user agreed. Refused and never asked look the same.
    ///
    /// # Errors
    /// When the provider does not answer.
    pub async fn terms(&self, by: By<'_>) -> Result<Vec<Term>, ProviderError> {
        let all = [("result", "app_service_terms")];
        let terms: Terms = self.call("GET", "/v2/user/service_terms", by, &all).await?;
        Ok(terms.service_terms)
    }

    /// Every consent item of the app, and whether the user agreed.
    ///
    /// # Errors
    /// When the provider does not answer.
    pub async fn scopes(&self, by: By<'_>) -> Result<Vec<Scope>, ProviderError> {
        let scopes: Scopes = self.call("GET", "/v2/user/scopes", by, &[]).await?;
        Ok(scopes.scopes)
    }

    /// How the user stands with the shop's channel; none where the shop has no channel.
    ///
    /// # Errors
    /// When the provider does not answer, or the user did not agree to share it (-402).
    pub async fn channel(&self, by: By<'_>) -> Result<Option<Relation>, ProviderError> {
        let Some(id) = &self.settings.channel_public_id else { return Ok(None) };
        let wanted = [("channel_ids", &**id), ("channel_id_type", "channel_public_id")];
        let answer = self.call::<Channels>("GET", "/v2/api/talk/channels", by, &wanted).await;
        let channels = match answer {
            Ok(answer) => answer.channels,
            Err(ProviderError::Refused { code, .. }) if code == "-501" => {
                return Ok(Some(Relation::NoMessenger));
            }
            Err(error) => return Err(error),
        };
        let channel = channels.iter().find(|channel| channel.channel_public_id == *id);
        Ok(channel.map(|channel| match &*channel.relation {
            "ADDED" => Relation::Added,
            "BLOCKED" => Relation::Blocked,
            _ => Relation::None,
        }))
    }

    /// The user's default shipping address in one line.
    ///
    /// # Errors
    /// When the provider does not answer, or the user did not agree (-402).
    pub async fn address(&self, by: By<'_>) -> Result<Option<String>, ProviderError> {
        let answer: Addresses = self.call("GET", "/v1/user/shipping_address", by, &[]).await?;
        let mut addresses = answer.shipping_addresses;
        addresses.sort_by_key(|address| !address.is_default);
        let address = addresses.into_iter().next();
        let line = address.map(|it| match it.detail_address {
            Some(detail) => format!("{} {detail}", it.base_address),
            None => it.base_address,
        });
        Ok(line.as_deref().and_then(contact::line))
    }

    /// Unlinks the user: their consents end, and so do their tokens. Who is not linked stays so.
    ///
    /// # Errors
    /// When the provider does not answer.
    pub async fn unlink(&self, sub: &str) -> Result<(), ProviderError> {
        match self.call::<Value>("POST", "/v1/user/unlink", By::Admin(sub), &[]).await {
            Err(error) if error.is_not_connected() => Ok(()),
            answer => answer.map(drop),
        }
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        by: By<'_>,
        parameters: &[(&str, &str)],
    ) -> Result<T, ProviderError> {
        let settings = &self.settings;
        let pairs = encoded(parameters, by);
        let authorization = match by {
            By::Token(token) => format!("Bearer {token}"),
            By::Admin(_) => format!("KakaoAK {}", settings.admin_key),
        };
        let mut url = format!("{}{path}", settings.api_url);
        let mut body = Vec::new();
        if method == "POST" {
            body = pairs.into_bytes();
        } else if !pairs.is_empty() {
            url = format!("{url}?{pairs}");
        }
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("Authorization", authorization)
            .header("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
            .body(body)
            .map_err(|error| ProviderError::Nonsense(error.to_string()))?;
        let response = self.http.send(request).await?;
        if !response.status().is_success() {
            let failure: Failure = read(response.body())?;
            return Err(ProviderError::Refused {
                code: failure.code.to_string(),
                message: failure.msg,
            });
        }
        read(response.body())
    }
}

/// The parameters of a call. With the admin key they name the user.
fn encoded(parameters: &[(&str, &str)], by: By<'_>) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(parameters);
    if let By::Admin(sub) = by {
        pairs.append_pair("target_id_type", "user_id").append_pair("target_id", sub);
    }
    pairs.finish()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ProviderError> {
    serde_json::from_slice(body).map_err(|error| ProviderError::Nonsense(error.to_string()))
}

/// A time of the API, in seconds since 1970.
#[must_use]
pub fn seconds(rfc3339: &str) -> Option<i64> {
    OffsetDateTime::parse(rfc3339, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
}
