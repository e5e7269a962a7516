//! By which name clients know this server: the authority of the public origin, and no other.

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Version,
        header::{self, HOST, ORIGIN},
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use consent_contract::redirect;

use super::error::RequestError;
use crate::App;

/// Health checks, which come under whatever address the process has.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// Why a request is not answered.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    /// No `Host`, two of them, or one that is none (RFC 9112, 3.2).
    Malformed,
    /// The host of another server (RFC 9110, 7.4).
    Foreign,
}

/// Refuses requests for other hosts: a page of another site must not reach this server by letting
/// its own name resolve to this address (DNS rebinding). Aliases of a loopback origin are let
/// through, see [`under_our_origin`]. `X-Forwarded-Host` is not read.
pub async fn only_ours(State(app): State<App>, request: Request, next: Next) -> Response {
    match check(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(Refused::Malformed) => {
            RequestError::Malformed("a request names its host once, in Host".to_owned())
                .into_response()
        }
        Err(Refused::Foreign) => {
            let host = request.headers().get(HOST);
            app.foreign_host_notice(|| {
                tracing::warn!(
                    ?host,
                    origin = app.origin(),
                    "a request names another host than the public origin and is refused: a reverse \
                     proxy in front of this server must pass the Host header on"
                );
            });
            RequestError::Misdirected.into_response()
        }
    }
}

fn check(app: &App, request: &Request) -> Result<(), Refused> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(Refused::Malformed);
    }
    let host = host.map(authority).transpose()?;
    // In the absolute form of HTTP/1.1, and as :authority of HTTP/2.
    let target = request.uri().authority();
    let is_health = HEALTH.contains(&request.uri().path());
    let named = match (target, host) {
        (Some(target), Some(host)) if *target == host => host,
        (Some(_), Some(_)) => return Err(Refused::Malformed),
        (Some(target), None) if request.version() >= Version::HTTP_2 => target.clone(),
        (None, Some(host)) => host,
        // Balancers check with HTTP/1.0, which knows no Host.
        (None, None) if is_health && request.version() < Version::HTTP_11 => return Ok(()),
        (_, None) => return Err(Refused::Malformed),
    };
    let ours = Ours::of(app);
    let is_ours = ours.has_host(&named) && named.port_u16().is_none_or(|port| port == ours.port);
    if is_ours || is_health || ours.has_alias(&named) || is_other_host(app, &named) {
        Ok(())
    } else {
        Err(Refused::Foreign)
    }
}

/// Whether it is a name of [`App::other_hosts`]. Its port is the one that a client connected to, not ours.
fn is_other_host(app: &App, asked: &Authority) -> bool {
    app.other_hosts().iter().any(|host| host.eq_ignore_ascii_case(asked.host()))
}

/// The value of `Host`: a host and perhaps a port, without a user part.
fn authority(value: &HeaderValue) -> Result<Authority, Refused> {
    let text = value.to_str().map_err(|_| Refused::Malformed)?;
    if text.contains('@') {
        return Err(Refused::Malformed);
    }
    let authority = text.parse::<Authority>().map_err(|_| Refused::Malformed)?;
    let port = &text[authority.host().len()..];
    let is_port = port.is_empty() || port == ":" || authority.port_u16().is_some();
    if authority.host().is_empty() || !is_port { Err(Refused::Malformed) } else { Ok(authority) }
}

/// The authority of the public origin.
struct Ours<'a> {
    host: &'a str,
    port: u16,
    default_port: u16,
}

impl<'a> Ours<'a> {
    fn of(app: &'a App) -> Self {
        let (scheme, authority) = app.origin().split_once("://").unwrap_or_default();
        let default_port = if scheme == "https" { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of an IPv6 address stand inside its brackets.
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
            _ => (authority, None),
        };
        Self { host, port: port.unwrap_or(default_port), default_port }
    }

    fn has_host(&self, asked: &Authority) -> bool {
        asked.host().eq_ignore_ascii_case(self.host)
    }

    /// Whether both are names of this machine: never another machine's, whatever the port.
    fn has_alias(&self, asked: &Authority) -> bool {
        redirect::is_loopback(self.host)
            && redirect::is_loopback(&asked.host().to_ascii_lowercase())
    }
}

/// The same path under the origin that cookies, redirects and policies are for, when a browser asks
/// under another: `localhost` and `127.0.0.1` are the same machine, but not the same to a browser.
#[must_use]
pub fn under_our_origin(app: &App, headers: &HeaderMap, path: &str) -> Option<String> {
    let asked = authority(headers.get(HOST)?).ok()?;
    let ours = Ours::of(app);
    let port = asked.port_u16().unwrap_or(ours.default_port);
    let is_ours = ours.has_host(&asked) && port == ours.port;
    (!is_ours && ours.has_alias(&asked)).then(|| format!("{}{path}", app.origin()))
}

/// Whether a request names an origin that is not ours in `Origin`. `null` is no origin: browsers
/// send it in place of one, with our own forms too.
#[must_use]
pub fn has_foreign_origin(app: &App, headers: &HeaderMap) -> bool {
    headers
        .get_all(ORIGIN)
        .iter()
        .any(|origin| origin != "null" && !is_our_origin(app, headers, origin))
}

/// Ours is the public origin; and for a page that is open under an alias of a loopback origin, or
/// under another host of ours, the one that it is open under.
fn is_our_origin(app: &App, headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let under_an_alias = || {
        let host = headers.get(HOST).and_then(|host| authority(host).ok())?;
        let scheme = if app.is_https() { "https" } else { "http" };
        let is_alias = !app.is_https() && Ours::of(app).has_alias(&host);
        (is_alias || is_other_host(app, &host)).then(|| format!("{scheme}://{host}"))
    };
    origin == app.origin() || under_an_alias().is_some_and(|alias| *origin == *alias)
}

/// The `Host` of a request to this server.
#[must_use]
pub fn header(app: &App) -> (header::HeaderName, HeaderValue) {
    let authority = app.origin().split_once("://").map_or("", |it| it.1);
    let value = HeaderValue::from_str(authority).expect("an origin is plain ASCII");
    (HOST, value)
}
