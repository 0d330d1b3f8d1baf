//! The token, and whether it lets this user into this cluster.

use borealis_auth::{Action, Arn, Context, Expected, LOCAL_ACCOUNT, Principal, verify_token};
use borealis_engine::Cluster;
use borealis_pgtypes::{SqlError, SqlState};
use bytes::{Buf, BytesMut};
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};

use crate::directory::Lease;
use crate::outgoing::Outgoing;
use crate::startup::{Request, fatal};
use crate::stream::Stream;
use crate::{Authentication, ServerOptions};

/// Longest password message: a token with session credentials has a few KiB.
const PASSWORD_BYTES_MAX: usize = 64 << 10;
/// AuthenticationCleartextPassword.
const CLEARTEXT_PASSWORD: [u8; 9] = [b'R', 0, 0, 0, 8, 0, 0, 0, 3];
/// The role that needs no mapping.
const ADMIN: &str = "admin";

/// Asks for the token and checks it. The outer error ends the connection silently, the inner one is told to the client.
pub(crate) async fn authenticate(
    stream: &mut Stream,
    request: &Request,
    lease: &Lease,
    options: &ServerOptions,
) -> io::Result<Result<(), SqlError>> {
    let Authentication::Iam { keys, region, hosts, policies } = &options.authentication else { return Ok(Ok(())) };
    stream.write_all(&CLEARTEXT_PASSWORD).await?;
    let token = match read_password(stream).await? {
        Ok(token) => token,
        Err(error) => return Ok(Err(error)),
    };
    let endpoint = format!("{}.dsql.{region}.on.aws", lease.endpoint);
    let accepted: Vec<&str> = std::iter::once(endpoint.as_str()).chain(hosts.iter().map(String::as_str)).collect();
    let expected = Expected { hosts: &accepted, region, user: &request.user, now_unix: options.clock.unix_micros().div_euclid(1_000_000) };
    let verified = verify_token(&token, &expected, keys.as_ref()).and_then(|principal| {
        let resource = Arn::cluster(region, LOCAL_ACCOUNT, &lease.endpoint.to_string());
        let context = context(stream, region, expected.now_unix);
        let policy = policies(lease.endpoint);
        principal.authorize(Action::for_user(&request.user).qualified_name(), &resource, policy.as_deref(), &context)?;
        Ok(principal)
    });
    Ok(verified.map_err(|error| denied(&error.hint())).and_then(|principal| check_mapping(&principal, request, &lease.cluster)))
}

/// What policies may ask about a connection. It comes from no VPC, so a policy that wants one refuses it.
fn context(stream: &Stream, region: &str, now_unix: i64) -> Context {
    let context = Context::new()
        .with("aws:SecureTransport", stream.is_encrypted().to_string())
        .with("aws:RequestedRegion", region)
        .with("aws:ResourceAccount", LOCAL_ACCOUNT)
        .with("aws:CurrentTime", now_unix.to_string())
        .with("aws:EpochTime", now_unix.to_string());
    match stream.peer() {
        Some(address) => context.with("aws:SourceIp", address.to_canonical().to_string()),
        None => context,
    }
}

/// A role other than admin must be mapped to the caller's principal.
fn check_mapping(principal: &Principal, request: &Request, cluster: &Cluster) -> Result<(), SqlError> {
    if request.user == ADMIN {
        return Ok(());
    }
    let catalog = cluster.catalog()?;
    let mapped = catalog.role(&request.user).is_some_and(|role| role.iam_arns.contains(&principal.arn.to_string()));
    if mapped { Ok(()) } else { Err(denied(&format!("User: {} is not authorized to access this resource", principal.arn))) }
}

/// Refusals of a user carry 08P01: with 28000 clients would try again without TLS.
pub(crate) fn denied(hint: &str) -> SqlError {
    fatal(SqlState::PROTOCOL_VIOLATION, "unable to accept connection, access denied").hint(hint)
}

async fn read_password(stream: &mut Stream) -> io::Result<Result<String, SqlError>> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await?;
    let length = usize::try_from((&head[1..]).get_u32()).unwrap_or(usize::MAX);
    if head[0] != b'p' {
        let text = format!("expected password response, got message type {}", head[0]);
        return Ok(Err(fatal(SqlState::PROTOCOL_VIOLATION, &text)));
    }
    if !(5..=PASSWORD_BYTES_MAX).contains(&length) {
        return Ok(Err(fatal(SqlState::PROTOCOL_VIOLATION, "invalid password packet size")));
    }
    let mut body = BytesMut::zeroed(length - 4);
    stream.read_exact(&mut body).await?;
    if body.last() != Some(&0) {
        return Ok(Err(fatal(SqlState::PROTOCOL_VIOLATION, "invalid password packet size")));
    }
    body.truncate(body.len() - 1);
    Ok(String::from_utf8(body.to_vec()).map_err(|_| denied("The password is not a valid authentication token.")))
}

/// The first answer after the token: what the session is like.
pub(crate) fn greet(out: &mut Outgoing, session: &borealis_engine::Session) {
    use bytes::BufMut;
    out.buffer.put_slice(&[b'R', 0, 0, 0, 8, 0, 0, 0, 0]);
    for (name, value) in session.reported_parameters() {
        out.parameter(name, value);
    }
    let (pid, secret) = session.cancel_key();
    out.buffer.put_u8(b'K');
    out.buffer.put_i32(12);
    out.buffer.put_i32(pid);
    out.buffer.put_i32(secret);
}
