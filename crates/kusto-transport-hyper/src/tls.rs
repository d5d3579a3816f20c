//! TLS: which certificates are trusted, and with which cryptography.

use std::fmt;
use std::sync::{Arc, OnceLock};

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
/// files, and a machine without any roots can still speak plain http to itself.
#[derive(Clone)]
pub(crate) struct Trust {
    extra: Vec<CertificateDer<'static>>,
    ready: Arc<OnceLock<Result<Arc<ClientConfig>, String>>>,
}

impl Trust {
    /// The machine's roots, and these certificates in PEM.
    pub(crate) fn roots(extra: Option<&[u8]>) -> Result<Self> {
        let extra = extra.map(certificates).transpose()?.unwrap_or_default();
        Ok(Self {
            extra,
            ready: Arc::default(),
        })
    }

    /// What the caller made.
    pub(crate) fn own(config: ClientConfig) -> Self {
        Self {
            extra: Vec::new(),
            ready: Arc::new(OnceLock::from(Ok(Arc::new(http1_only(config))))),
        }
    }

    /// The configuration for a connection, or why there is none.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>> {
        self.ready
            .get_or_init(|| platform(&self.extra))
            .clone()
            .map_err(|why| {
                Error::new(ErrorKind::Connection, "prepare TLS")
                    .because(why)
                    .with_permanence(true)
            })
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust")
            .field("extra", &self.extra.len())
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

fn platform(extra: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, String> {
    let provider =
        crypto_provider().ok_or("this build has no TLS: turn on the feature tls-aws-lc or tls-ring")?;
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let config = trusting(config, extra, provider).map_err(|error| error.to_string())?;
    Ok(Arc::new(http1_only(config.with_no_client_auth())))
}

type Versions = ConfigBuilder<ClientConfig, WantsVerifier>;
type Trusting = ConfigBuilder<ClientConfig, WantsClientCert>;

/// The machine's roots are files.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
fn trusting(
    config: Versions,
    extra: &[CertificateDer<'static>],
    _: Arc<CryptoProvider>,
) -> Result<Trusting, rustls::Error> {
    let mut roots = rustls::RootCertStore::empty();
    for root in extra {
        roots.add(root.clone())?;
    }
    roots.add_parsable_certificates(crate::roots::of_the_machine());
    match roots.is_empty() {
        true => Err(rustls::Error::General(
            "this machine has no root certificates".to_owned(),
        )),
        false => Ok(config.with_root_certificates(roots)),
    }
}

/// The machine judges certificates itself.
#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
fn trusting(
    config: Versions,
    extra: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Trusting, rustls::Error> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra.iter().cloned(), provider)?;
    Ok(config
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier)))
}

/// HTTP/2 would push every upload through one TCP connection, and the storage services speak HTTP/1.1 anyway.
fn http1_only(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols.clear();
    config
}
