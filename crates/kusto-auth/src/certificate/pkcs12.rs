//! PKCS#12: a key and its certificates in one file, `.pfx` or `.p12` (RFC 7292).

use kusto_connection::Secret;
use kusto_ingest_core::Result;
use zeroize::Zeroizing;

use super::crypto::{self, Hash};
use super::decrypt::{self, Password, Purpose};
use super::der::{Der, EXPLICIT_0, IMPLICIT_0, OBJECT_ID, OCTET_STRING, SEQUENCE};
use super::{Contents, PrivateKey, refused};

/// 1.2.840.113549.1.7.1 and .6.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
/// 1.2.840.113549.1.12.10.1.1 to .3.
const KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x01];
const SHROUDED_KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x02];
const CERTIFICATE_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x03];
/// 1.2.840.113549.1.9.22.1.
const X509: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
/// 1.3.14.3.2.26 and 2.16.840.1.101.3.4.2.1 to .3.
const HASHES: &[(&[u8], Hash)] = &[
    (&[0x2b, 0x0e, 0x03, 0x02, 0x1a], Hash::Sha1),
    (
        &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
        Hash::Sha256,
    ),
    (
        &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
        Hash::Sha384,
    ),
    (
        &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
        Hash::Sha512,
    ),
];

/// Reads all keys and certificates of a file.
pub(super) fn read(bytes: &[u8], password: Option<&Secret>) -> Result<Contents> {
    let mut store = Der::new(bytes).open(SEQUENCE)?;
    if store.number()? != 3 {
        return Err(refused("it is of another version of PKCS#12 than 3"));
    }
    let mut safe = store.open(SEQUENCE)?;
    if safe.take(OBJECT_ID)? != DATA {
        return Err(refused("it is protected by a key, and not by a password"));
    }
    let safe = safe.open(EXPLICIT_0)?.take(OCTET_STRING)?;
    let password = fitting(store, safe, password.map_or("", Secret::expose))?;

    let mut contents = Contents::default();
    let mut parts = Der::new(safe).open(SEQUENCE)?;
    while !parts.is_empty() {
        let mut part = parts.open(SEQUENCE)?;
        let kind = part.take(OBJECT_ID)?;
        let mut part = part.open(EXPLICIT_0)?;
        match kind {
            DATA => read_bags(part.take(OCTET_STRING)?, &password, &mut contents)?,
            ENCRYPTED_DATA => {
                let bags = decrypted(part.open(SEQUENCE)?, &password)?;
                read_bags(&bags, &password, &mut contents)?;
            }
            _ => return Err(refused("a part of it is protected in a way that is not known")),
        }
    }
    Ok(contents)
}

/// The password in the form under which the file's authentication code is right.
fn fitting(mut after_safe: Der<'_>, safe: &[u8], password: &str) -> Result<Password> {
    if after_safe.is_empty() {
        return Ok(Password::new(password));
    }
    let mut mac = after_safe.open(SEQUENCE)?;
    let mut info = mac.open(SEQUENCE)?;
    let name = info.open(SEQUENCE)?.take(OBJECT_ID)?;
    let hash = HASHES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, hash)| *hash);
    let hash = hash.ok_or_else(|| refused("its authentication code is of a kind that is not known"))?;
    let expected = info.take(OCTET_STRING)?;
    let salt = mac.take(OCTET_STRING)?;
    let rounds = if mac.is_empty() { 1 } else { mac.number()? };
    if !(1..=decrypt::MOST_ROUNDS).contains(&rounds) {
        return Err(refused("its key was derived in too many rounds, or in none"));
    }
    let mut forms = vec![Password::new(password)];
    if password.is_empty() {
        forms.push(Password::absent());
    }
    for form in forms {
        let key = decrypt::derive(hash, &form, Purpose::Mac, salt, rounds, hash.length())?;
        if crypto::verify_mac(hash, &key, safe, expected)? {
            return Ok(form);
        }
    }
    Err(decrypt::wrong_password())
}

fn decrypted(mut data: Der<'_>, password: &Password) -> Result<Zeroizing<Vec<u8>>> {
    data.number()?;
    let mut contents = data.open(SEQUENCE)?;
    contents.take(OBJECT_ID)?;
    let algorithm = contents.open(SEQUENCE)?;
    decrypt::decrypted(algorithm, contents.take(IMPLICIT_0)?, password)
}

fn read_bags(bags: &[u8], password: &Password, contents: &mut Contents) -> Result<()> {
    let mut bags = Der::new(bags).open(SEQUENCE)?;
    while !bags.is_empty() {
        let mut bag = bags.open(SEQUENCE)?;
        let kind = bag.take(OBJECT_ID)?;
        let value = bag.take(EXPLICIT_0)?;
        match kind {
            KEY_BAG => contents
                .keys
                .push(PrivateKey::Pkcs8(Zeroizing::new(value.to_vec()))),
            SHROUDED_KEY_BAG => {
                let mut info = Der::new(value).open(SEQUENCE)?;
                let algorithm = info.open(SEQUENCE)?;
                let key = decrypt::decrypted(algorithm, info.take(OCTET_STRING)?, password)?;
                contents.keys.push(PrivateKey::Pkcs8(key));
            }
            CERTIFICATE_BAG => {
                let mut certificate = Der::new(value).open(SEQUENCE)?;
                if certificate.take(OBJECT_ID)? == X509 {
                    let certificate = certificate.open(EXPLICIT_0)?.take(OCTET_STRING)?;
                    contents.certificates.push(certificate.to_vec());
                }
            }
            // Revocation lists, secrets and nested bags: nothing that signs.
            _ => {}
        }
    }
    Ok(())
}
