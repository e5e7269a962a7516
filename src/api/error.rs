use consent_contract::problem::Problem;

/// What can go wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The request did not get through, or its answer did not get back.
    Offline,
    /// No answer before the deadline.
    Silent,
    /// The backend said what is wrong. `retry_after` in seconds.
    Problem { problem: Box<Problem>, retry_after: Option<u32> },
    /// An error status without a problem that can be read: something between us and the backend.
    Status { status: u16, retry_after: Option<u32> },
    /// A good status with a body that is not what the contract says.
    Unreadable,
}

impl ApiError {
    /// Makes an error of an answer that is not a success.
    #[must_use]
    pub fn from_answer(status: u16, retry_after: Option<u32>, body: &str) -> Self {
        match Problem::from_json(body) {
            Ok(problem) => Self::Problem { problem: Box::new(problem), retry_after },
            Err(_) => Self::Status { status, retry_after },
        }
    }
}
