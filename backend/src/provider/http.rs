//! The HTTP client for a provider: a deadline, a limit on what is read, no redirects, and https.

use std::{error::Error, fmt, pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect;
use url::Url;

use crate::{
    network::is_plain_loopback,
    telemetry::{
        self,
        profile::{Work, timed},
    },
};

/// How long a request may take, from looking up the name to the end of the response.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The most that is read of a response, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Asks a provider.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    /// Whether plain http is allowed, to this machine only: the issuer itself is there.
    allows_loopback: bool,
}

/// Why there is no answer to go on with.
#[derive(Debug)]
pub enum HttpError {
    /// The provider has an address that it must not have.
    Forbidden,
    /// Longer than [`LARGEST`].
    TooLarge,
    /// A status of 500 or above, or 429: later the answer may be another one.
    Status(u16),
    /// No connection, no answer in time, or a broken one.
    Failed(reqwest::Error),
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden => f.write_str("an address of the provider is not https"),
            Self::TooLarge => f.write_str("an answer is longer than 1 MiB"),
            Self::Status(status) => write!(f, "an answer has status {status}"),
            Self::Failed(error) if error.is_timeout() => f.write_str("no answer within 5 seconds"),
            Self::Failed(error) if error.is_connect() => f.write_str("no connection"),
            Self::Failed(_) => f.write_str("the connection broke"),
        }
    }
}

impl Error for HttpError {}

impl HttpError {
    /// Whether the provider may answer later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Status(_) | Self::Failed(_))
    }
}

impl Http {
    /// A client for a provider with this issuer.
    ///
    /// # Errors
    /// When the machine's certificate authorities cannot be read.
    pub fn new(issuer: &str) -> Result<Self, reqwest::Error> {
        let allows_loopback = Url::parse(issuer).is_ok_and(|url| is_plain_loopback(&url));
        let client = reqwest::Client::builder()
            .https_only(!allows_loopback)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self { client, allows_loopback })
    }

    /// Whether a browser or this server may be sent to an address of the provider.
    pub fn allows(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.allows_loopback && is_plain_loopback(url))
    }

    /// Sends a request.
    ///
    /// # Errors
    /// See [`HttpError`].
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| HttpError::Forbidden)?;
        if !self.allows(&url) {
            return Err(HttpError::Forbidden);
        }
        let (mut parts, body) = request.into_parts();
        let span = telemetry::calling(&parts.method, &url, &mut parts.headers);
        let sending =
            self.client.request(parts.method, url).headers(parts.headers).body(body).send();
        let mut response = timed(Work::Outgoing, "provider", sending).await.map_err(|error| {
            span.got_none(&error);
            HttpError::Failed(error)
        })?;
        let status = response.status();
        span.got(status.as_u16());
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(HttpError::Status(status.as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(HttpError::Failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(HttpError::TooLarge);
            }
        }
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = status;
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
