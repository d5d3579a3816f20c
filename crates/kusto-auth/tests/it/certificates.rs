//! Certificates in every form: read, checked, and proven to sign what Entra expects.

use std::path::PathBuf;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kusto_connection::{Certificate, ConnectionString};
use kusto_ingest_core::{Error, ErrorKind, ManualClock, Result};
use serde_json::Value;

use crate::script::{CANARY, HELP, LOGIN, Reply, SCOPE, Script, all_of, first_token, sign_in_at, start};

const SHA1: &str = "02444a29f078620d7fd4fa668d8ba6ea89e9a109";
const SHA256: &str =
    "57:2D:C5:25:52:B4:C3:CA:75:92:3B:D4:62:72:3F:C1:96:7D:19:75:4D:EE:7C:DF:E7:4D:BA:3E:03:02:C2:3F";
const PASSWORD: &str = "swordfish";

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).expect("test data")
}

fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).expect("PEM")
}

/// An assertion, with its parts read and its signature verified.
struct Assertion {
    header: Value,
    claims: Value,
}

/// Signs in, and verifies what was sent.
fn assertion(certificate: Certificate) -> Result<Assertion> {
    let script = Script::new(|_, _| Reply::token("token"));
    let connection = ConnectionString::for_cluster(HELP)
        .expect("a cluster")
        .with_client_certificate("contoso.com", "app", certificate);
    first_token(sign_in_at(&connection, &script, &ManualClock::new(start())), HELP)?;
    let [sent] = &script.sent()[..] else {
        panic!("more than one request");
    };
    assert_eq!(sent.line, format!("POST {LOGIN}/contoso.com/oauth2/v2.0/token"));
    assert_eq!(sent.form["client_id"], "app");
    assert_eq!(sent.form["grant_type"], "client_credentials");
    assert_eq!(sent.form["scope"], SCOPE);
    assert_eq!(
        sent.form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    Ok(verified(&sent.form["client_assertion"]))
}

fn verified(token: &str) -> Assertion {
    let (statement, signature) = token.rsplit_once('.').expect("a signature");
    let (header, claims) = statement.split_once('.').expect("claims");
    let part = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64");
    let json = |text: &str| -> Value { serde_json::from_slice(&part(text)).expect("JSON") };
    let (header, claims) = (json(header), json(claims));
    let algorithm = match header["alg"].as_str() {
        Some("PS256") => &RSA_PSS_2048_8192_SHA256,
        Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
        other => panic!("{other:?}"),
    };
    UnparsedPublicKey::new(algorithm, bytes("public-key.der"))
        .verify(statement.as_bytes(), &part(signature))
        .expect("a signature by the certificate's key");
    Assertion { header, claims }
}

fn refused(certificate: Certificate) -> Error {
    match assertion(certificate) {
        Ok(_) => panic!("it is to be refused"),
        Err(error) => error,
    }
}

#[test]
fn a_certificate_in_any_file_signs_by_the_algorithm_that_entra_recommends() {
    let from_file = |name| Certificate::from_file(path(name));
    for certificate in [
        from_file("issuer-first.pem"),
        from_file("encrypted.pem").with_password(PASSWORD),
        from_file("aes.p12").with_password(PASSWORD),
        from_file("triple-des.p12").with_password(PASSWORD),
        from_file("rc2.p12").with_password(PASSWORD),
        from_file("authenticated.p12").with_password(PASSWORD),
        from_file("open.p12"),
        from_file("empty-password.p12"),
        from_file("empty-password.p12").with_password(""),
        from_file("aes.p12").with_password(PASSWORD).with_thumbprint(SHA1),
        from_file("aes.p12")
            .with_password(PASSWORD)
            .with_thumbprint(SHA256),
        Certificate::from_blob(text("issuer-first.pem")),
        Certificate::from_blob(text("issuer-first.pem").replace('\n', " ")),
        Certificate::from_blob(STANDARD.encode(text("issuer-first.pem"))),
        Certificate::from_blob(STANDARD.encode(bytes("aes.p12"))).with_password(PASSWORD),
    ] {
        let source = format!("{certificate:?}");
        let Assertion { header, claims } = assertion(certificate).unwrap_or_else(|error| {
            panic!("{source}: {}", error.chain());
        });
        assert_eq!(header["alg"], "PS256", "{source}");
        let digest: Vec<u8> = hex(SHA256);
        assert_eq!(header["x5t#S256"], URL_SAFE_NO_PAD.encode(digest));
        assert_eq!(
            header.get("x5c"),
            None,
            "the chain is sent only if it was asked for"
        );
        assert_eq!(claims["aud"], format!("{LOGIN}/contoso.com/oauth2/v2.0/token"));
        assert_eq!((&claims["iss"], &claims["sub"]), (&"app".into(), &"app".into()));
        let now = start().as_datetime().unix_timestamp();
        assert_eq!(
            (&claims["nbf"], &claims["exp"]),
            (&now.into(), &(now + 600).into())
        );
        assert_eq!(claims["jti"].as_str().map(str::len), Some(36));
    }
}

#[test]
fn the_chain_is_sent_along_with_the_applications_own_certificate_first() {
    let certificates = [
        Certificate::from_file(path("issuer-first.pem")),
        Certificate::from_file(path("aes.p12")).with_password(PASSWORD),
    ];
    for certificate in certificates {
        let Assertion { header, .. } = assertion(certificate.with_chain()).expect("a token");
        let chain = ["certificate.der", "issuer.der"].map(|name| Value::from(STANDARD.encode(bytes(name))));
        assert_eq!(header["x5c"], Value::from(chain.to_vec()));
    }
}

#[test]
fn a_bare_key_is_named_by_the_thumbprint_that_was_given() {
    let key = || Certificate::from_blob(text("key-alone.pem"));
    let by_sha1 = assertion(key().with_thumbprint(SHA1)).expect("a token").header;
    assert_eq!(
        (&by_sha1["alg"], &by_sha1["x5t"]),
        (&"RS256".into(), &URL_SAFE_NO_PAD.encode(hex(SHA1)).into())
    );
    let by_sha256 = assertion(key().with_thumbprint(SHA256)).expect("a token").header;
    assert_eq!(by_sha256["alg"], "PS256");
    assert_eq!(by_sha256["x5t#S256"], URL_SAFE_NO_PAD.encode(hex(SHA256)));
}

#[test]
fn every_wrong_certificate_is_refused_with_its_reason_and_never_shown() {
    let from_file = |name| Certificate::from_file(path(name));
    let wrong_thumbprint = SHA1.replace('0', "1");
    for (certificate, reason) in [
        (from_file("aes.p12"), "password"),
        (from_file("aes.p12").with_password(CANARY), "password"),
        (from_file("triple-des.p12").with_password(CANARY), "password"),
        (from_file("authenticated.p12").with_password(CANARY), "password"),
        (from_file("encrypted.pem"), "password"),
        (from_file("encrypted.pem").with_password(CANARY), "password"),
        (
            from_file("issuer-first.pem").with_thumbprint(&wrong_thumbprint),
            "thumbprint",
        ),
        (from_file("mismatched.pem"), "belongs"),
        (from_file("elliptic.pem"), "RSA"),
        (from_file("issuer.der"), "PKCS#12"),
        (Certificate::from_blob(text("key-alone.pem")), "thumbprint"),
        (
            Certificate::from_blob(text("key-alone.pem"))
                .with_thumbprint(SHA1)
                .with_chain(),
            "private key",
        ),
        (Certificate::from_blob(CANARY), "base64"),
        (Certificate::from_blob(STANDARD.encode(CANARY)), "PKCS#12"),
        (Certificate::from_blob("-----BEGIN PRIVATE KEY-----CANARY"), "end"),
    ] {
        let error = refused(certificate);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.is_permanent());
        let all = all_of(&error);
        assert!(all.contains(reason), "{reason}: {all}");
        assert!(!all.contains(CANARY) && !all.contains(PASSWORD), "{all}");
    }
    let missing = refused(from_file("missing.pem"));
    assert_eq!(missing.kind(), ErrorKind::SourceNotFound);
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused_and_never_panics() {
    let whole = bytes("open.p12");
    for length in (1..whole.len()).step_by(7) {
        refused(Certificate::from_blob(STANDARD.encode(&whole[..length])));
    }
}

#[test]
fn a_file_in_which_a_byte_was_changed_never_panics() {
    let whole = bytes("open.p12");
    // Every byte of the framing at its beginning, and some of the numbers that follow.
    for place in (0..120).chain((120..whole.len()).step_by(11)) {
        let mut changed = whole.clone();
        changed[place] ^= 0x81;
        let certificate = Certificate::from_blob(STANDARD.encode(changed)).with_thumbprint(SHA1);
        // What the change did not harm may sign still; what it signs is verified then.
        let _ = assertion(certificate);
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|it| it.to_digit(16))
        .map(|it| u8::try_from(it).expect("a digit"))
        .collect();
    digits.chunks(2).map(|it| it[0] << 4 | it[1]).collect()
}
