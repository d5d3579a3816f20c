//! The same over aws-lc-rs or ring, whose interfaces are alike.

use std::num::NonZeroU32;

#[cfg(feature = "tls-aws-lc")]
use aws_lc_rs as library;
use kusto_ingest_core::{Error, ErrorKind, Result};
use library::digest as digests;
use library::rand::SystemRandom;
use library::signature::{KeyPair, RsaEncoding, RsaKeyPair};
use library::{hmac, pbkdf2, signature};
#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
use ring as library;

use super::{Algorithm, Hash};
use crate::certificate::{PrivateKey, refused};

#[expect(
    clippy::unnecessary_wraps,
    reason = "a build without any cryptography has no other answer than an error"
)]
pub(in crate::certificate) fn digest(hash: Hash, data: &[u8]) -> Result<Vec<u8>> {
    let algorithm = match hash {
        Hash::Sha1 => &digests::SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => &digests::SHA256,
        Hash::Sha384 => &digests::SHA384,
        Hash::Sha512 => &digests::SHA512,
    };
    Ok(digests::digest(algorithm, data).as_ref().to_vec())
}

/// Whether `mac` is the HMAC of `data`, compared in constant time.
#[expect(
    clippy::unnecessary_wraps,
    reason = "a build without any cryptography has no other answer than an error"
)]
pub(in crate::certificate) fn verify_mac(hash: Hash, key: &[u8], data: &[u8], mac: &[u8]) -> Result<bool> {
    let algorithm = match hash {
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
        Hash::Sha512 => hmac::HMAC_SHA512,
    };
    Ok(hmac::verify(&hmac::Key::new(algorithm, key), data, mac).is_ok())
}

pub(in crate::certificate) fn derive_pbkdf2(
    hash: Hash,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    key: &mut [u8],
) -> Result<()> {
    let algorithm = match hash {
        Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Hash::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
        Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    let iterations = NonZeroU32::new(iterations).ok_or_else(|| refused("its key was derived in no round"))?;
    pbkdf2::derive(algorithm, iterations, salt, password, key);
    Ok(())
}

/// The public half of a key, as a certificate holds it.
pub(in crate::certificate) fn public_key(key: &PrivateKey) -> Result<Vec<u8>> {
    Ok(pair(key)?.public_key().as_ref().to_vec())
}

pub(in crate::certificate) fn sign(
    key: &PrivateKey,
    algorithm: Algorithm,
    message: &[u8],
) -> Result<Vec<u8>> {
    let encoding: &'static dyn RsaEncoding = match algorithm {
        Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
        Algorithm::Rs256 => &signature::RSA_PKCS1_SHA256,
    };
    let key = pair(key)?;
    let mut signed = vec![0; modulus_length(&key)];
    key.sign(encoding, &SystemRandom::new(), message, &mut signed)
        .map_err(|_| Error::new(ErrorKind::Other, "sign with the client certificate"))?;
    Ok(signed)
}

fn pair(key: &PrivateKey) -> Result<RsaKeyPair> {
    let pair = match key {
        PrivateKey::Pkcs8(der) => RsaKeyPair::from_pkcs8(der),
        PrivateKey::Pkcs1(der) => RsaKeyPair::from_der(der),
    };
    pair.map_err(|_| refused("its key is no RSA key of 2048 bits or more"))
}

#[cfg(feature = "tls-aws-lc")]
fn modulus_length(pair: &RsaKeyPair) -> usize {
    pair.public_modulus_len()
}

#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
fn modulus_length(pair: &RsaKeyPair) -> usize {
    pair.public().modulus_len()
}
