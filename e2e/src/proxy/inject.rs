//! Scripts that run in a page before its own, in every engine. The page's policy allows them
//! and the address of their reports; it is otherwise as strict as the backend sent it.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hyper::Response;
use hyper::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};

/// A script, and how a Content Security Policy names it.
#[derive(Clone)]
pub struct Script {
    source: String,
    digest: String,
}

impl Script {
    pub fn new(source: String) -> Self {
        let digest = BASE64_STANDARD.encode(digest::digest(&digest::SHA256, source.as_bytes()));
        Self { source, digest: format!("'sha256-{digest}'") }
    }
}

/// Puts scripts into a page, which report to `reports_url`. A page that may run none of its own
/// stays as it is.
pub fn into_page(answer: &mut Response<Bytes>, scripts: &[Script], reports_url: &str) {
    let value = |header| answer.headers().get(header).and_then(|value| value.to_str().ok());
    let is_page = value(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
    let policy = value(CONTENT_SECURITY_POLICY).unwrap_or_default();
    let Some((before, after)) = policy.split_once("script-src '").filter(|_| is_page) else {
        return;
    };
    if after.starts_with("none'") {
        return;
    }
    // A digest would forbid what is allowed without one.
    if !after.contains("'unsafe-inline'") {
        let digests: Vec<&str> = scripts.iter().map(|script| script.digest.as_str()).collect();
        let policy = format!("{before}script-src {} '{after}", digests.join(" "));
        // A page that may ask below one of its addresses only could not report anything.
        let policy =
            policy.replacen("connect-src http", &format!("connect-src {reports_url} http"), 1);
        let policy = HeaderValue::from_str(&policy).expect("a policy and digests are ASCII");
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    let elements: String =
        scripts.iter().map(|script| format!("<script>{}</script>", script.source)).collect();
    let page = String::from_utf8_lossy(answer.body());
    let start = page.find("<head>").map_or(0, |at| at + "<head>".len());
    *answer.body_mut() = format!("{}{elements}{}", &page[..start], &page[start..]).into();
}
