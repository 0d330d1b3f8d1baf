//! Answers that are given before the whole request has come.
//!
//! A connection is kept for the next request only when the body of this one has been read. Who is refused by the head alone leaves a body behind, and
//! whether the connection then lives would hang on whether the body happened to be there already: a client that goes on with it could find it closed
//! without a word. So what is left of a body is read and dropped when it is short and comes soon; otherwise the answer says that the connection ends.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use hyper::header::{CONNECTION, EXPECT, HeaderValue};
use tokio::sync::oneshot;
use tokio::time;

/// Twice what anybody here takes as a request: who sends a little too much still hears why it was refused.
const UNREAD_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// An answer waits this long for the rest of its request.
const UNREAD_WAIT_MAX: Duration = Duration::from_secs(5);

/// Passes a request on, and sees to what its answer has left of the body.
pub(crate) async fn take_in(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Who waits for "100 Continue" has not sent the body yet, and need not.
    let may_come = !request.headers().contains_key(EXPECT);
    let (owner, left) = oneshot::channel();
    let mut response = next.run(request.map(|body| Body::new(Lent { body, owner: Some(owner) }))).await;
    let is_late = response.status() == StatusCode::REQUEST_TIMEOUT;
    if !is_over(left, may_come && !is_late).await {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the body is at its end, or has been brought there.
async fn is_over(mut left: oneshot::Receiver<Body>, may_come: bool) -> bool {
    // Where the answer goes on while the request does, the body is not ours yet.
    let Ok(mut body) = left.try_recv() else { return true };
    if body.is_end_stream() {
        return true;
    }
    may_come && body.size_hint().lower() <= UNREAD_BYTES_MAX && time::timeout(UNREAD_WAIT_MAX, drain(&mut body)).await.unwrap_or(false)
}

async fn drain(body: &mut Body) -> bool {
    let mut room = UNREAD_BYTES_MAX;
    while let Some(frame) = body.frame().await {
        let length = frame.map(|frame| frame.data_ref().map_or(0, Bytes::len));
        match length.ok().and_then(|length| room.checked_sub(length as u64)) {
            Some(rest) => room = rest,
            None => return false,
        }
    }
    true
}

/// A body that comes back when nobody reads it any more.
struct Lent {
    body: Body,
    owner: Option<oneshot::Sender<Body>>,
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(owner) = self.owner.take() {
            // Where the client has gone, nobody waits for its body.
            let _gone = owner.send(std::mem::take(&mut self.body));
        }
    }
}
