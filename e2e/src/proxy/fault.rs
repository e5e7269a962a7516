//! What can go wrong between browser and backend.

use bytes::Bytes;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What happens to an answer.
#[derive(Clone)]
pub enum Fault {
    /// The backend is not asked; this is the answer.
    Answer(Response<Bytes>),
    /// The connection ends after so many bytes of the body, though more were announced.
    Truncate(usize),
    /// The backend is asked and acts; after so many bytes of its answer the connection is reset.
    Reset(usize),
    /// The request waits before it is passed on.
    Delay(Duration),
    /// The request waits until the faults are cleared.
    Hold,
    /// The answer comes byte by byte, with this time between two.
    Trickle(Duration),
    /// The connection ends without an answer; the backend is not asked.
    Drop,
    /// The backend is asked and acts, but its answer is lost.
    Lose,
    /// The answer is changed on its way.
    Rewrite(Arc<Rewriting>),
}

/// Changes the answer of the backend. Its body comes without content encoding.
pub type Rewriting = dyn Fn(&mut Response<Bytes>) + Send + Sync;

impl Fault {
    /// An answer in place of the backend's.
    ///
    /// # Panics
    /// When the status is none of HTTP's.
    #[must_use]
    pub fn answer(status: u16, content_type: &'static str, body: &str) -> Self {
        let answer = Response::builder().status(status).header(CONTENT_TYPE, content_type);
        Self::Answer(answer.body(Bytes::from(body.to_owned())).expect("a status of HTTP"))
    }

    /// The same with a further header. It changes nothing but answers.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Self::Answer(answer) = &mut self {
            let value = HeaderValue::from_str(value).expect("tests write good headers");
            answer.headers_mut().insert(name, value);
        }
        self
    }

    /// What something other than the backend says: a status, and a page for people.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::answer(status, "text/html", "<!doctype html><h1>Oops</h1>")
    }

    /// Changes the JSON of the answer.
    ///
    /// An answer that is no JSON is a panic in the proxy, and the browser gets none.
    pub fn json(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Rewrite(Arc::new(move |answer| {
            let mut json = serde_json::from_slice(answer.body()).expect("the backend sends JSON");
            change(&mut json);
            *answer.body_mut() = json.to_string().into();
        }))
    }

    /// Cuts the answer's body in half. What arrives is whole to HTTP.
    #[must_use]
    pub fn half() -> Self {
        Self::Rewrite(Arc::new(|answer| {
            let half = answer.body().len() / 2;
            answer.body_mut().truncate(half);
        }))
    }
}
