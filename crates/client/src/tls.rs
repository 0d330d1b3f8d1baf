//! Whom the client believes about a server's name.
//!
//! By default the machine's own trust store, as `sslrootcert=system` means for libpq: it follows what the administrator trusts, is
//! renewed with the system and honours `SSL_CERT_FILE`. A compiled-in list would do none of these, and the only thing it gains, working
//! on a machine without any trust store, is a state that has a clear error here.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// The certificate authorities to believe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roots {
    /// The file that `PGSSLROOTCERT` names, if it is set and not `system`; otherwise the machine's.
    #[default]
    Environment,
    /// The machine's.
    System,
    /// Those in this PEM file, and no others.
    File(PathBuf),
}

impl Roots {
    /// The settings of a TLS client that believes these.
    pub(crate) fn client_config(&self) -> io::Result<Arc<ClientConfig>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(io::Error::other)?;
        Ok(Arc::new(builder.with_root_certificates(self.load()?).with_no_client_auth()))
    }

    fn load(&self) -> io::Result<RootCertStore> {
        match self {
            Self::File(path) => load_file(path),
            Self::System => load_system(),
            Self::Environment => match std::env::var_os("PGSSLROOTCERT").filter(|path| !path.is_empty() && path != "system") {
                Some(path) => load_file(Path::new(&path)),
                None => load_system(),
            },
        }
    }
}

fn load_file(path: &Path) -> io::Result<RootCertStore> {
    let named = |what: String| io::Error::new(io::ErrorKind::InvalidInput, format!("root certificates {}: {what}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| named(error.to_string()))? {
        roots.add(certificate.map_err(|error| named(error.to_string()))?).map_err(|error| named(error.to_string()))?;
    }
    if roots.is_empty() { Err(named("no certificate in this file".to_owned())) } else { Ok(roots) }
}

fn load_system() -> io::Result<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Trust stores hold certificates that no modern verifier accepts; those are passed over as every TLS client does.
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(roots);
    }
    let why = found.errors.first().map_or_else(String::new, |error| format!(" ({error})"));
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        format!("this machine has no trusted root certificates{why}: install ca-certificates, or name a file in PGSSLROOTCERT"),
    ))
}
