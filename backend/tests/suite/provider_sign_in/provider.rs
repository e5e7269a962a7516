//! An OpenID provider whose answers a test sets.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const SECRET: &str = "the secret of the client";

/// An answer of one of its addresses.
#[derive(Debug, Clone)]
pub enum Reply {
    Json(Value),
    Text(u16, &'static str),
    Redirect(String),
    /// None, for longer than anyone waits.
    Silence,
}

/// What it was asked, but for the authorization endpoint, where browsers go.
#[derive(Debug, Clone)]
pub struct Seen {
    pub path: String,
    pub authorization: String,
    pub body: String,
}

struct Shared {
    discovery: Mutex<Reply>,
    jwks: Mutex<Reply>,
    token: Mutex<Reply>,
    userinfo: Mutex<Reply>,
    seen: Mutex<Vec<Seen>>,
}

/// A key for ES256.
pub struct Key {
    pub id: &'static str,
    pair: EcdsaKeyPair,
}

impl Key {
    pub fn new(id: &'static str) -> Self {
        Self { id, pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
    }

    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
            "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
        })
    }

    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.id });
        let input = signing_input(&header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

fn signing_input(header: &Value, claims: &Value) -> String {
    let encode = |it: &Value| URL_SAFE_NO_PAD.encode(it.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// A token without a signature.
pub fn unsigned(claims: &Value) -> String {
    format!("{}.", signing_input(&json!({ "alg": "none" }), claims))
}

/// A token that is signed with the client's own secret.
pub fn with_shared_secret(claims: &Value) -> String {
    let input = signing_input(&json!({ "alg": "HS256", "typ": "JWT" }), claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let mac = hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref()))
}

pub struct Provider {
    pub issuer: String,
    pub key: Key,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Provider {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = Key::new("k1");
        let nothing = || Mutex::new(Reply::Text(404, "nothing"));
        let shared = Arc::new(Shared {
            discovery: Mutex::new(Reply::Json(metadata(&issuer))),
            jwks: Mutex::new(Reply::Json(json!({ "keys": [key.jwk()] }))),
            token: nothing(),
            userinfo: nothing(),
            seen: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, key, shared, task }
    }

    /// Its metadata, with changes.
    pub fn metadata(&self, change: impl FnOnce(&mut Value)) -> Reply {
        let mut metadata = metadata(&self.issuer);
        change(&mut metadata);
        Reply::Json(metadata)
    }

    pub fn discovers(&self, reply: Reply) {
        *self.shared.discovery.lock().unwrap() = reply;
    }

    pub fn publishes(&self, keys: &[Value]) {
        *self.shared.jwks.lock().unwrap() = Reply::Json(json!({ "keys": keys }));
    }

    pub fn gives(&self, reply: Reply) {
        *self.shared.token.lock().unwrap() = reply;
    }

    /// Gives this ID token.
    pub fn gives_token(&self, id_token: &str) {
        self.gives(Reply::Json(json!({
            "access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": id_token,
        })));
    }

    pub fn knows(&self, reply: Reply) {
        *self.shared.userinfo.lock().unwrap() = reply;
    }

    /// What it was asked at an address.
    pub fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter().filter(|it| it.path == path).cloned().collect()
    }
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    })
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorization = authorization.map(|it| it.to_str().unwrap().to_owned());
    let body: Bytes = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let reply = match &*path {
        "/.well-known/openid-configuration" => shared.discovery.lock().unwrap().clone(),
        "/jwks" => shared.jwks.lock().unwrap().clone(),
        "/token" => shared.token.lock().unwrap().clone(),
        "/userinfo" => shared.userinfo.lock().unwrap().clone(),
        _ => Reply::Text(404, "nothing"),
    };
    shared.seen.lock().unwrap().push(Seen {
        path,
        authorization: authorization.unwrap_or_default(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    match reply {
        Reply::Json(value) => {
            ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
        }
        Reply::Text(status, text) => (StatusCode::from_u16(status).unwrap(), text).into_response(),
        Reply::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Reply::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::OK.into_response()
        }
    }
}
