//! An HTTP address as a target: one POST for each batch, a record a line.

use std::time::Duration;

use borealis_base::task;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time;

use super::sink::{Sink, SinkError};
use crate::stream::FailureCode;

/// A batch must be taken in this time, connecting included.
const DELIVERY_WAIT_MAX: Duration = Duration::from_secs(10);
/// The answer's body says nothing to us; it is read to its end so that errors can be shown.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
const DEFAULT_PORT: u16 = 80;

/// Posts records to one address. A delivery has a thread of its own, and so a runtime of its own.
pub(super) struct HttpSink {
    uri: Uri,
    authority: String,
    runtime: Runtime,
}

impl HttpSink {
    pub(super) fn open(url: &str) -> Result<Self, SinkError> {
        let bad = |reason: String| SinkError::new(FailureCode::InternalError, format!("{url}: {reason}"));
        let uri: Uri = url.parse().map_err(|error: hyper::http::uri::InvalidUri| bad(error.to_string()))?;
        let authority = uri.authority().ok_or_else(|| bad("no host".to_owned()))?.to_string();
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| bad(error.to_string()))?;
        Ok(Self { uri, authority, runtime })
    }

    async fn post(&self, body: Bytes) -> Result<(), SinkError> {
        let unreachable =
            |error: &dyn std::fmt::Display| SinkError::new(FailureCode::KinesisStreamNotFound, format!("{}: {error}", self.uri));
        let broken = |error: &dyn std::fmt::Display| SinkError::new(FailureCode::InternalError, format!("{}: {error}", self.uri));
        let host = self.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let socket = TcpStream::connect((host, self.uri.port_u16().unwrap_or(DEFAULT_PORT))).await.map_err(|error| unreachable(&error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(|error| broken(&error))?;
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::post(path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .body(Full::new(body))
            .map_err(|error| broken(&error))?;
        let exchange = async {
            let answer = sender.send_request(request).await?;
            let status = answer.status();
            // Whether the rest of the answer comes is of no matter: the status has decided.
            let _ = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
            Ok::<StatusCode, hyper::Error>(status)
        };
        // What goes wrong with the connection, the exchange says.
        let connection = task::spawn(connection);
        let status = exchange.await;
        connection.abort();
        let status = status.map_err(|error| broken(&error))?;
        judge(status).map_err(|code| SinkError::new(code, format!("{} answered {status}", self.uri)))
    }
}

/// What a status says of the target.
fn judge(status: StatusCode) -> Result<(), FailureCode> {
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(FailureCode::KinesisAccessDenied),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(FailureCode::KinesisStreamNotFound),
        StatusCode::PAYLOAD_TOO_LARGE => Err(FailureCode::KinesisOversizeRecord),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Err(FailureCode::KinesisThroughputExceeded),
        _ => Err(FailureCode::InternalError),
    }
}

impl Sink for HttpSink {
    fn deliver(&mut self, records: &[String]) -> Result<(), SinkError> {
        let mut lines = records.join("\n");
        lines.push('\n');
        let posted = self.runtime.block_on(async { time::timeout(DELIVERY_WAIT_MAX, self.post(Bytes::from(lines))).await });
        posted.unwrap_or_else(|_| {
            let reason = format!("{}: no answer within {} s", self.uri, DELIVERY_WAIT_MAX.as_secs());
            Err(SinkError::new(FailureCode::KinesisThroughputExceeded, reason))
        })
    }
}
