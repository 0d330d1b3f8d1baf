//! The local certificate authority and the server certificate it issues.
//!
//! Clients check `verify-full` against the CA's certificate, so it is made once per data folder and kept; the server's certificates are issued anew at
//! each start: one for the names and addresses it serves anyway, and one for each Region of its clusters when the first client asks for it. A wildcard
//! stands for one label only, so no certificate covers Regions that are not known yet.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType};
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};

const CA_CERTIFICATE: &str = "ca.pem";
const CA_KEY: &str = "ca.key";

/// ALPN name that direct TLS negotiation asks for.
pub(crate) const ALPN: &[u8] = b"postgresql";
/// What a client offers that wants to open a WebSocket.
const ALPN_HTTP: &[u8] = b"http/1.1";

/// TLS could not be set up.
#[derive(Debug)]
pub enum TlsError {
    /// A file could not be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A certificate could not be made or used.
    Certificate(String),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Certificate(what) => write!(f, "the TLS certificate cannot be used: {what}"),
        }
    }
}

impl std::error::Error for TlsError {}

/// What certificate the host name that a client asks for wants, `*.dsql.us-west-2.on.aws` say, when it is one of a cluster that is there; `None`
/// for all others. So the certificates are as few as the Regions of the clusters, whatever clients ask for.
pub type Wildcards = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The local CA.
pub struct Authority {
    certificate_pem: String,
    key: KeyPair,
}

impl Authority {
    /// The CA kept in `folder`, made at the first call. The key file is readable by its owner only.
    ///
    /// # Errors
    /// When the files cannot be read or written, or are damaged.
    pub fn open(folder: &Path) -> Result<Self, TlsError> {
        let (certificate, key) = (folder.join(CA_CERTIFICATE), folder.join(CA_KEY));
        if certificate.exists() && key.exists() {
            let certificate_pem = read(&certificate)?;
            let key = KeyPair::from_pem(&read(&key)?).map_err(certificate_error)?;
            return Ok(Self { certificate_pem, key });
        }
        let authority = Self::new()?;
        std::fs::create_dir_all(folder).map_err(|source| TlsError::File { path: folder.to_owned(), source })?;
        write_private(&key, &authority.key.serialize_pem())?;
        std::fs::write(&certificate, &authority.certificate_pem).map_err(|source| TlsError::File { path: certificate, source })?;
        Ok(authority)
    }

    /// A CA that is kept nowhere.
    ///
    /// # Errors
    /// When a key cannot be made.
    pub fn new() -> Result<Self, TlsError> {
        let key = KeyPair::generate().map_err(certificate_error)?;
        let certificate = authority_params().self_signed(&key).map_err(certificate_error)?;
        Ok(Self { certificate_pem: certificate.pem(), key })
    }

    /// The CA's certificate, for clients' `sslrootcert`.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Path of the CA's certificate in its folder.
    #[must_use]
    pub fn certificate_path(folder: &Path) -> PathBuf {
        folder.join(CA_CERTIFICATE)
    }

    /// A server configuration with a certificate for these names (wildcards allowed) and addresses, and further ones as `wildcards` says.
    ///
    /// # Errors
    /// When the certificate cannot be made.
    pub fn server_config(
        self: &Arc<Self>,
        names: &[String],
        addresses: &[IpAddr],
        wildcards: Wildcards,
    ) -> Result<Arc<rustls::ServerConfig>, TlsError> {
        let certificates = Certificates::new(self.clone(), names, addresses, wildcards)?;
        let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Certificate(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(certificates));
        config.alpn_protocols = vec![ALPN.to_vec(), ALPN_HTTP.to_vec()];
        Ok(Arc::new(config))
    }

    /// A certificate for a key.
    fn issue(&self, key: &KeyPair, names: &[String], addresses: &[IpAddr]) -> Result<CertificateDer<'static>, TlsError> {
        let params = authority_params();
        let issuer = Issuer::from_params(&params, &self.key);
        let leaf = leaf_params(names, addresses)?.signed_by(key, &issuer).map_err(certificate_error)?;
        Ok(CertificateDer::from(leaf.der().to_vec()))
    }
}

/// The certificates of a server: all of one key.
struct Certificates {
    authority: Arc<Authority>,
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    /// For clients that name no cluster, or none that is there.
    own: Arc<CertifiedKey>,
    wildcards: Wildcards,
    issued: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    fn new(authority: Arc<Authority>, names: &[String], addresses: &[IpAddr], wildcards: Wildcards) -> Result<Self, TlsError> {
        let key = KeyPair::generate().map_err(certificate_error)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = any_supported_type(&private).map_err(|error| TlsError::Certificate(error.to_string()))?;
        let own = Arc::new(CertifiedKey::new(vec![authority.issue(&key, names, addresses)?], signing.clone()));
        Ok(Self { authority, key, signing, own, wildcards, issued: Mutex::default() })
    }

    fn for_wildcard(&self, name: String) -> Result<Arc<CertifiedKey>, TlsError> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = issued.get(&name) {
            return Ok(known.clone());
        }
        let certificate = self.authority.issue(&self.key, std::slice::from_ref(&name), &[])?;
        let certified = Arc::new(CertifiedKey::new(vec![certificate], self.signing.clone()));
        issued.insert(name, certified.clone());
        Ok(certified)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates")
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let wildcard = hello.server_name().and_then(|name| (self.wildcards)(name));
        let issued = wildcard.and_then(|name| {
            self.for_wildcard(name).inspect_err(|error| tracing::error!(%error, "no certificate for a cluster's Region")).ok()
        });
        Some(issued.unwrap_or_else(|| self.own.clone()))
    }
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Borealis local CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(names: &[String], addresses: &[IpAddr]) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(names.to_vec()).map_err(certificate_error)?;
    params.subject_alt_names.extend(addresses.iter().map(|address| SanType::IpAddress(*address)));
    params.distinguished_name.push(DnType::CommonName, names.first().map_or("borealis", String::as_str));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

#[allow(clippy::needless_pass_by_value)] // shaped for `map_err`
fn certificate_error(error: rcgen::Error) -> TlsError {
    TlsError::Certificate(error.to_string())
}

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

fn write_private(path: &Path, text: &str) -> Result<(), TlsError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| TlsError::File { path: path.to_owned(), source })
}
