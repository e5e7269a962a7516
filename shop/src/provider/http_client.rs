//! The one HTTP client: no redirects, a time limit, a size limit, and a record of each request.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use openidconnect::{
    AsyncHttpClient, HttpRequest, HttpResponse,
    http::{self, StatusCode},
};

use super::error::{ProviderError, causes};
use crate::{
    pages::behind::Outcome,
    recorder::{self, Recorder},
};

/// The largest answer that is read, in bytes.
const LARGEST: usize = 256 * 1024;

#[derive(Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    recorder: Recorder,
}

impl HttpClient {
    pub fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            // A redirect would carry secrets to an address that is not configured.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeout)
            .timeout(timeout)
            .build()?;
        Ok(Self { client, recorder: Recorder::default() })
    }

    pub fn recorded_by(&self, recorder: &Recorder) -> Self {
        Self { client: self.client.clone(), recorder: recorder.clone() }
    }

    /// Sends a request. Answers with a status of 4xx are answers; 429 and 5xx are errors.
    pub async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, ProviderError> {
        let began = Instant::now();
        let answer = self.answer(request.clone()).await;
        let outcome = match &answer {
            Ok(response) => Outcome::Status(response.status().as_u16()),
            Err(ProviderError::Slow) => Outcome::TimedOut,
            Err(ProviderError::Nonsense(_)) => Outcome::NotUnderstood,
            Err(ProviderError::Down(_) | ProviderError::Refused { .. }) => Outcome::Unreachable,
        };
        self.recorder.add(recorder::described(&request, outcome, began.elapsed()));
        let response = answer?;
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(ProviderError::Down(format!("status {status}")));
        }
        Ok(response)
    }

    async fn answer(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, ProviderError> {
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(ProviderError::Nonsense(format!("more than {LARGEST} bytes")));
            }
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// The client also carries the requests of OpenID Connect.
impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = ProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn failed(error: reqwest::Error) -> ProviderError {
    if error.is_timeout() {
        ProviderError::Slow
    } else {
        ProviderError::Down(causes(&error.without_url()))
    }
}
