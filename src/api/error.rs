use consent_contract::problem::{Code, Problem};

/// An error of an API call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The request, or its response, was lost.
    Offline,
    /// No response before the deadline.
    Timeout,
    /// A problem reported by the backend. `retry_after` in seconds.
    Problem { problem: Box<Problem>, retry_after: Option<u32> },
    /// An error status without a readable problem: from an intermediary.
    Status { status: u16, retry_after: Option<u32> },
    /// A success status with a body that does not follow the contract.
    Unreadable,
}

impl ApiError {
    /// The error of an unsuccessful response.
    #[must_use]
    pub fn from_answer(status: u16, retry_after: Option<u32>, body: &str) -> Self {
        match Problem::from_json(body) {
            Ok(problem) => Self::Problem { problem: Box::new(problem), retry_after },
            Err(_) => Self::Status { status, retry_after },
        }
    }
}

/// Why a request is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryReason {
    Offline,
    Timeout,
    /// The backend is too busy, perhaps for a known number of seconds.
    Busy(Option<u32>),
    /// An error of the backend, or of an intermediary.
    ServerError,
}

impl RetryReason {
    /// Whether a retry may help after this error, and why.
    #[must_use]
    pub fn after(error: &ApiError) -> Option<Self> {
        match error {
            ApiError::Offline => Some(Self::Offline),
            ApiError::Timeout => Some(Self::Timeout),
            ApiError::Problem { problem, retry_after } => match problem.code {
                Code::RateLimited | Code::Unavailable => Some(Self::Busy(*retry_after)),
                _ if problem.status >= 500 => Some(Self::ServerError),
                _ => None,
            },
            ApiError::Status { status: 429 | 503, retry_after } => Some(Self::Busy(*retry_after)),
            ApiError::Status { status: 500..=599, .. } => Some(Self::ServerError),
            ApiError::Status { .. } | ApiError::Unreadable => None,
        }
    }
}
