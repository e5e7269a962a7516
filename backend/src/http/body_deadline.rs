//! How long the body of a request may take to arrive.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{
        StatusCode,
        header::{CONNECTION, HeaderValue},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a whole body may take. Shorter than a whole request may take, see
/// [`super::LONGEST_REQUEST`].
const LONGEST_BODY: Duration = Duration::from_secs(15);

/// Answers 408 (RFC 9110, 15.5.9) when a body does not arrive in time.
pub async fn limit(request: Request, next: Next) -> Response {
    let is_late = Arc::new(AtomicBool::new(false));
    let deadline = Instant::now() + LONGEST_BODY;
    let request = request.map(|body| {
        if body.is_end_stream() {
            return body;
        }
        let timer = Box::pin(sleep_until(deadline));
        Body::new(TimedBody { body, timer, is_late: Arc::clone(&is_late) })
    });
    let response = next.run(request).await;
    // The handler has answered that the body is unreadable; here is known why.
    if is_late.load(Ordering::Relaxed) {
        let close = [(CONNECTION, HeaderValue::from_static("close"))];
        let text = "the body of the request did not arrive in time\n";
        return (StatusCode::REQUEST_TIMEOUT, close, text).into_response();
    }
    response
}

/// A body that fails at its deadline.
struct TimedBody {
    body: Body,
    timer: Pin<Box<Sleep>>,
    is_late: Arc<AtomicBool>,
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        self.timer.as_mut().poll(context).map(|()| {
            self.is_late.store(true, Ordering::Relaxed);
            Some(Err("the body did not arrive in time".into()))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::to_bytes, middleware::from_fn, routing::post};
    use tower::ServiceExt;

    use super::*;

    /// Sends one byte every `pause`, `count` times.
    struct Drip {
        pause: Duration,
        left: u32,
        timer: Pin<Box<Sleep>>,
    }

    impl HttpBody for Drip {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            if self.left == 0 {
                return Poll::Ready(None);
            }
            self.timer.as_mut().poll(context).map(|()| {
                self.left -= 1;
                let next = Instant::now() + self.pause;
                self.timer.as_mut().reset(next);
                Some(Ok(Frame::data(Bytes::from_static(b"x"))))
            })
        }
    }

    async fn answer(pause: Duration, count: u32) -> Response {
        let handler = post(|body: Body| async {
            match to_bytes(body, 1024).await {
                Ok(bytes) => (StatusCode::OK, bytes.len().to_string()),
                Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too large".to_owned()),
            }
        });
        let router = Router::new().route("/", handler).layer(from_fn(limit));
        let body =
            Drip { pause, left: count, timer: Box::pin(sleep_until(Instant::now() + pause)) };
        let request = Request::post("/").body(Body::new(body)).unwrap();
        router.oneshot(request).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_cut_off_at_its_deadline() {
        let start = Instant::now();
        let response = answer(Duration::from_secs(1), 100).await;
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(response.headers()["connection"], "close");
        assert_eq!(start.elapsed().as_secs(), LONGEST_BODY.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_that_arrives_in_time_is_read() {
        let response = answer(Duration::from_secs(1), 10).await;
        assert_eq!(response.status(), StatusCode::OK);
        let body = to_bytes(response.into_body(), 1024).await.unwrap();
        assert_eq!(body, "10");
    }
}
