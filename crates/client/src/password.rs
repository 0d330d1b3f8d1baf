//! Passwords, in the ways that PostgreSQL asks for them: hashed by MD5, or by SCRAM-SHA-256, which never sends them.

use borealis_base::Redacted;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;

use crate::connection::lost;
use crate::endpoint::Endpoint;
use crate::error::{ClientError, ServerError};
use crate::transport::Transport;

/// The password hashed with the server's salt.
pub(crate) fn md5(endpoint: &Endpoint, salt: [u8; 4]) -> Redacted<String> {
    let password = endpoint.password.as_ref().map(|password| password.expose().as_bytes()).unwrap_or_default();
    Redacted::new(md5_hash(endpoint.user.as_bytes(), password, salt))
}

/// The exchange of SCRAM-SHA-256, up to the server's proof that it knows the password too.
pub(crate) async fn scram(transport: &mut Transport, endpoint: &Endpoint, offered: &AuthenticationSaslBody) -> Result<(), ClientError> {
    let mut mechanisms = offered.mechanisms();
    let mut has_scram = false;
    while let Some(mechanism) = mechanisms.next().map_err(lost)? {
        has_scram |= mechanism == SCRAM_SHA_256;
    }
    if !has_scram {
        return Err(ClientError::Endpoint(format!("{} offers no way to log in that is known here", endpoint.address_text())));
    }
    let password = endpoint.password.as_ref().map(|password| password.expose().as_bytes()).unwrap_or_default();
    let mut exchange = ScramSha256::new(password, ChannelBinding::unsupported());
    send(transport, |out| frontend::sasl_initial_response(SCRAM_SHA_256, exchange.message(), out)).await?;
    loop {
        match transport.read().await.map_err(lost)? {
            Message::AuthenticationSaslContinue(body) => {
                exchange.update(body.data()).map_err(lost)?;
                send(transport, |out| frontend::sasl_response(exchange.message(), out)).await?;
            }
            Message::AuthenticationSaslFinal(body) => return exchange.finish(body.data()).map_err(lost),
            Message::ErrorResponse(body) => {
                return Err(ClientError::Server(Box::new(ServerError::read(body.fields()).map_err(lost)?)));
            }
            _ => return Err(ClientError::Protocol("an unexpected message while logging in".to_owned())),
        }
    }
}

async fn send(transport: &mut Transport, write: impl FnOnce(&mut bytes::BytesMut) -> std::io::Result<()>) -> Result<(), ClientError> {
    write(&mut transport.outgoing).map_err(|error| ClientError::Request(error.to_string()))?;
    transport.flush().await.map_err(ClientError::Lost)
}
