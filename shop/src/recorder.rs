//! The requests to the provider that one page needed, for the panel "behind the scenes".

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use openidconnect::http;
use url::{Url, form_urlencoded};

use crate::pages::behind::{MadeRequest, Outcome};

/// The most requests that are remembered, over redirects as well.
pub const MOST: usize = 20;

/// Secret parameters. Of each, four characters are shown.
const SECRETS: [&str; 11] = [
    "client_secret",
    "code",
    "code_verifier",
    "code_challenge",
    "state",
    "nonce",
    "access_token",
    "refresh_token",
    "id_token",
    "target_id",
    "authorization",
];

/// Collects requests. Clones share one list.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<MadeRequest>>>);

impl Recorder {
    /// Adds a request that was made.
    pub fn add(&self, request: MadeRequest) {
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() < MOST {
            requests.push(request);
        }
    }

    /// Adds where a browser was sent.
    pub fn add_redirect(&self, to: &Url) {
        self.add(MadeRequest {
            method: "GET".to_owned(),
            url: shortened_url(to),
            sent: Vec::new(),
            outcome: Outcome::Status(303),
            millis: 0,
        });
    }

    /// What was collected, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<MadeRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A request as it is shown: secrets are shortened before they are kept anywhere.
#[must_use]
pub fn described(
    request: &http::Request<Vec<u8>>,
    outcome: Outcome,
    took: Duration,
) -> MadeRequest {
    let url = request.uri().to_string();
    let url = Url::parse(&url).map_or(url, |url| shortened_url(&url));
    let authorization = request.headers().get(http::header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok()).map(|value| {
        let (scheme, secret) = value.split_once(' ').unwrap_or(("", value));
        ("Authorization".to_owned(), format!("{scheme} {}", shortened(secret)))
    });
    let form = form_urlencoded::parse(request.body())
        .map(|(name, value)| (name.to_string(), shown(&name, &value)));
    MadeRequest {
        method: request.method().to_string(),
        url,
        sent: authorization.into_iter().chain(form).collect(),
        outcome,
        millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    }
}

fn shortened_url(url: &Url) -> String {
    let mut shown_url = url.clone();
    if url.query().is_some() {
        let pairs: Vec<_> = url
            .query_pairs()
            .map(|(name, value)| format!("{name}={}", shown(&name, &value)))
            .collect();
        shown_url.set_query(None);
        return format!("{shown_url}?{}", pairs.join("&"));
    }
    shown_url.to_string()
}

fn shown(name: &str, value: &str) -> String {
    if SECRETS.contains(&&*name.to_ascii_lowercase()) { shortened(value) } else { value.to_owned() }
}

/// The first four characters of a secret.
#[must_use]
pub fn shortened(secret: &str) -> String {
    let start: String = secret.chars().take(4).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_shortened_wherever_they_are() {
        let request = http::Request::builder()
            .method("POST")
            .uri("https://id.example/oauth/token?access_token=supersecret&tags=coupons")
            .header("Authorization", "KakaoAK supersecret")
            .body(
                b"code=supersecret&client_secret=supersecret&grant_type=authorization_code"
                    .to_vec(),
            )
            .unwrap();
        let made = described(&request, Outcome::Status(200), Duration::from_millis(12));
        assert!(!format!("{made:?}").contains("supers"), "{made:?}");
        assert_eq!(made.url, "https://id.example/oauth/token?access_token=supe…&tags=coupons");
        assert!(made.sent.contains(&("Authorization".into(), "KakaoAK supe…".into())));
        assert!(made.sent.contains(&("grant_type".into(), "authorization_code".into())));
    }

    #[test]
    fn a_page_remembers_only_so_many() {
        let recorder = Recorder::default();
        for _ in 0..2 * MOST {
            recorder.add_redirect(&Url::parse("https://id.example/").unwrap());
        }
        assert_eq!(recorder.requests().len(), MOST);
    }
}
