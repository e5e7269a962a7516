//! Headers on every answer (rules SEC-01, SEC-02, SEC-06, SEC-07, SEC-08).

use std::borrow::Cow;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::protocol::Protocol;
use crate::App;

/// For answers that are not pages: nothing may be loaded, framed or sent from them.
const NOTHING: &str = "default-src 'none'; script-src 'none'; form-action 'none'; base-uri 'none'; \
                       frame-ancestors 'none'; object-src 'none'";

/// What a page may run.
#[derive(Clone, Copy, Default)]
pub enum Scripts<'a> {
    #[default]
    Nothing,
    /// Inline scripts of these digests, which may ask this origin.
    Own(&'a [String]),
    /// The screen's own scripts and WebAssembly, started by inline scripts of these digests.
    App(&'a [String]),
}

/// Whom a page may speak to, by its scripts and by its forms.
#[derive(Clone, Copy, Default)]
pub enum Reach<'a> {
    /// This origin, and nothing else: browsers hold `form-action` against every redirect after a
    /// form, so no form of ours is answered with a redirect to another origin. See
    /// [`super::continue_page`].
    #[default]
    Origin,
    /// Only URLs below a path of this origin that ends in `/`, and the icons; no form submissions.
    /// For pages that show untrusted content: a picture's address is requested with
    /// cookies, too, and must not be one that does something.
    Below { origin: &'a str, path: &'a str },
}

/// What a page has to do with frames.
#[derive(Clone, Copy, Default)]
pub enum Framing<'a> {
    /// No frames, in either direction: a framed page can be clickjacked.
    #[default]
    Never,
    /// It holds frames with what lies below an address that ends in `/`, and stands in none.
    Holds(&'a str),
    /// It stands in frames of this origin, and holds none.
    Stands,
}

/// A policy for a page.
#[derive(Default)]
pub struct Policy<'a> {
    pub scripts: Scripts<'a>,
    /// Digests of its inline styles.
    pub style_digests: &'a [String],
    /// Whether it loads fonts of this origin.
    pub has_fonts: bool,
    pub reach: Reach<'a>,
    pub framing: Framing<'a>,
}

impl Policy<'_> {
    /// The policy as a header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.text()).expect("digests and origins are plain ASCII")
    }

    /// The policy as it is written.
    #[must_use]
    pub fn text(&self) -> String {
        let digests = |digests: &[String]| -> String {
            digests.iter().map(|digest| format!(" '{digest}'")).collect()
        };
        let (reached, pictures, form) = match self.reach {
            Reach::Origin => ("'self'", "'self'", "'self'"),
            Reach::Below { origin, path } => (
                &*format!("{origin}{path}"),
                // A picture that a designer chose from disk, for a preview.
                &*format!("{origin}{path} {origin}/icons/ {origin}/icon.svg data:"),
                "'none'",
            ),
        };
        let (scripts, connect) = match self.scripts {
            Scripts::Nothing => ("'none'".to_owned(), "'none'"),
            Scripts::Own(own) => (digests(own).trim_start().to_owned(), reached),
            Scripts::App(boot) => (format!("'self' 'wasm-unsafe-eval'{}", digests(boot)), reached),
        };
        let (frames, ancestors) = match self.framing {
            Framing::Never => (String::new(), "'none'"),
            Framing::Holds(address) => (format!(" frame-src {address};"), "'none'"),
            Framing::Stands => (String::new(), "'self'"),
        };
        let styles = digests(self.style_digests);
        let fonts = if self.has_fonts { "'self'" } else { "'none'" };
        format!(
            "default-src 'none'; script-src {scripts}; style-src 'self'{styles}; \
             connect-src {connect}; img-src {pictures}; font-src {fonts};{frames} \
             form-action {form}; base-uri 'none'; frame-ancestors {ancestors}; object-src 'none'"
        )
    }
}

/// What every page is sent with beside what every answer has. Its own forms carry an `Origin` (with
/// `no-referrer` browsers send `null` in its place), and other origins get no referrer.
#[must_use]
pub fn of_page(policy: &Policy<'_>) -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_SECURITY_POLICY, policy.header()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ]
}

/// Adds what every answer has, errors included. What a handler set stays.
pub async fn security_headers(
    State((app, protocol)): State<(App, Protocol)>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, NOTHING);
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let opener = if protocol.allows_opener() { "unsafe-none" } else { "same-origin" };
    set(HeaderName::from_static("cross-origin-opener-policy"), opener);
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    // Personal by default; what may be kept says so itself.
    set(header::CACHE_CONTROL, "no-store");
    if protocol.needs_pragma() {
        set(header::PRAGMA, "no-cache");
    }
    if app.is_https() {
        let subdomains = app.hsts_include_subdomains();
        set(
            header::STRICT_TRANSPORT_SECURITY,
            match subdomains {
                true => "max-age=31536000; includeSubDomains",
                false => "max-age=31536000",
            },
        );
    }
    response
}

/// Whether a person waits for a page: in a browser window rather than in a script.
#[must_use]
pub fn accepts_a_page(headers: &HeaderMap) -> bool {
    get_lossy(headers, header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

/// The value of a header, when it is there once and is UTF-8.
#[must_use]
pub fn get(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    std::str::from_utf8(get_bytes(headers, name)?).ok()
}

/// The value of a header whose text is only searched, when it is there once: octets that are no
/// UTF-8 stand as U+FFFD. A field may hold any octet from 0x80 on (RFC 9110, 5.5), and a `User-Agent`
/// may hold the name of a device.
#[must_use]
pub fn get_lossy(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<Cow<'_, str>> {
    get_bytes(headers, name).map(String::from_utf8_lossy)
}

/// Whether `If-None-Match` names an entity tag (RFC 9110, 13.1.2). `tag` is with its quotes.
#[must_use]
pub fn knows(headers: &HeaderMap, tag: &str) -> bool {
    get(headers, header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').any(|it| it.trim().trim_start_matches("W/") == tag))
}

/// The octets of a header, when it is there once.
#[must_use]
pub fn get_bytes(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&[u8]> {
    let mut values = headers.get_all(name).iter();
    // Two readers may disagree on which of two values counts: neither is used.
    let value = values.next()?;
    if values.next().is_some() { None } else { Some(value.as_bytes()) }
}
