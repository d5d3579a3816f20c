//! Keys that a password protects: PBES2, and the older ways of PKCS#12.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::TdesEde3;
use kusto_connection::Secret;
use kusto_ingest_core::Result;
use rc2::Rc2;
use zeroize::Zeroizing;

use super::crypto::{self, Hash};
use super::der::{Der, INTEGER, OBJECT_ID, OCTET_STRING, SEQUENCE};
use super::refused;

/// How many rounds of key derivation are made at most: a file must not keep us busy for hours.
pub(super) const MOST_ROUNDS: u32 = 10_000_000;

/// 1.2.840.113549.1.5.13 and 1.2.840.113549.1.5.12.
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// 1.2.840.113549.1.12.1.3 and .6: with SHA-1 and triple DES, and with SHA-1 and RC2 of 40 bits.
const SHA1_3DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x03];
const SHA1_RC2_40: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x06];
/// 2.16.840.1.101.3.4.1.2, .22 and .42.
const AES_128_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02];
const AES_192_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16];
const AES_256_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];
/// 1.2.840.113549.3.7.
const DES_EDE3_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];
/// 1.2.840.113549.2.7 and .9 to .11: HMAC with SHA-1, SHA-256, SHA-384 and SHA-512.
const HMACS: &[(&[u8], Hash)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x07], Hash::Sha1),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09], Hash::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0a], Hash::Sha384),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0b], Hash::Sha512),
];

/// What the keys of PKCS#12 are derived for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Key = 1,
    Vector = 2,
    Mac = 3,
}

/// An `EncryptedPrivateKeyInfo`, decrypted to PKCS#8.
pub(super) fn private_key(encrypted: &[u8], password: Option<&Secret>) -> Result<Zeroizing<Vec<u8>>> {
    let mut info = Der::new(encrypted).open(SEQUENCE)?;
    let algorithm = info.open(SEQUENCE)?;
    let Some(password) = password else {
        return Err(refused("it is protected by a password, and none was given"));
    };
    decrypted(
        algorithm,
        info.take(OCTET_STRING)?,
        &Password::new(password.expose()),
    )
}

/// A password in the two forms in which it is used.
pub(super) struct Password {
    text: Zeroizing<String>,
    /// As PKCS#12 wants it: UTF-16, big-endian, with a zero at the end.
    wide: Zeroizing<Vec<u8>>,
}

impl Password {
    pub(super) fn new(text: &str) -> Self {
        let units = text.encode_utf16().chain([0]);
        Self {
            text: Zeroizing::new(text.to_owned()),
            wide: Zeroizing::new(units.flat_map(u16::to_be_bytes).collect()),
        }
    }

    /// The absence of a password, which some programs write in another way than an empty one.
    pub(super) fn absent() -> Self {
        Self {
            text: Zeroizing::default(),
            wide: Zeroizing::default(),
        }
    }
}

/// Decrypts what an algorithm with its parameters encrypted.
pub(super) fn decrypted(
    mut algorithm: Der<'_>,
    data: &[u8],
    password: &Password,
) -> Result<Zeroizing<Vec<u8>>> {
    let name = algorithm.take(OBJECT_ID)?;
    let mut parameters = algorithm.open(SEQUENCE)?;
    if name == PBES2 {
        return decrypted_by_pbes2(parameters, data, password);
    }
    let salt = parameters.take(OCTET_STRING)?;
    let rounds = rounds(&mut parameters)?;
    let derived = |purpose, length| derive(Hash::Sha1, password, purpose, salt, rounds, length);
    let vector = derived(Purpose::Vector, 8)?;
    match name {
        SHA1_3DES => open::<Decryptor<TdesEde3>>(&derived(Purpose::Key, 24)?, &vector, data),
        SHA1_RC2_40 => {
            let key = derived(Purpose::Key, 5)?;
            let cipher = Rc2::new_with_eff_key_len(&key, 40);
            let vector = vector.as_slice().try_into().map_err(|_| unknown())?;
            let mut data = Zeroizing::new(data.to_vec());
            let opened = <Decryptor<Rc2> as cbc::cipher::InnerIvInit>::inner_iv_init(cipher, vector)
                .decrypt_padded::<Pkcs7>(&mut data)
                .map_err(|_| wrong_password())?;
            Ok(Zeroizing::new(opened.to_vec()))
        }
        _ => Err(unknown()),
    }
}

fn decrypted_by_pbes2(
    mut parameters: Der<'_>,
    data: &[u8],
    password: &Password,
) -> Result<Zeroizing<Vec<u8>>> {
    let mut derivation = parameters.open(SEQUENCE)?;
    let mut cipher = parameters.open(SEQUENCE)?;
    if derivation.take(OBJECT_ID)? != PBKDF2 {
        return Err(unknown());
    }
    let mut derivation = derivation.open(SEQUENCE)?;
    let salt = derivation.take(OCTET_STRING)?;
    let rounds = rounds(&mut derivation)?;
    if derivation.peek() == Some(INTEGER) {
        // The length of the key, which the cipher says as well.
        derivation.skip()?;
    }
    let hash = match derivation.open(SEQUENCE) {
        Ok(mut function) => {
            let name = function.take(OBJECT_ID)?;
            let known = HMACS.iter().find(|(known, _)| *known == name);
            known.ok_or_else(unknown)?.1
        }
        Err(_) => Hash::Sha1,
    };
    let name = cipher.take(OBJECT_ID)?;
    let vector = cipher.take(OCTET_STRING)?;
    let key = |length| -> Result<Zeroizing<Vec<u8>>> {
        let mut key = Zeroizing::new(vec![0; length]);
        crypto::derive_pbkdf2(hash, password.text.as_bytes(), salt, rounds, &mut key)?;
        Ok(key)
    };
    match name {
        AES_128_CBC => open::<Decryptor<Aes128>>(&key(16)?, vector, data),
        AES_192_CBC => open::<Decryptor<Aes192>>(&key(24)?, vector, data),
        AES_256_CBC => open::<Decryptor<Aes256>>(&key(32)?, vector, data),
        DES_EDE3_CBC => open::<Decryptor<TdesEde3>>(&key(24)?, vector, data),
        _ => Err(unknown()),
    }
}

fn open<C: KeyIvInit + BlockModeDecrypt>(
    key: &[u8],
    vector: &[u8],
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    let cipher = C::new_from_slices(key, vector).map_err(|_| unknown())?;
    let mut data = Zeroizing::new(data.to_vec());
    let opened = cipher
        .decrypt_padded::<Pkcs7>(&mut data)
        .map_err(|_| wrong_password())?;
    Ok(Zeroizing::new(opened.to_vec()))
}

fn rounds(parameters: &mut Der<'_>) -> Result<u32> {
    match parameters.number()? {
        rounds @ 1..=MOST_ROUNDS => Ok(rounds),
        _ => Err(refused("its key was derived in too many rounds, or in none")),
    }
}

/// The key derivation of PKCS#12 itself (RFC 7292, appendix B.2).
pub(super) fn derive(
    hash: Hash,
    password: &Password,
    purpose: Purpose,
    salt: &[u8],
    rounds: u32,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>> {
    let block = hash.block();
    let stretched = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(length).collect()
    };
    let mut input = Zeroizing::new(stretched(salt));
    input.extend_from_slice(&Zeroizing::new(stretched(&password.wide)));
    let mut derived = Zeroizing::new(Vec::with_capacity(length + hash.length()));
    loop {
        let mut round = Zeroizing::new(vec![purpose as u8; block]);
        round.extend_from_slice(&input);
        let mut digest = Zeroizing::new(crypto::digest(hash, &round)?);
        for _ in 1..rounds {
            digest = Zeroizing::new(crypto::digest(hash, &digest)?);
        }
        derived.extend_from_slice(&digest);
        if derived.len() >= length {
            derived.truncate(length);
            return Ok(derived);
        }
        let addend = Zeroizing::new(stretched_to(&digest, block));
        for part in input.chunks_mut(block) {
            add_one_and(part, &addend);
        }
    }
}

fn stretched_to(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(length).collect()
}

/// `part = part + addend + 1`, as big-endian numbers of one length, without the carry out of it.
fn add_one_and(part: &mut [u8], addend: &[u8]) {
    let mut carry = 1_u16;
    for (digit, more) in part.iter_mut().zip(addend).rev() {
        let sum = u16::from(*digit) + u16::from(*more) + carry;
        *digit = sum.to_be_bytes()[1];
        carry = sum >> 8;
    }
}

pub(super) fn wrong_password() -> kusto_ingest_core::Error {
    refused("its password is wrong, or is missing")
}

fn unknown() -> kusto_ingest_core::Error {
    refused("it is encrypted in a way that is not known; AES and triple DES are")
}
