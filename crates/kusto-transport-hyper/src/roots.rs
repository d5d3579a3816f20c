//! The roots that the machine trusts, where they are files: read once, and from one place.

use std::env;
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};

type Roots = Vec<CertificateDer<'static>>;

/// The machine's roots, or why they cannot be read: those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, else those of the system's bundle, and only
/// where there is none, those of its folders.
///
/// The folders hold what the bundle is made of, a file for each root and links to it: several hundred files to open.
pub(crate) fn of_the_machine() -> Result<Roots, String> {
    if ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().any(is_set) {
        return some(load_native_certs());
    }
    let bundle = openssl_probe::probe().cert_file;
    of_bundle_or(bundle.as_deref(), load_native_certs)
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn of_bundle_or(bundle: Option<&Path>, folders: impl FnOnce() -> CertificateResult) -> Result<Roots, String> {
    let Some(bundle) = bundle.map(|file| load_certs_from_paths(Some(file), None)) else {
        return some(folders());
    };
    if !bundle.certs.is_empty() {
        return Ok(bundle.certs);
    }
    let folders = folders();
    match folders.certs.is_empty() {
        true => some(bundle).and_then(|_| some(folders)),
        false => Ok(folders.certs),
    }
}

/// What was read; nothing at all is an error where there is a reason for it.
fn some(read: CertificateResult) -> Result<Roots, String> {
    match read.errors.first() {
        Some(error) if read.certs.is_empty() => {
            Err(format!("the machine's root certificates cannot be read: {error}"))
        }
        _ => Ok(read.certs),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_are_read_only_where_there_is_no_bundle_with_roots() {
        let root = rcgen::generate_simple_self_signed(["root".to_owned()]).expect("a certificate");
        let file = env::temp_dir().join(format!("kusto-transport-roots-{}.pem", std::process::id()));
        fs::write(&file, root.cert.pem()).expect("a file");
        let elsewhere = || CertificateResult::default();
        let read = of_bundle_or(Some(&file), || unreachable!("the bundle has all of them"));
        assert_eq!(read, Ok(vec![root.cert.der().clone()]));
        fs::write(&file, "no certificate").expect("a file");
        let folders = || {
            let mut folders = CertificateResult::default();
            folders.certs.push(root.cert.der().clone());
            folders
        };
        let number = |roots: Result<Roots, String>| roots.map(|roots| roots.len());
        assert_eq!(number(of_bundle_or(Some(&file), folders)), Ok(1));
        assert_eq!(
            number(of_bundle_or(Some(&file), elsewhere)),
            Ok(0),
            "it can be read"
        );
        fs::remove_file(&file).expect("it is there");
        assert_eq!(number(of_bundle_or(Some(&file), folders)), Ok(1));
        assert_eq!(number(of_bundle_or(None, folders)), Ok(1));
        let why = of_bundle_or(Some(&file), elsewhere).expect_err("it is gone");
        assert!(why.contains("cannot be read") && why.contains("roots-"), "{why}");
    }
}
