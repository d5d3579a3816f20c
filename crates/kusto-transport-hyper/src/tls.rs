//! TLS: which certificates are trusted, and with which cryptography.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use kusto_ingest_core::{Error, ErrorKind, Result};
use rustls::client::WantsClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};

/// The cryptography that this build was given: aws-lc-rs, or ring where only `tls-ring` is on, or none.
///
/// It is passed to rustls explicitly, here and by those who build a [`ClientConfig`] of their own: the provider of
/// the process is ambiguous as soon as another crate of the program turns the other one on.
#[must_use]
pub fn crypto_provider() -> Option<Arc<CryptoProvider>> {
    #[cfg(feature = "tls-aws-lc")]
    return Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
    return Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "tls-aws-lc", feature = "tls-ring")))]
    None
}

/// The trusted roots. Those of the machine are read at the first https connection, so that making a transport reads no
/// files, and a machine without any roots can still speak plain http to itself. Roots that could not be read are looked for
/// again by the next connection.
#[derive(Clone)]
pub(crate) struct Trust(Arc<Shared>);

struct Shared {
    extra: Vec<CertificateDer<'static>>,
    ready: OnceLock<Arc<ClientConfig>>,
    /// Held while the roots are read, on a thread that may block.
    reading: Mutex<()>,
}

/// A configuration, and whether it has all that this machine trusts.
struct Configured {
    config: Arc<ClientConfig>,
    is_whole: bool,
}

impl Trust {
    /// The machine's roots, and these certificates in PEM.
    pub(crate) fn roots(extra: Option<&[u8]>) -> Result<Self> {
        let extra = extra.map(certificates).transpose()?.unwrap_or_default();
        Ok(Self::new(extra, OnceLock::new()))
    }

    /// What the caller made.
    pub(crate) fn own(config: ClientConfig) -> Self {
        Self::new(Vec::new(), OnceLock::from(Arc::new(http1_only(config))))
    }

    fn new(extra: Vec<CertificateDer<'static>>, ready: OnceLock<Arc<ClientConfig>>) -> Self {
        let reading = Mutex::default();
        Self(Arc::new(Shared {
            extra,
            ready,
            reading,
        }))
    }

    /// The configuration for a connection, or why there is none. Files are read on a thread of their own.
    pub(crate) async fn config(&self) -> Result<Arc<ClientConfig>> {
        if let Some(config) = self.0.ready.get() {
            return Ok(Arc::clone(config));
        }
        let shared = Arc::clone(&self.0);
        let read = tokio::task::spawn_blocking(move || shared.read()).await;
        let read = read.unwrap_or_else(|_| Err("the runtime ends".to_owned()));
        read.map_err(|why| {
            Error::new(ErrorKind::Connection, "prepare TLS")
                .because(why)
                .with_permanence(true)
        })
    }
}

impl Shared {
    /// Reads what there is to trust, once for all who wait for it.
    fn read(&self) -> Result<Arc<ClientConfig>, String> {
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = self.ready.get() {
            return Ok(Arc::clone(config));
        }
        let read = platform(&self.extra)?;
        Ok(match read.is_whole {
            true => Arc::clone(self.ready.get_or_init(|| read.config)),
            false => read.config,
        })
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("extra", &self.0.extra.len())
            .finish_non_exhaustive()
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let refused = |why| Error::new(ErrorKind::InvalidInput, "read the certificates to trust").because(why);
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refused("they are not PEM").caused_by(error))?;
    match certificates.is_empty() {
        true => Err(refused("there is no certificate in PEM among them")),
        false => Ok(certificates),
    }
}

fn platform(extra: &[CertificateDer<'static>]) -> Result<Configured, String> {
    let provider =
        crypto_provider().ok_or("this build has no TLS: turn on the feature tls-aws-lc or tls-ring")?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let (config, is_whole) = trusting(config, extra, provider)?;
    let config = Arc::new(http1_only(config.with_no_client_auth()));
    Ok(Configured { config, is_whole })
}

type Versions = ConfigBuilder<ClientConfig, WantsVerifier>;
type Trusting = ConfigBuilder<ClientConfig, WantsClientCert>;

/// The machine's roots are files. Extra ones are enough for what they vouch for while the machine's cannot be read.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
fn trusting(
    config: Versions,
    extra: &[CertificateDer<'static>],
    _: Arc<CryptoProvider>,
) -> Result<(Trusting, bool), String> {
    let mut roots = rustls::RootCertStore::empty();
    for root in extra {
        roots.add(root.clone()).map_err(|error| error.to_string())?;
    }
    let is_whole = match crate::roots::of_the_machine() {
        Ok(machine) => {
            roots.add_parsable_certificates(machine);
            true
        }
        Err(why) if roots.is_empty() => return Err(why),
        Err(_) => false,
    };
    match roots.is_empty() {
        true => Err("this machine has no root certificates".to_owned()),
        false => Ok((config.with_root_certificates(roots), is_whole)),
    }
}

/// The machine judges certificates itself.
#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
fn trusting(
    config: Versions,
    extra: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<(Trusting, bool), String> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra.iter().cloned(), provider)
        .map_err(|error| error.to_string())?;
    let config = config
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    Ok((config, true))
}

/// HTTP/2 would push every upload through one TCP connection, and the storage services speak HTTP/1.1 anyway.
fn http1_only(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols.clear();
    config
}
