//! The server over streamable HTTP.
//!
//! This is a router; who listens, and with which certificate, is for the caller to say. What stands here is who gets in: a request names the host that was
//! configured (or a page in a browser could reach us under a name of its own), comes from no browser page that was not allowed, and carries a bearer token
//! or is signed. A session belongs to the client that began it; another does not find it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use borealis_base::Redacted;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::Tenancy;
use crate::server::AgentServer;
use crate::session::Session;

/// Where the protocol is spoken.
pub const PATH: &str = "/mcp";

/// How the `Authorization` of a signed request begins.
const SIGNED: &[u8] = b"AWS4-HMAC-SHA256 ";
const SESSION: &str = "mcp-session-id";
/// The longest request: a list of statements fits well.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many sessions are remembered; beyond them the one that was silent for longest has to begin anew.
const SESSIONS_MAX: usize = 256;
/// A token shorter than this could be guessed.
const TOKEN_BYTES_MIN: usize = 16;

/// Who may speak to the server.
#[derive(Clone)]
pub struct Admission {
    /// The bearer tokens, each of another client.
    pub tokens: Vec<Token>,
    /// Who may sign requests instead.
    pub signers: Option<Signers>,
    /// The names, with or without a port, that requests may give as the host they mean.
    pub hosts: Vec<String>,
    /// The origins whose pages may ask from a browser, such as `https://agents.example:443`; pages of all others are refused.
    pub origins: Vec<String>,
}

/// Says who has signed a request (Signature Version 4), by a name that is the same each time, or why nobody has who may come in.
pub type Signers = Arc<dyn Fn(&Parts, &[u8]) -> Result<String, String> + Send + Sync>;

/// What a client proves itself with, and what it is good for.
#[derive(Debug, Clone)]
pub struct Token {
    /// The bearer token.
    pub secret: Redacted<String>,
    /// The tenant whose rows the client may see and change, where the server knows of tenants.
    pub tenant: Option<String>,
}

/// The router that serves any number of clients.
///
/// # Errors
/// When there is no token, or one that could be guessed.
pub fn router(server: &AgentServer, admission: Admission) -> Result<axum::Router, String> {
    let gate = Arc::new(Gate::new(admission.tokens, admission.signers, server.tenancy())?);
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(admission.hosts)
        .with_allowed_origins(admission.origins)
        .enforce_origin_validation()
        .with_max_request_body_bytes(BODY_BYTES_MAX);
    let server = server.clone();
    let service = StreamableHttpService::new(move || Ok(server.for_another_client()), Arc::new(LocalSessionManager::default()), config);
    Ok(axum::Router::new().route_service(PATH, service).layer(from_fn_with_state(gate, admit)))
}

/// Who gets in, and whose the open sessions are.
struct Gate {
    /// By the digests of their tokens: comparing digests takes as long for a wrong token as for a right one, whatever their lengths.
    clients: Vec<([u8; 32], Arc<Client>)>,
    signers: Option<Signers>,
    /// Those who have signed a request, by name.
    signed: Mutex<HashMap<String, Arc<Client>>>,
    sessions: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    /// By their ids: whose each is, and when it was last heard of, counted in requests.
    open: HashMap<String, (Arc<Client>, u64)>,
    requests: u64,
}

#[derive(Default)]
struct Client {
    tenant: Option<String>,
    /// What the client has open when it speaks a version of the protocol that has no sessions.
    session: Arc<Session>,
}

/// Put onto a request outside of a session: what its client has open.
#[derive(Clone)]
pub(crate) struct ClientSession(pub(crate) Arc<Session>);

/// Put onto a request: the tenant that its token is for.
#[derive(Clone)]
pub(crate) struct ClientTenant(pub(crate) String);

impl Gate {
    fn new(tokens: Vec<Token>, signers: Option<Signers>, tenancy: Option<&Tenancy>) -> Result<Self, String> {
        if tokens.is_empty() && signers.is_none() {
            return Err("there is no token: nobody could get in".to_owned());
        }
        if tokens.iter().any(|token| token.secret.expose().len() < TOKEN_BYTES_MIN) {
            return Err(format!("a token has fewer than {TOKEN_BYTES_MIN} characters: it could be guessed"));
        }
        match tenancy {
            None if tokens.iter().any(|token| token.tenant.is_some()) => {
                return Err("a token is for a tenant, and no column is named that tells tenants apart".to_owned());
            }
            Some(Tenancy { value: None, .. }) if signers.is_some() || tokens.iter().any(|token| token.tenant.is_none()) => {
                return Err("a client can come without a tenant, and there is none for those that bring none".to_owned());
            }
            None | Some(_) => {}
        }
        let client = |token: Token| {
            let digest = Sha256::digest(token.secret.expose()).into();
            (digest, Arc::new(Client { tenant: token.tenant, session: Arc::default() }))
        };
        let clients = tokens.into_iter().map(client).collect();
        Ok(Self { clients, signers, signed: Mutex::default(), sessions: Mutex::default() })
    }

    /// Whose token a request carries. All tokens are compared, whichever is right.
    fn bearer(&self, headers: &HeaderMap) -> Option<Arc<Client>> {
        let given = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = given.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(token.trim()).into();
        let mut found = None;
        for (own, client) in &self.clients {
            if bool::from(own.ct_eq(&digest)) {
                found = Some(client);
            }
        }
        found.cloned()
    }

    /// Who has sent a request. One that is signed is read whole: the signature covers its body.
    async fn client(&self, request: Request) -> Result<(Arc<Client>, Request), Response> {
        let signed = |headers: &HeaderMap| headers.get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(SIGNED));
        match &self.signers {
            Some(signers) if signed(request.headers()) => {
                let (head, body) = request.into_parts();
                let body =
                    to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| refusal(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long"))?;
                let name = signers(&head, &body).map_err(|why| refusal(StatusCode::FORBIDDEN, &why))?;
                Ok((Arc::clone(locked(&self.signed).entry(name).or_default()), Request::from_parts(head, body.into())))
            }
            _ => match self.bearer(request.headers()) {
                Some(client) => Ok((client, request)),
                None => {
                    let mut refusal = refusal(StatusCode::UNAUTHORIZED, "a bearer token is needed, and this is none that is known");
                    refusal.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                    Err(refusal)
                }
            },
        }
    }

    /// Whether a session is this client's; it has been heard of then.
    fn is_of(&self, session: &str, client: &Arc<Client>) -> bool {
        let mut sessions = locked(&self.sessions);
        sessions.requests += 1;
        let now = sessions.requests;
        sessions.open.get_mut(session).filter(|(owner, _)| Arc::ptr_eq(owner, client)).map(|(_, heard)| *heard = now).is_some()
    }

    fn opened(&self, session: String, client: Arc<Client>) {
        let mut sessions = locked(&self.sessions);
        if sessions.open.len() >= SESSIONS_MAX
            && let Some(silent) = sessions.open.iter().min_by_key(|(_, (_, heard))| *heard).map(|(id, _)| id.clone())
        {
            sessions.open.remove(&silent);
        }
        sessions.requests += 1;
        let now = sessions.requests;
        sessions.open.insert(session, (client, now));
    }

    fn closed(&self, session: &str) {
        locked(&self.sessions).open.remove(session);
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refusal(status: StatusCode, why: &str) -> Response {
    (status, format!("{why}\n")).into_response()
}

async fn admit(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let (client, mut request) = match gate.client(request).await {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal,
    };
    let session = request.headers().get(SESSION).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match &session {
        Some(session) if !gate.is_of(session, &client) => return refusal(StatusCode::NOT_FOUND, "no such session"),
        Some(_) => {}
        None => drop(request.extensions_mut().insert(ClientSession(Arc::clone(&client.session)))),
    }
    if let Some(tenant) = &client.tenant {
        request.extensions_mut().insert(ClientTenant(tenant.clone()));
    }
    let ends = request.method() == Method::DELETE;
    let response = next.run(request).await;
    match session {
        // Ended by the client, or by its own long silence.
        Some(session) if ends || response.status() == StatusCode::NOT_FOUND => gate.closed(&session),
        Some(_) => {}
        None => {
            if let Some(opened) = response.headers().get(SESSION).and_then(|value| value.to_str().ok()) {
                gate.opened(opened.to_owned(), client);
            }
        }
    }
    response
}
