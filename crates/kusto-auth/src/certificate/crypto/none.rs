//! No cryptography: a build that was given none can sign in by everything but certificates.

use kusto_ingest_core::{Error, ErrorKind, Result};

use super::{Algorithm, Hash};
use crate::certificate::{PrivateKey, refused};

fn none<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported, "use the client certificate")
        .because("this build has no cryptography: turn on the feature tls-aws-lc or tls-ring"))
}

pub(in crate::certificate) fn digest(_: Hash, _: &[u8]) -> Result<Vec<u8>> {
    none()
}

pub(in crate::certificate) fn verify_mac(_: Hash, _: &[u8], _: &[u8], _: &[u8]) -> Result<bool> {
    none()
}

pub(in crate::certificate) fn derive_pbkdf2(_: Hash, _: &[u8], _: &[u8], _: u32, _: &mut [u8]) -> Result<()> {
    none()
}

pub(in crate::certificate) fn public_key(key: &PrivateKey) -> Result<Vec<u8>> {
    let (PrivateKey::Pkcs8(der) | PrivateKey::Pkcs1(der)) = key;
    if der.is_empty() {
        return Err(refused("its key is empty"));
    }
    none()
}

pub(in crate::certificate) fn sign(_: &PrivateKey, _: Algorithm, _: &[u8]) -> Result<Vec<u8>> {
    none()
}
