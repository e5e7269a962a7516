//! The HTTP request that delivers an event.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use url::Url;

use super::{
    event::{Event, Form},
    kakao::{self, RESOURCE_ID},
    security_event::{self, Subject},
};
use crate::{
    config::{KakaoApp, Service, UnlinkMethod},
    oauth::key::SigningKey,
    store::Delivery,
};

/// A request to be sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: String,
    pub accepts: Accepts,
}

/// Which answers mean that an event was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// 202 (RFC 8935, 2.2); every other 2xx counts, too. Errors have a code.
    SecurityEvent,
    /// 200 alone (Kakao's unlink webhook).
    Ok,
    /// Every 2xx (Kakao's channel webhook).
    Success,
}

impl Accepts {
    #[must_use]
    pub fn takes(self, status: StatusCode) -> bool {
        match self {
            Self::SecurityEvent | Self::Success => status.is_success(),
            Self::Ok => status == StatusCode::OK,
        }
    }
}

/// An event can have no request, now: why.
pub type Undeliverable = &'static str;

const NO_TARGET: Undeliverable = "the service has no target for it";
const BAD_HEADER: Undeliverable = "the configured key is no header value";

/// The request for an event. Every attempt of one event has the same content.
///
/// # Errors
/// When the service has no target for it any more.
pub fn request(
    delivery: &Delivery,
    event: &Event,
    service: &Service,
    issuer: &str,
    key: &SigningKey,
) -> Result<Request, Undeliverable> {
    match delivery.form {
        Form::SecurityEvent => security_event(delivery, event, service, issuer, key),
        Form::KakaoUnlink => kakao_unlink(delivery, event, service.kakao.as_ref()),
        Form::KakaoChannel => kakao_channel(delivery, event, service.kakao.as_ref()),
    }
}

fn security_event(
    delivery: &Delivery,
    event: &Event,
    service: &Service,
    issuer: &str,
    key: &SigningKey,
) -> Result<Request, Undeliverable> {
    let target = service.events.as_ref().ok_or(NO_TARGET)?;
    let subject = Subject { issuer, audience: &service.client_id, sub: &delivery.subject };
    let claims = security_event::claims(event, &delivery.jti, delivery.created_at, &subject);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(security_event::MEDIA_TYPE));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(authorization) = &target.authorization_header {
        headers.insert(AUTHORIZATION, secret(authorization)?);
    }
    Ok(Request {
        method: Method::POST,
        url: target.url.clone(),
        headers,
        body: key.sign_security_event(&claims),
        accepts: Accepts::SecurityEvent,
    })
}

fn kakao_unlink(
    delivery: &Delivery,
    event: &Event,
    kakao: Option<&KakaoApp>,
) -> Result<Request, Undeliverable> {
    let kakao = kakao.ok_or(NO_TARGET)?;
    let target = kakao.unlink_webhook.as_ref().ok_or(NO_TARGET)?;
    let parameters = kakao::unlink_parameters(event, kakao.app_id, &delivery.subject);
    let parameters = parameters.ok_or(NO_TARGET)?;
    let mut headers = admin_key(kakao)?;
    let mut url = target.url.clone();
    let (method, body) = match target.method {
        UnlinkMethod::Get => {
            let query = url.query().map_or_else(String::new, |query| format!("{query}&"));
            url.set_query(Some(&format!("{query}{parameters}")));
            (Method::GET, String::new())
        }
        UnlinkMethod::Post => {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, form);
            (Method::POST, parameters)
        }
    };
    Ok(Request { method, url, headers, body, accepts: Accepts::Ok })
}

fn kakao_channel(
    delivery: &Delivery,
    event: &Event,
    kakao: Option<&KakaoApp>,
) -> Result<Request, Undeliverable> {
    let kakao = kakao.ok_or(NO_TARGET)?;
    let url = kakao.channel_webhook_url.clone().ok_or(NO_TARGET)?;
    let body = kakao::channel_change(event, &delivery.subject, delivery.created_at);
    let mut headers = admin_key(kakao)?;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(kakao::USER_AGENT));
    let id = HeaderValue::from_str(&delivery.jti).map_err(|_| BAD_HEADER)?;
    headers.insert(HeaderName::from_static(RESOURCE_ID), id);
    Ok(Request {
        method: Method::POST,
        url,
        headers,
        body: body.ok_or(NO_TARGET)?,
        accepts: Accepts::Success,
    })
}

/// The header by which the service knows that the platform sends.
fn admin_key(kakao: &KakaoApp) -> Result<HeaderMap, Undeliverable> {
    let key = kakao.admin_key.as_ref().ok_or(NO_TARGET)?;
    Ok(HeaderMap::from_iter([(AUTHORIZATION, secret(&format!("KakaoAK {key}"))?)]))
}

fn secret(text: &str) -> Result<HeaderValue, Undeliverable> {
    let mut value = HeaderValue::from_str(text).map_err(|_| BAD_HEADER)?;
    value.set_sensitive(true);
    Ok(value)
}
