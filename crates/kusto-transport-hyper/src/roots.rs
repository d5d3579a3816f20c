//! The roots that the machine trusts, where they are files: read once, and from one place.

use std::env;
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls_native_certs::{load_certs_from_paths, load_native_certs};

type Roots = Vec<CertificateDer<'static>>;

/// The machine's roots: those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, else those of the system's bundle, and only
/// where there is none, those of its folders.
///
/// The folders hold what the bundle is made of, a file for each root and links to it: several hundred files to open.
pub(crate) fn of_the_machine() -> Roots {
    if ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().any(is_set) {
        return load_native_certs().certs;
    }
    let bundle = openssl_probe::probe().cert_file;
    of_bundle_or(bundle.as_deref(), || load_native_certs().certs)
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn of_bundle_or(bundle: Option<&Path>, folders: impl FnOnce() -> Roots) -> Roots {
    let read = bundle.map(|file| load_certs_from_paths(Some(file), None).certs);
    match read {
        Some(roots) if !roots.is_empty() => roots,
        _ => folders(),
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
        let read = of_bundle_or(Some(&file), || unreachable!("the bundle has all of them"));
        assert_eq!(read, [root.cert.der().clone()]);
        fs::write(&file, "no certificate").expect("a file");
        let elsewhere = || vec![root.cert.der().clone()];
        assert_eq!(of_bundle_or(Some(&file), elsewhere).len(), 1);
        fs::remove_file(&file).expect("it is there");
        assert_eq!(of_bundle_or(Some(&file), elsewhere).len(), 1);
        assert_eq!(of_bundle_or(None, elsewhere).len(), 1);
    }
}
