//! From an endpoint to a session: TCP, TLS, start-up, token.

use std::io;

use borealis_auth::{Action, EXPIRES_IN_SECONDS_DEFAULT, TokenRequest, make_token};
use borealis_base::{Clock, Redacted, SystemClock};
use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::cancel::CancelKey;
use crate::connection::{Connection, lost};
use crate::endpoint::{Endpoint, Tls};
use crate::error::{ClientError, ServerError};
use crate::password;
use crate::transport::{Stream, Transport};

/// Connects, with a token signed at the machine's time.
///
/// # Errors
/// When anything on the way to a ready session fails.
pub async fn connect(endpoint: &Endpoint) -> Result<Connection, ClientError> {
    connect_with(endpoint, &SystemClock::default()).await
}

/// Connects, with a token signed at the clock's time.
///
/// # Errors
/// When anything on the way to a ready session fails.
pub async fn connect_with(endpoint: &Endpoint, clock: &dyn Clock) -> Result<Connection, ClientError> {
    check(endpoint)?;
    let timed_out = |_| ClientError::Connect {
        address: endpoint.address_text(),
        source: io::Error::new(io::ErrorKind::TimedOut, format!("no session after {} seconds", endpoint.connect_timeout.as_secs())),
    };
    tokio::time::timeout(endpoint.connect_timeout, establish(endpoint, clock)).await.map_err(timed_out)?
}

/// A cluster id becomes part of a command line for the server: it must not be able to add options to it.
fn check(endpoint: &Endpoint) -> Result<(), ClientError> {
    match &endpoint.cluster_id {
        Some(id) if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Err(ClientError::Endpoint(format!("'{id}' is not a cluster id")))
        }
        _ => Ok(()),
    }
}

async fn establish(endpoint: &Endpoint, clock: &dyn Clock) -> Result<Connection, ClientError> {
    let mut transport = Transport::new(open_stream(endpoint).await?, endpoint.answer_timeout);
    write_startup(endpoint, &mut transport.outgoing).map_err(|error| ClientError::Endpoint(error.to_string()))?;
    transport.flush().await.map_err(ClientError::Lost)?;
    authenticate(&mut transport, endpoint, clock).await?;
    await_ready(transport).await
}

pub(crate) async fn open_stream(endpoint: &Endpoint) -> Result<Box<dyn Stream>, ClientError> {
    let refused = |source| ClientError::Connect { address: endpoint.address_text(), source };
    let name = endpoint.address.as_deref().unwrap_or(&endpoint.host);
    let stream = TcpStream::connect((name, endpoint.port)).await.map_err(refused)?;
    stream.set_nodelay(true).map_err(refused)?;
    match endpoint.tls {
        Tls::Required => start_tls(stream, endpoint).await,
        Tls::DisabledForLoopback if stream.peer_addr().map_err(refused)?.ip().is_loopback() => Ok(Box::new(stream)),
        Tls::DisabledForLoopback => Err(ClientError::Endpoint(format!(
            "{} is not a loopback address: connections to it must be encrypted",
            endpoint.address_text()
        ))),
    }
}

async fn start_tls(mut stream: TcpStream, endpoint: &Endpoint) -> Result<Box<dyn Stream>, ClientError> {
    let failed = |source| ClientError::Tls { host: endpoint.host.clone(), source };
    let name = ServerName::try_from(endpoint.host.clone()).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
    let config = endpoint.roots.client_config().map_err(failed)?;
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    stream.write_all(&request).await.map_err(failed)?;
    // Exactly one byte: more, sent in the clear before the handshake, must not be taken for part of the encrypted session.
    match stream.read_u8().await.map_err(failed)? {
        b'S' => Ok(Box::new(TlsConnector::from(config).connect(name, stream).await.map_err(failed)?)),
        _ => Err(failed(io::Error::new(io::ErrorKind::Unsupported, "the server does not offer TLS"))),
    }
}

fn write_startup(endpoint: &Endpoint, out: &mut BytesMut) -> io::Result<()> {
    let options = endpoint.cluster_id.as_ref().map(|id| format!("-c amzn-cluster-id={id}"));
    let mut parameters = vec![
        ("user", endpoint.user.as_str()),
        ("database", endpoint.database.as_str()),
        ("application_name", endpoint.application_name.as_str()),
        ("client_encoding", "UTF8"),
    ];
    if let Some(options) = &options {
        parameters.push(("options", options));
    }
    frontend::startup_message(parameters, out)
}

async fn authenticate(transport: &mut Transport, endpoint: &Endpoint, clock: &dyn Clock) -> Result<(), ClientError> {
    loop {
        match transport.read().await.map_err(lost)? {
            Message::AuthenticationOk => return Ok(()),
            Message::AuthenticationCleartextPassword => send_token(transport, endpoint, clock).await?,
            Message::AuthenticationMd5Password(body) if endpoint.password.is_some() => {
                let password = password::md5(endpoint, body.salt());
                send_password(transport, &password).await?;
            }
            Message::AuthenticationSasl(body) if endpoint.password.is_some() => password::scram(transport, endpoint, &body).await?,
            Message::ErrorResponse(body) => return Err(refusal(ServerError::read(body.fields()).map_err(lost)?)),
            Message::NoticeResponse(_) => {}
            _ => {
                return Err(ClientError::Endpoint(format!(
                    "{} asks for a password in a way that Aurora DSQL endpoints do not; tokens go to those only",
                    endpoint.address_text()
                )));
            }
        }
    }
}

async fn send_token(transport: &mut Transport, endpoint: &Endpoint, clock: &dyn Clock) -> Result<(), ClientError> {
    let secret = match &endpoint.password {
        Some(password) => password.clone(),
        None => token(endpoint, clock).await?,
    };
    send_password(transport, &secret).await
}

async fn send_password(transport: &mut Transport, password: &Redacted<String>) -> Result<(), ClientError> {
    frontend::password_message(password.expose().as_bytes(), &mut transport.outgoing)
        .map_err(|error| ClientError::Request(error.to_string()))?;
    transport.flush().await.map_err(ClientError::Lost)
}

async fn token(endpoint: &Endpoint, clock: &dyn Clock) -> Result<Redacted<String>, ClientError> {
    let region = endpoint.region.as_deref().ok_or_else(|| {
        ClientError::Endpoint(format!("Region is not specified for '{}', and its host name does not tell it", endpoint.host))
    })?;
    let key = endpoint.credentials.resolve().await.map_err(ClientError::Credentials)?;
    let request = TokenRequest {
        host: &endpoint.token_host(),
        region,
        action: Action::for_user(&endpoint.user),
        expires_in_seconds: EXPIRES_IN_SECONDS_DEFAULT,
        at: clock.unix_micros().div_euclid(1_000_000),
    };
    make_token(&key, &request).map_err(ClientError::Token)
}

async fn await_ready(mut transport: Transport) -> Result<Connection, ClientError> {
    let (mut server_version, mut key) = (String::new(), None);
    loop {
        match transport.read().await.map_err(lost)? {
            Message::ReadyForQuery(_) => return Ok(Connection::new(transport, server_version, key)),
            Message::ParameterStatus(body) => {
                if body.name().map_err(lost)? == "server_version" {
                    body.value().map_err(lost)?.clone_into(&mut server_version);
                }
            }
            Message::BackendKeyData(body) => key = Some(CancelKey { process: body.process_id(), secret: body.secret_key() }),
            Message::NoticeResponse(_) => {}
            Message::ErrorResponse(body) => return Err(refusal(ServerError::read(body.fields()).map_err(lost)?)),
            _ => return Err(ClientError::Protocol("an unexpected message during start-up".to_owned())),
        }
    }
}

fn refusal(error: ServerError) -> ClientError {
    ClientError::Server(Box::new(error))
}
