//! Certificates for the names of this machine: made when the emulator starts, and believed by whoever is given the authority.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use crate::host;

/// How long before now certificates are valid: clocks of containers are behind at times.
const BEFORE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long they are valid.
const LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How many names have a certificate of their own at a time.
const MAX_NAMES: usize = 256;

/// An authority of one emulator. Its key is nowhere but in the memory of the process.
pub(crate) struct Certificates {
    authority: CertifiedIssuer<'static, KeyPair>,
    key: KeyPair,
    provider: CryptoProvider,
    names: Vec<String>,
    from: Timestamp,
    /// What is shown to who asks for no name, or for one that is not this machine's.
    ordinary: Arc<CertifiedKey>,
    made: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    /// An authority for `localhost`, names below it, loopback addresses, and these names with those below them.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when a name cannot stand in a certificate.
    pub(crate) fn new(names: &[String], now: Timestamp) -> Result<Self> {
        let from = Timestamp::from(now.as_datetime() - BEFORE);
        let mut params = CertificateParams::new(Vec::new()).map_err(refuse)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "kusto-emulator of this machine");
        within(&mut params, from);
        let authority =
            CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(refuse)?).map_err(refuse)?;
        let key = KeyPair::generate().map_err(refuse)?;
        let provider = ring::default_provider();
        let ordinary = signed(&ordinary_names(names), from, &authority, &key, &provider)?;
        Ok(Self {
            authority,
            key,
            provider,
            names: names.to_vec(),
            from,
            ordinary,
            made: Mutex::default(),
        })
    }

    /// The authority's certificate in PEM, for those who are to believe it.
    pub(crate) fn authority(&self) -> String {
        self.authority.pem()
    }

    /// Speaks TLS with certificates of this authority.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) when the build has no protocol that is safe.
    pub(crate) fn acceptor(self: Arc<Self>) -> Result<TlsAcceptor> {
        let provider = Arc::new(self.provider.clone());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::new(ErrorKind::Unsupported, "start the emulator").caused_by(error))?
            .with_no_client_auth()
            .with_cert_resolver(self);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The certificate of one name, made when it is first asked for: no wildcard covers `acct0.table.localhost`.
    fn of(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        if !host::is_known(&name, &self.names) {
            return None;
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(&name) {
            return Some(Arc::clone(known));
        }
        let new = signed(
            std::slice::from_ref(&name),
            self.from,
            &self.authority,
            &self.key,
            &self.provider,
        );
        let new = new.ok()?;
        if made.len() < MAX_NAMES {
            made.insert(name, Arc::clone(&new));
        }
        Some(new)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let of_name = hello.server_name().and_then(|name| self.of(name));
        Some(of_name.unwrap_or_else(|| Arc::clone(&self.ordinary)))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

fn ordinary_names(names: &[String]) -> Vec<String> {
    let own = ["localhost", "127.0.0.1", "::1", "ingest-localhost", "*.localhost"];
    let further = names
        .iter()
        .flat_map(|name| [name.clone(), format!("ingest-{name}"), format!("*.{name}")]);
    own.into_iter().map(str::to_owned).chain(further).collect()
}

fn signed(
    names: &[String],
    from: Timestamp,
    authority: &CertifiedIssuer<'static, KeyPair>,
    key: &KeyPair,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>> {
    let mut params = CertificateParams::new(names).map_err(refuse)?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    params
        .distinguished_name
        .push(DnType::CommonName, "kusto-emulator");
    within(&mut params, from);
    let certificate = params.signed_by(key, authority).map_err(refuse)?;
    let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(|why| refuse_key().because(why))?;
    let signing = provider.key_provider.load_private_key(private);
    let signing = signing.map_err(|error| refuse_key().caused_by(error))?;
    let chain = vec![certificate.into(), authority.der().clone()];
    Ok(Arc::new(CertifiedKey::new(chain, signing)))
}

fn within(params: &mut CertificateParams, from: Timestamp) {
    params.not_before = from.as_datetime();
    params.not_after = from.as_datetime() + LIFETIME;
}

fn refuse(error: rcgen::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, "make a certificate").caused_by(error)
}

fn refuse_key() -> Error {
    Error::new(ErrorKind::Unsupported, "make a certificate")
}
