//! Who connects: the token or the password, and whether it lets this user into this cluster.
//!
//! All of it is asked before the cluster is opened, so that nobody has one opened without having proved to be let in. Only the mapping from
//! principals to roles is in the cluster itself.

use std::sync::Arc;

use borealis_auth::{Action, Arn, AuthError, Context, Expected, IdentityPolicy, Principal, verify_token};
use borealis_engine::Cluster;
use borealis_pgtypes::{SqlError, SqlState};
use bytes::{Buf, BytesMut};
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};

use crate::directory::Absent;
use crate::outgoing::Outgoing;
use crate::route::Route;
use crate::startup::{Request, fatal};
use crate::stream::Stream;
use crate::{Authentication, ServerOptions, Site, sasl};

/// Longest password message: a token with session credentials has a few KiB.
const PASSWORD_BYTES_MAX: usize = 64 << 10;
/// AuthenticationCleartextPassword.
const CLEARTEXT_PASSWORD: [u8; 9] = [b'R', 0, 0, 0, 8, 0, 0, 0, 3];
/// The role that needs no mapping.
const ADMIN: &str = "admin";

/// What a client has proved to be.
pub(crate) enum Caller {
    /// Nothing: nobody is asked.
    Anybody,
    /// The holder of a key.
    Principal(Box<Principal>),
    /// Who knows the role's own password.
    Role,
}

impl Caller {
    /// A role other than admin must be mapped to the caller's principal; its own password speaks for itself.
    pub(crate) fn check_mapping(&self, user: &str, cluster: &Cluster) -> Result<(), SqlError> {
        let Self::Principal(principal) = self else { return Ok(()) };
        if user == ADMIN {
            return Ok(());
        }
        let mapped = cluster.catalog()?.role(user).is_some_and(|role| role.iam_arns.contains(&principal.arn.to_string()));
        if mapped { Ok(()) } else { Err(denied(&format!("User: {} is not authorized to access this resource", principal.arn))) }
    }
}

/// Asks for the token, or for the password of a role that has one, and checks it. The outer error ends the connection silently, the inner one is
/// told to the client.
pub(crate) async fn authenticate(
    stream: &mut Stream,
    request: &Request,
    route: Route,
    options: &ServerOptions,
) -> io::Result<Result<Caller, SqlError>> {
    let Authentication::Iam { keys, sites, hosts, passwords } = &options.authentication else { return Ok(Ok(Caller::Anybody)) };
    let Some(site) = sites(route.endpoint) else { return Ok(Err(route.refusal(Absent::Unknown))) };
    let now_unix = options.clock.unix_micros().div_euclid(1_000_000);
    let context = context(stream, &site, now_unix);
    if may_use_password(stream, &request.user)
        && let Some(verifier) = passwords.get().verifier(route.endpoint, &request.user)
    {
        let proved = sasl::authenticate(stream, &request.user, verifier).await?;
        return Ok(proved.and_then(|()| authorize(&role_principal(request, &site), request, &site, &context)).map(|()| Caller::Role));
    }
    stream.write_all(&CLEARTEXT_PASSWORD).await?;
    let token = match read_password(stream).await? {
        Ok(token) => token,
        Err(error) => return Ok(Err(error)),
    };
    let endpoint = format!("{}.dsql.{}.on.aws", route.endpoint, site.arn.region);
    let accepted: Vec<&str> = std::iter::once(endpoint.as_str()).chain(hosts.iter().map(String::as_str)).collect();
    let expected = Expected { hosts: &accepted, region: &site.arn.region, user: &request.user, now_unix };
    let principal = match verify_token(&token, &expected, keys.as_ref()) {
        Ok(principal) => principal,
        Err(error) => return Ok(Err(refusal(&error))),
    };
    Ok(authorize(&principal, request, &site, &context).map(|()| Caller::Principal(Box::new(principal))))
}

/// Passwords are weaker than tokens: the role that may do everything has one only on the machine itself.
fn may_use_password(stream: &Stream, user: &str) -> bool {
    user != ADMIN || stream.peer().is_some_and(|address| address.to_canonical().is_loopback())
}

/// Who knows a role's password stands for no principal that has a key. Nothing but the cluster's policy speaks of it.
fn role_principal(request: &Request, site: &Site) -> Principal {
    Principal {
        access_key_id: String::new(),
        arn: Arn::user(&site.arn.account, &format!("database-password/{}", request.user)),
        session_name: None,
        region: site.arn.region.clone(),
        permissions: Arc::new(IdentityPolicy::allowing([Action::for_user(&request.user).qualified_name()])),
    }
}

/// The permission to connect as this user, by the principal's policy and the cluster's.
fn authorize(principal: &Principal, request: &Request, site: &Site, context: &Context) -> Result<(), SqlError> {
    let action = Action::for_user(&request.user).qualified_name();
    principal.authorize(action, &site.arn, site.policy.as_deref(), context).map_err(|error| refusal(&error))
}

/// What policies may ask about a connection. It comes from no VPC, so a policy that wants one refuses it.
fn context(stream: &Stream, site: &Site, now_unix: i64) -> Context {
    let context = Context::new()
        .with("aws:SecureTransport", stream.is_encrypted().to_string())
        .with("aws:RequestedRegion", site.arn.region.as_str())
        .with("aws:ResourceAccount", site.arn.account.as_str())
        .with("aws:CurrentTime", now_unix.to_string())
        .with("aws:EpochTime", now_unix.to_string());
    match stream.peer() {
        Some(address) => context.with("aws:SourceIp", address.to_canonical().to_string()),
        None => context,
    }
}

fn refusal(error: &AuthError) -> SqlError {
    denied(&error.hint())
}

/// Refusals of a user carry 08P01: with 28000 clients would try again without TLS.
pub(crate) fn denied(hint: &str) -> SqlError {
    fatal(SqlState::PROTOCOL_VIOLATION, "unable to accept connection, access denied").hint(hint)
}

async fn read_password(stream: &mut Stream) -> io::Result<Result<String, SqlError>> {
    Ok(read_response(stream).await?.and_then(|mut body| {
        if body.last() != Some(&0) {
            return Err(fatal(SqlState::PROTOCOL_VIOLATION, "invalid password packet size"));
        }
        body.truncate(body.len() - 1);
        String::from_utf8(body.to_vec()).map_err(|_| denied("The password is not a valid authentication token."))
    }))
}

/// The body of the client's next message, which must be an answer to what it was asked for.
pub(crate) async fn read_response(stream: &mut Stream) -> io::Result<Result<BytesMut, SqlError>> {
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
    Ok(Ok(body))
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
