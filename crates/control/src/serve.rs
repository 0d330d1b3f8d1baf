//! HTTP/1.1 over TCP or TLS, with a bound on everything a client can make the server wait for or keep.

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, middleware};
use borealis_base::task;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time;
use tokio_rustls::TlsAcceptor;

use crate::api::Peer;
use crate::unread;

/// Connections at a time; the next one waits in the listener's backlog.
const CONNECTIONS_MAX: usize = 1_024;
/// A TLS handshake, and the head of a request (which includes the pause before it on a kept connection), must be over in this time.
const HEAD_WAIT_MAX: Duration = Duration::from_secs(30);
/// After `stop`, requests under way have this long to end.
const DRAIN_MAX: Duration = Duration::from_secs(5);
/// After a failed accept (no descriptors left), the time for some to come free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The head of a request: an ARN, a session token of 2 KiB and a signature fit many times.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Answers requests on `listener` until `stop` resolves; then lets those under way end and returns. Without `tls` it speaks plain HTTP.
///
/// # Errors
/// When the listener's own address cannot be told; a failed connection concerns nobody else.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    router: axum::Router,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let tls = tls.map(http_acceptor);
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut stop = pin!(stop);
    tracing::debug!(%address, "control endpoint open");
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok(accepted) => {
                task::spawn(connection(accepted, tls.clone(), router.clone(), connections.watcher()));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a control connection");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if time::timeout(DRAIN_MAX, connections.shutdown()).await.is_err() {
        tracing::warn!(seconds = DRAIN_MAX.as_secs(), "control requests did not end in time; cut off");
    }
    Ok(())
}

/// The next connection, with its place among those at a time.
struct Accepted {
    socket: TcpStream,
    address: IpAddr,
    place: OwnedSemaphorePermit,
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> io::Result<Accepted> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (socket, address) = listener.accept().await?;
    // An answer is one small write; waiting to fill a packet would only delay it.
    socket.set_nodelay(true)?;
    Ok(Accepted { socket, address: address.ip(), place })
}

/// The certificate is the database's, whose configuration negotiates `postgresql`.
fn http_acceptor(config: Arc<rustls::ServerConfig>) -> TlsAcceptor {
    let mut config = (*config).clone();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn connection(accepted: Accepted, tls: Option<TlsAcceptor>, router: axum::Router, watcher: Watcher) {
    let Accepted { socket, address, place } = accepted;
    let router = router.layer(Extension(Peer { address, tls: tls.is_some() })).layer(middleware::from_fn(unread::take_in));
    match tls {
        None => exchange(socket, router, watcher).await,
        Some(tls) => match time::timeout(HEAD_WAIT_MAX, tls.accept(socket)).await {
            Ok(Ok(stream)) => exchange(stream, router, watcher).await,
            Ok(Err(error)) => tracing::debug!(%error, "control connection without TLS"),
            Err(_) => tracing::debug!("control connection too slow to agree on TLS"),
        },
    }
    drop(place);
}

async fn exchange(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: axum::Router, watcher: Watcher) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WAIT_MAX).max_buf_size(HEAD_BYTES_MAX);
    let requests = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(requests).await {
        tracing::debug!(%error, "control connection ended");
    }
}
