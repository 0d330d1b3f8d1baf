//! Connecting to a server that limits how many sessions there are and how quickly they begin: the service and this one let 100 in a second, after a
//! burst of 1,000.

use std::time::Duration;

use borealis_client::{ClientError, Connection, Endpoint};

/// `Unable to accept connection, rate exceeded.`, and `.. too many open connections.` while those that were closed are not yet gone.
const NO_PLACE_YET: [&str; 2] = ["53400", "53300"];
/// At 100 a second, the time in which a few places have come free.
const PAUSE: Duration = Duration::from_millis(50);
/// A minute of pauses: a server that lets nobody in for so long is not busy but broken.
const TRIES_MAX: u32 = 1_200;

/// A session, waiting for its turn where too many began at once.
///
/// # Errors
/// As [`borealis_client::connect`].
pub(crate) async fn connect(endpoint: &Endpoint) -> Result<Connection, ClientError> {
    for _ in 1..TRIES_MAX {
        match borealis_client::connect(endpoint).await {
            Err(ClientError::Server(error)) if NO_PLACE_YET.contains(&error.code.as_str()) => tokio::time::sleep(PAUSE).await,
            connected => return connected,
        }
    }
    borealis_client::connect(endpoint).await
}
