//! Asking a server to end what a connection runs.

use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::connect::open_stream;
use crate::endpoint::Endpoint;
use crate::error::ClientError;

/// What a server tells a connection at its start, by which another connection may cancel its statement. Whoever knows it can: it is not shown.
#[derive(Clone, Copy)]
pub(crate) struct CancelKey {
    pub(crate) process: i32,
    pub(crate) secret: i32,
}

/// How long a request to cancel may take, on top of which nobody waits for it.
const CANCEL_TIME_MAX: Duration = Duration::from_secs(5);

/// Sends the request over a connection of its own, encrypted like any other, and waits until the server has taken it.
pub(crate) async fn cancel(endpoint: &Endpoint, key: CancelKey) -> Result<(), ClientError> {
    let send = async {
        let mut stream = open_stream(endpoint).await?;
        let mut request = BytesMut::new();
        frontend::cancel_request(key.process, key.secret, &mut request);
        stream.write_all(&request).await.map_err(ClientError::Lost)?;
        stream.flush().await.map_err(ClientError::Lost)?;
        // The server answers by closing. It may do so without the farewell of TLS, so that an error tells the same.
        let _ = stream.read_u8().await;
        Ok(())
    };
    let late = |_| ClientError::Lost(std::io::Error::new(std::io::ErrorKind::TimedOut, "the server did not take the request to cancel"));
    tokio::time::timeout(CANCEL_TIME_MAX, send).await.map_err(late)?
}

/// Cancels what a session is running, from anywhere.
#[derive(Clone)]
pub struct Canceller {
    endpoint: Endpoint,
    key: CancelKey,
}

impl std::fmt::Debug for Canceller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canceller").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Canceller {
    pub(crate) fn new(endpoint: Endpoint, key: CancelKey) -> Self {
        Self { endpoint, key }
    }

    /// Asks the server to cancel. It does not say whether there was anything to cancel; a cancelled statement fails with 57014.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn cancel(&self) -> Result<(), ClientError> {
        cancel(&self.endpoint, self.key).await
    }
}
