//! What can go wrong, as a page that explains what to do.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    pages::{
        Way,
        problem::{self, Problem},
    },
    provider::ProviderError,
    random::{self, NoRandomness},
    store::StoreError,
};

/// A request that ends on a problem page. [`super::visit::visits`] renders it: the page needs the
/// visitor's language and session.
#[derive(Clone, Debug)]
pub struct Failure {
    pub problem: Problem,
    retry: Option<(Way, Option<String>)>,
    /// The provider's own error code.
    code: Option<String>,
    /// The number under which the log has the cause.
    reference: Option<String>,
}

impl Failure {
    #[must_use]
    pub fn new(problem: Problem) -> Self {
        Self { problem, retry: None, code: None, reference: None }
    }

    /// Offers to start again.
    #[must_use]
    pub fn retry(self, way: Way, return_to: &str) -> Self {
        Self { retry: Some((way, Some(return_to.to_owned()))), ..self }
    }

    /// Shows the provider's own error code.
    #[must_use]
    pub fn with_code(self, code: &str) -> Self {
        Self { code: Some(code.to_owned()), ..self }
    }

    /// What the page shows.
    #[must_use]
    pub fn view(&self) -> problem::View {
        let retry = self.retry.clone();
        problem::View {
            problem: self.problem,
            retry: retry.map(|(way, return_to)| problem::Retry { way, return_to }),
            reference: self.reference.clone(),
            code: self.code.clone(),
        }
    }

    /// The HTTP status of the page.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Adds the headers that belong to the problem.
    pub fn add_headers(&self, response: &mut Response) {
        if matches!(self.problem, Problem::DatabaseBusy | Problem::ProviderDown) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
    }

    fn internal(cause: &dyn std::error::Error) -> Self {
        let reference = random::six_digits().unwrap_or_default();
        tracing::error!(reference, "{cause}");
        Self { reference: Some(reference), ..Self::new(Problem::Internal) }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        self.add_headers(&mut response);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new(Problem::DatabaseBusy),
            error => Self::internal(&error),
        }
    }
}

impl From<NoRandomness> for Failure {
    fn from(error: NoRandomness) -> Self {
        Self::internal(&error)
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        tracing::warn!("{error}");
        match &error {
            ProviderError::Down(_) => Self::new(Problem::ProviderDown),
            ProviderError::Slow => Self::new(Problem::ProviderSlow),
            ProviderError::Nonsense(_) => Self::new(Problem::ProviderNonsense),
            // -406: the user is under the age that the app accepts.
            ProviderError::Refused { code, .. } if code == "-406" => {
                Self::new(Problem::NotAllowed).with_code(code)
            }
            ProviderError::Refused { code, .. } => Self::new(Problem::CodeRefused).with_code(code),
        }
    }
}

pub async fn not_found() -> Failure {
    Failure::new(Problem::NotFound)
}

pub async fn method_not_allowed() -> Failure {
    Failure::new(Problem::MethodNotAllowed)
}
