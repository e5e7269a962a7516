//! Bodies of answers: as they are, cut short, or slow.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use std::io;
use std::time::Duration;

/// A body that may end in an error, which ends the connection.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// All of it at once.
pub fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

/// A part, and then the end of the connection.
pub fn broken_after(part: Bytes) -> Body {
    // The pause lets the part be sent: an error at once would take it back.
    let end = stream::once(async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(io::Error::other("broken off"))
    });
    let part = stream::once(async move { Ok(Frame::data(part)) });
    StreamBody::new(part.chain(end)).boxed_unsync()
}

/// Byte by byte.
pub fn slow(body: Bytes, pause: Duration) -> Body {
    let bytes = stream::iter(0..body.len()).then(move |at| {
        let byte = body.slice(at..=at);
        async move {
            tokio::time::sleep(pause).await;
            Ok(Frame::data(byte))
        }
    });
    StreamBody::new(bytes).boxed_unsync()
}
