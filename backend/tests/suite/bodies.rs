//! Nothing of a body is looked at before it is known whose it is, and no body may be larger than what
//! its route can need.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{Request, StatusCode},
};
use consent_contract::{decision::Decision, decision_path, extension_path, form, problem::Code};
use url::form_urlencoded;

use crate::{
    browser::{Answer, Browser, Server, agreement, authorize, required_only},
    shop::proxied,
};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A body of any length in pieces of 1 KiB, which counts the bytes that were taken of it.
struct Watched {
    left: usize,
    announced: bool,
    taken: Arc<AtomicUsize>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let piece = self.left.min(1024);
        self.left -= piece;
        self.taken.fetch_add(piece, Ordering::SeqCst);
        Poll::Ready((piece > 0).then(|| Ok(http_body::Frame::data(vec![b'x'; piece].into()))))
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match self.announced {
            true => http_body::SizeHint::with_exact(self.left as u64),
            false => http_body::SizeHint::default(),
        }
    }
}

/// Sends so many bytes, and says how many were taken.
async fn send(
    browser: &mut Browser,
    path: &str,
    media_type: &str,
    length: usize,
    more: &[(&str, &str)],
) -> (Answer, usize) {
    let taken = Arc::new(AtomicUsize::new(0));
    let announced = more.iter().all(|(name, _)| *name != "transfer-encoding");
    let body = Watched { left: length, announced, taken: Arc::clone(&taken) };
    let mut request = Request::post(path)
        .header("content-type", media_type)
        .header("sec-fetch-site", "same-origin");
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let answer = browser.send(request.body(Body::new(body)).unwrap()).await;
    (answer, taken.load(Ordering::SeqCst))
}

#[tokio::test]
async fn of_a_large_body_nothing_is_parsed_and_little_is_taken() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let large = 50 * 1024 * 1024;
    for (path, media_type, limit) in [
        (decision_path(&challenge), JSON, 64 * 1024),
        (decision_path(&challenge), FORM, 64 * 1024),
        (format!("/consent/{challenge}"), FORM, 64 * 1024),
        (extension_path(&challenge), JSON, 4 * 1024),
        ("/api/v1/auto-login".into(), JSON, 16 * 1024),
        ("/oauth/token".into(), FORM, 16 * 1024),
        ("/demo/reset".into(), FORM, 4 * 1024),
    ] {
        let (answer, taken) = send(&mut browser, &path, media_type, large, &[]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path} {media_type}");
        // Enough for a browser to show the answer to whatever a person can have filled in.
        assert!((64 * 1024..=260 * 1024).contains(&taken), "{path} {media_type}: {taken}");
        // Who asks before sending has sent nothing.
        let first = [("expect", "100-continue")];
        let (answer, taken) = send(&mut browser, &path, media_type, large, &first).await;
        assert_eq!((answer.status, taken), (StatusCode::PAYLOAD_TOO_LARGE, 0), "{path}");
        // Nor does it help not to say how long it is.
        let chunked = [("transfer-encoding", "chunked")];
        let (answer, taken) = send(&mut browser, &path, media_type, large, &chunked).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path} {media_type}");
        assert!(taken <= limit + 2048, "{path} {media_type}: {taken}");
    }
}

#[tokio::test]
async fn whose_it_is_is_known_before_a_body_is_looked_at() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let mut another = server.browser_of("returning").await;
    let mut signed_out = server.browser();
    let paths = |challenge: &str| {
        [
            (decision_path(challenge), JSON),
            (decision_path(challenge), FORM),
            (extension_path(challenge), JSON),
            (format!("/consent/{challenge}"), FORM),
        ]
    };
    // What is sent is neither JSON nor a form, and larger than any: the answer says whose it is not.
    for (path, media_type) in paths(&challenge) {
        for other in [&mut another, &mut signed_out] {
            let (answer, taken) = send(other, &path, media_type, 1024 * 1024, &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {media_type}");
            assert!(taken <= 260 * 1024, "{path} {media_type}: {taken}");
            let (answer, _) = send(other, &path, media_type, 10, &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {media_type}");
        }
    }
    for (path, media_type) in paths("none") {
        let (answer, _) = send(&mut browser, &path, media_type, 10, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} {media_type}");
    }
    for (path, media_type) in paths(&challenge) {
        let elsewhere = [("sec-fetch-site", "cross-site")];
        let (answer, _) = send(&mut browser, &path, media_type, 10, &elsewhere).await;
        // Two values of one header are none, and neither is `Origin` there.
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {media_type}");
    }
    browser.decide(&challenge, &crate::browser::cancel()).await;
    for (path, media_type) in paths(&challenge) {
        let (answer, _) = send(&mut another, &path, media_type, 10, &[]).await;
        assert_eq!(answer.status, StatusCode::GONE, "{path} {media_type}");
        assert!(!answer.text().contains("callback"), "{}", answer.text());
    }
    let own = another.challenged("demo-bookclub", &[]).await;
    server.clock.advance(901);
    let answer = browser.post(&decision_path(&own), JSON, "[").await;
    assert_eq!(answer.problem().code, Code::ChallengeExpired, "and not malformed");
}

#[tokio::test]
async fn a_form_has_as_many_fields_as_the_screen_can_have() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    for more in ["&shown=item:a".repeat(200), "&value:b=".repeat(200), "&a".repeat(20_000)] {
        let body = format!("decision=agree&csrf_token=x&locale=ko&personal_info_digest=x{more}");
        let start = std::time::Instant::now();
        let answer = browser.post(&decision_path(&challenge), FORM, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(start.elapsed().as_millis() < 1000, "{:?}", start.elapsed());
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

/// A service with hundreds of terms: a decision on all of them is larger than what is enough for
/// others, as JSON and as a form.
pub fn hundreds_of_terms() -> String {
    let term = |number: usize| {
        format!(
            "[[service.terms]]\ntag = \"tos-{number:03}-of-a-service-that-has-a-lot-to-ask\"\n\
             kind = \"service\"\nrequired = true\nversion = \"2026-01-01-{number:03}\"\n\
             effective_from = 2026-01-01\ntitle = \"약관 {number}\"\ntext = \"물건을 팝니다.\"\n\n"
        )
    };
    let shop = proxied(&["hana", "duri"]);
    let (before, after) = shop.split_once("[service.personal_info]").unwrap();
    let terms: String = (0..500).map(term).collect();
    format!("{before}{terms}[service.personal_info]{after}")
}

pub async fn with_hundreds_of_terms() -> Server {
    Server::configured(&hundreds_of_terms()).await.unwrap()
}

#[tokio::test]
async fn a_service_that_asks_a_lot_is_answered_in_full() {
    let server = with_hundreds_of_terms().await;
    let path = authorize(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_challenge", crate::browser::CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    for (account, is_form) in [("hana", false), ("duri", true)] {
        let mut browser = server.browser();
        browser.account = Some(account);
        let challenge = browser.get(&path).await.challenge();
        let request = browser.asked(&challenge).await;
        let decision = agreement(&request, |_, _| true);
        let answer = if is_form {
            let Decision::Agree(agreement) = &decision else { panic!("an agreement") };
            let fields = form::fields(agreement);
            let body =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            assert!(body.len() > 64 * 1024, "{}", body.len());
            browser.post(&decision_path(&challenge), FORM, body).await
        } else {
            browser.decide(&challenge, &decision).await
        };
        assert_eq!(answer.status, StatusCode::OK, "{account}: {}", answer.text());
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 2);
    // The larger limit is that service's, and not that of all.
    let demo = Server::demo().await;
    let mut browser = demo.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decision = required_only(&browser.asked(&challenge).await);
    let padded = serde_json::to_string(&decision).unwrap() + &" ".repeat(64 * 1024);
    let answer = browser.post(&decision_path(&challenge), JSON, padded).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
