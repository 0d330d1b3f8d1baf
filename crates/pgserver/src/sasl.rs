//! SCRAM-SHA-256 on the wire, for roles that have a password.

use borealis_auth::{Exchange, SCRAM_SHA_256, ScramError, Verifier};
use borealis_base::OsRandom;
use borealis_pgtypes::{SqlError, SqlState};
use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{self, AsyncWriteExt};

use crate::authenticate::read_response;
use crate::startup::fatal;
use crate::stream::Stream;

const SASL: i32 = 10;
const SASL_CONTINUE: i32 = 11;
const SASL_FINAL: i32 = 12;

/// Goes through the exchange. The outer error ends the connection silently, the inner one is told to the client.
pub(crate) async fn authenticate(stream: &mut Stream, user: &str, verifier: Verifier) -> io::Result<Result<(), SqlError>> {
    let mut mechanisms = BytesMut::from(SCRAM_SHA_256);
    mechanisms.put_slice(&[0, 0]);
    send(stream, SASL, &mechanisms).await?;
    let started = read_response(stream).await?.and_then(initial_response);
    let started = started.and_then(|first| Exchange::start(verifier, &first, &OsRandom).map_err(|error| refusal(error, user)));
    let (exchange, answer) = match started {
        Ok(started) => started,
        Err(error) => return Ok(Err(error)),
    };
    send(stream, SASL_CONTINUE, answer.as_bytes()).await?;
    let last = read_response(stream).await?;
    match last.and_then(|last| exchange.finish(&last).map_err(|error| refusal(error, user))) {
        Ok(proof) => send(stream, SASL_FINAL, proof.expose().as_bytes()).await.map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// The data of a SASLInitialResponse: mechanism, length, data.
fn initial_response(mut body: BytesMut) -> Result<BytesMut, SqlError> {
    let malformed = || fatal(SqlState::PROTOCOL_VIOLATION, "malformed SCRAM message");
    let end = body.iter().position(|&byte| byte == 0).ok_or_else(malformed)?;
    if &body[..end] != SCRAM_SHA_256.as_bytes() {
        return Err(fatal(SqlState::PROTOCOL_VIOLATION, "client selected an invalid SASL authentication mechanism"));
    }
    body.advance(end + 1);
    if body.remaining() < 4 {
        return Err(malformed());
    }
    let length = usize::try_from(body.get_i32()).map_err(|_| malformed())?;
    if length == body.len() { Ok(body) } else { Err(malformed()) }
}

fn refusal(error: ScramError, user: &str) -> SqlError {
    match error {
        ScramError::Malformed(what) => fatal(SqlState::PROTOCOL_VIOLATION, "malformed SCRAM message").detail(what),
        ScramError::Refused => fatal(SqlState::INVALID_PASSWORD, &format!("password authentication failed for user \"{user}\"")),
    }
}

async fn send(stream: &mut Stream, code: i32, data: &[u8]) -> io::Result<()> {
    let mut message = BytesMut::with_capacity(9 + data.len());
    message.put_u8(b'R');
    message.put_i32(i32::try_from(8 + data.len()).map_err(io::Error::other)?);
    message.put_i32(code);
    message.put_slice(data);
    stream.write_all(&message).await?;
    stream.flush().await
}
