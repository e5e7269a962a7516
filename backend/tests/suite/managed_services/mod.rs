//! Services by the admin API: docs/adr/023.

mod approval;
mod beside_the_file;
mod explained;
mod lifecycle;
#[cfg(unix)]
mod processes;
mod refused;
mod secrets;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header},
};
use consent_backend::{App, crypto};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{browser::Server, client};

const TOKEN: &str = "a-token-of-the-admin-api-0123456789";
const SERVICES: &str = "/admin/v1/services";
const CAFE: &str = "/admin/v1/services/cafe";
const JSON: &str = "application/json";
const PATCH: &str = "application/merge-patch+json";

/// Three services in the file, two accounts, and the admin API.
fn file() -> String {
    format!("{}\n[admin]\ntoken = \"{TOKEN}\"\n", client::services())
}

async fn server() -> Server {
    Server::configured(&file()).await.unwrap()
}

/// A service that the lint has nothing against. Its secret is the one of [`client::credentials`].
fn cafe() -> Value {
    let digest = crypto::sha256(&[b"the secret of the cafe"]);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "client_id": "cafe",
        "client_secret": { "sha256": digest },
        "name": { "ko": "찻집", "en": "The Tea House" },
        "company": { "ko": "찻집 주식회사", "en": "The Tea House Inc." },
        "redirect_uris": ["https://cafe.example/callback"],
        "privacy_policy_url": "https://cafe.example/privacy",
        "terms": [term("1", "2026-01-01", "차를 팝니다.")],
        "personal_info": {
            "recipient": { "ko": "찻집 주식회사", "en": "The Tea House Inc." },
            "purpose": { "ko": "주문 처리", "en": "Processing orders" },
            "retention": { "ko": "회원 탈퇴 시까지", "en": "Until you close your account" },
            "refusal_effect": { "ko": "가입할 수 없습니다", "en": "You cannot sign up" },
            "items": [{
                "id": "profile_nickname", "required": true,
                "label": { "ko": "닉네임", "en": "Nickname" },
            }],
        },
    })
}

fn term(version: &str, effective_from: &str, text: &str) -> Value {
    json!({
        "tag": "tos", "kind": "service", "required": true,
        "version": version, "effective_from": effective_from, "ask_again": "at_once",
        "title": { "ko": "이용약관", "en": "Terms of service" },
        "text": { "ko": text, "en": "We sell tea." },
    })
}

/// The service with another value at a JSON pointer, which need not be there before.
fn cafe_with(pointer: &str, value: Value) -> Value {
    let mut cafe = cafe();
    let (below, key) = pointer.rsplit_once('/').unwrap();
    match cafe.pointer_mut(below).unwrap() {
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        object => object[key] = value,
    }
    cafe
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {}", self.text));
        value.to_str().unwrap().to_owned()
    }

    /// Asserts that it is a problem in the form of the admin API.
    #[track_caller]
    fn is(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{problem}");
        problem
    }

    /// Asserts that a service is refused because of what is at a JSON pointer.
    #[track_caller]
    fn refuses(&self, at: &str, reason: &str) {
        assert!(self.has_refused(at, reason), "{at}: {reason}: {}", self.text);
    }

    fn has_refused(&self, at: &str, reason: &str) -> bool {
        let problem = self.json();
        let mut findings = problem["findings"].as_array().into_iter().flatten();
        let is_it = |it: &Value| {
            it["at"] == at
                && it["severity"] == "error"
                && it["reason"].as_str().is_some_and(|it| it.contains(reason))
        };
        self.status == 422 && problem["code"] == "invalid_service" && findings.any(is_it)
    }
}

async fn send(app: &App, request: Request<Body>) -> Reply {
    let answer = app.admin_router().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let text = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let text = String::from_utf8(text).unwrap();
    Reply { status: parts.status.as_u16(), headers: parts.headers, text }
}

/// A call with a token, and further headers.
async fn call_as(
    app: &App,
    token: &str,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(app, request.body(body.into()).unwrap()).await
}

async fn call(server: &Server, call: (&str, &str), headers: &[(&str, &str)], body: &str) -> Reply {
    call_as(&server.app, TOKEN, call, headers, body.to_owned()).await
}

async fn get(server: &Server, path: &str) -> Reply {
    call(server, ("GET", path), &[], "").await
}

async fn create(server: &Server, service: &Value) -> Reply {
    call(server, ("POST", SERVICES), &[("content-type", JSON)], &service.to_string()).await
}

/// Makes the service.
async fn created(server: &Server, service: &Value) -> Reply {
    let reply = create(server, service).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply
}

async fn post(server: &Server, path: &str) -> Reply {
    call(server, ("POST", path), &[], "").await
}

async fn patch(server: &Server, etag: &str, patch: &Value) -> Reply {
    let headers = [("content-type", PATCH), ("if-match", etag)];
    call(server, ("PATCH", CAFE), &headers, &patch.to_string()).await
}

async fn put(server: &Server, etag: &str, service: &Value) -> Reply {
    let headers = [("content-type", JSON), ("if-match", etag)];
    call(server, ("PUT", CAFE), &headers, &service.to_string()).await
}

/// The authorize request of the service.
fn authorize() -> Vec<(&'static str, &'static str)> {
    client::request("cafe", "https://cafe.example/callback", "openid")
}
