//! PEM: keys and certificates as text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_connection::Secret;
use kusto_ingest_core::Result;
use zeroize::Zeroizing;

use super::{Contents, PrivateKey, decrypt, refused};

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// Whether this is PEM, at least from somewhere on: `openssl` writes attributes above.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains(BEGIN)
}

/// Reads all keys and certificates of a text.
///
/// A connection string is one line, so blanks, or `\n` as two characters, may stand where there were line ends.
pub(super) fn read(text: &str, password: Option<&Secret>) -> Result<Contents> {
    let text = Zeroizing::new(text.replace("\\r", " ").replace("\\n", " "));
    let mut contents = Contents::default();
    let mut rest = text.as_str();
    while let Some((_, begun)) = rest.split_once(BEGIN) {
        let (label, begun) = begun.split_once(DASHES).ok_or_else(unfinished)?;
        let end = format!("-----END {label}-----");
        let (body, after) = begun.split_once(&end).ok_or_else(unfinished)?;
        rest = after;
        let bytes = || decoded(body);
        match label {
            "CERTIFICATE" => contents.certificates.push(bytes()?.to_vec()),
            "PRIVATE KEY" => contents.keys.push(PrivateKey::Pkcs8(bytes()?)),
            "RSA PRIVATE KEY" if body.contains("ENCRYPTED") => {
                return Err(refused(
                    "its key is encrypted in an old way; convert it by `openssl pkcs8 -topk8`",
                ));
            }
            "RSA PRIVATE KEY" => contents.keys.push(PrivateKey::Pkcs1(bytes()?)),
            "ENCRYPTED PRIVATE KEY" => {
                let key = decrypt::private_key(&bytes()?, password)?;
                contents.keys.push(PrivateKey::Pkcs8(key));
            }
            "EC PRIVATE KEY" => return Err(refused("its key is not an RSA key, which Entra wants")),
            // Parameters, chains of trust and whatever else programs write.
            _ => {}
        }
    }
    Ok(contents)
}

fn decoded(body: &str) -> Result<Zeroizing<Vec<u8>>> {
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    match STANDARD.decode(body.as_bytes()) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(_) => Err(refused("a part of it is not base64")),
    }
}

fn unfinished() -> kusto_ingest_core::Error {
    refused("a part of it begins and does not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_may_be_blanks_or_written_out() {
        for text in [
            "Bag Attributes\n-----BEGIN CERTIFICATE-----\nAQI\nD\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE----- AQI D -----END CERTIFICATE-----",
            r"-----BEGIN CERTIFICATE-----\r\nAQI\nD\n-----END CERTIFICATE-----",
        ] {
            assert!(is_pem(text));
            assert_eq!(read(text, None).unwrap().certificates, [[1, 2, 3]], "{text}");
        }
    }

    #[test]
    fn what_does_not_end_or_is_no_base64_is_refused() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nAQID",
            "-----BEGIN CERTIFICATE",
            "-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----",
            "-----BEGIN EC PRIVATE KEY-----\nAQID\n-----END EC PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAQID\n-----END RSA PRIVATE KEY-----",
        ] {
            assert!(read(text, None).is_err(), "{text}");
        }
        let old =
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAQID\n-----END RSA PRIVATE KEY-----";
        let Err(error) = read(old, None) else {
            panic!("it is encrypted");
        };
        assert!(error.to_string().contains("openssl pkcs8 -topk8"), "{error}");
    }
}
