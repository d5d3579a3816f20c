//! An application's certificate: read, checked, and used to sign.

mod assertion;
mod crypto;
mod decrypt;
mod der;
mod pem;
mod pkcs12;

pub(crate) use assertion::Assertion;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_connection::{Certificate, CertificateSource, Secret};
use kusto_ingest_core::{Error, ErrorKind, Result};
use zeroize::Zeroizing;

use self::crypto::Hash;

pub(crate) const READ: &str = "read the client certificate";

/// A private key, and the certificates that belong to it.
pub(crate) struct Identity {
    key: PrivateKey,
    /// The certificate of the key, and those of its issuers, as DER.
    chain: Vec<Vec<u8>>,
    thumbprint: Option<Vec<u8>>,
}

/// A private RSA key as DER.
pub(crate) enum PrivateKey {
    /// With its algorithm beside it.
    Pkcs8(Zeroizing<Vec<u8>>),
    /// The bare key of older PEM files.
    Pkcs1(Zeroizing<Vec<u8>>),
}

/// What a file or a blob contained, in whatever order.
#[derive(Default)]
struct Contents {
    keys: Vec<PrivateKey>,
    certificates: Vec<Vec<u8>>,
}

/// Reads a certificate and its key, and checks that they belong together and are what was expected.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for everything that is wrong with it, and [`ErrorKind::SourceNotFound`] or
/// [`ErrorKind::SourceNotReadable`] when there is no reading its file.
pub(crate) fn load(certificate: &Certificate) -> Result<Identity> {
    let contents = match certificate.source() {
        CertificateSource::File(path) => {
            let bytes = std::fs::read(path).map(Zeroizing::new).map_err(|error| {
                let kind = match error.kind() {
                    std::io::ErrorKind::NotFound => ErrorKind::SourceNotFound,
                    _ => ErrorKind::SourceNotReadable,
                };
                Error::new(kind, READ)
                    .with("file", path.display())
                    .caused_by(error)
            })?;
            of_bytes(&bytes, certificate.password())?
        }
        CertificateSource::Blob(blob) => of_blob(blob, certificate.password())?,
        _ => return Err(refused("it comes from a place that is not known")),
    };
    let identity = contents.into_identity(certificate.thumbprint())?;
    if certificate.sends_chain() && identity.chain.is_empty() {
        return Err(refused(
            "its public part is to be sent along, and there is only a private key",
        ));
    }
    Ok(identity)
}

fn of_blob(blob: &Secret, password: Option<&Secret>) -> Result<Contents> {
    let text = blob.expose().trim();
    if pem::is_pem(text) {
        return pem::read(text, password);
    }
    let text: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    match STANDARD.decode(text.as_bytes()) {
        Ok(bytes) => of_bytes(&Zeroizing::new(bytes), password),
        Err(_) => Err(refused(
            "a blob is the text of a PEM file, or base64 of a PEM or PKCS#12 file",
        )),
    }
}

fn of_bytes(bytes: &[u8], password: Option<&Secret>) -> Result<Contents> {
    match std::str::from_utf8(bytes) {
        Ok(text) if pem::is_pem(text) => pem::read(text, password),
        _ => pkcs12::read(bytes, password),
    }
}

impl Contents {
    fn into_identity(self, expected: Option<&str>) -> Result<Identity> {
        let Self {
            keys,
            mut certificates,
        } = self;
        let mut keys = keys.into_iter();
        let (Some(key), None) = (keys.next(), keys.next()) else {
            return Err(refused("it must hold exactly one private key"));
        };
        let public_key = crypto::public_key(&key)?;
        if !certificates.is_empty() {
            let own = certificates
                .iter()
                .position(|it| der::public_key(it).is_ok_and(|it| it == public_key.as_slice()))
                .ok_or_else(|| refused("none of its certificates belongs to its private key"))?;
            // Entra wants the application's own certificate first.
            certificates[..=own].rotate_right(1);
        }
        let identity = Identity {
            key,
            thumbprint: expected.map(from_hex).transpose()?,
            chain: certificates,
        };
        identity.check_thumbprint()?;
        Ok(identity)
    }
}

impl Identity {
    fn check_thumbprint(&self) -> Result<()> {
        let Some(expected) = &self.thumbprint else {
            return match self.chain.first() {
                Some(_) => Ok(()),
                None => Err(refused(
                    "it holds a private key alone; give its thumbprint, or the certificate with it",
                )),
            };
        };
        let hash = match expected.len() {
            20 => Hash::Sha1,
            32 => Hash::Sha256,
            _ => return Err(refused("its thumbprint is neither SHA-1 nor SHA-256")),
        };
        match self.chain.first() {
            Some(certificate) if crypto::digest(hash, certificate)? != *expected => {
                Err(refused("it is not the certificate whose thumbprint was given"))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificates", &self.chain.len())
            .finish_non_exhaustive()
    }
}

fn from_hex(text: &str) -> Result<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|it| !matches!(it, ':' | ' '))
        .map(|it| it.to_digit(16).and_then(|it| u8::try_from(it).ok()))
        .collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            Ok(digits.chunks(2).map(|it| (it[0] << 4) | it[1]).collect())
        }
        _ => Err(refused("its thumbprint is not hexadecimal")),
    }
}

/// What is wrong with a certificate. Nothing of it is ever repeated.
fn refused(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, READ).because(why)
}
