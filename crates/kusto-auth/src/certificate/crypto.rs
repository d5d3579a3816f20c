//! Hashes, key derivation and signatures, by the library that this build was given.

#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod given;
#[cfg(not(any(feature = "tls-aws-lc", feature = "tls-ring")))]
mod none;

#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
pub(super) use given::{derive_pbkdf2, digest, public_key, sign, verify_mac};
#[cfg(not(any(feature = "tls-aws-lc", feature = "tls-ring")))]
pub(super) use none::{derive_pbkdf2, digest, public_key, sign, verify_mac};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Bytes of its result.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Bytes that it takes at a time.
    pub(super) fn block(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }
}

/// A way to sign with an RSA key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSASSA-PSS with SHA-256, which Entra recommends.
    Ps256,
    /// PKCS #1 v1.5 with SHA-256, which goes with a SHA-1 thumbprint.
    Rs256,
}
