//! A certificate: the assertion is decoded, and its signature verified.

use std::sync::Arc;

use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kusto_connection::Certificate;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, PublicKeyData as _};
use serde_json::Value;

use super::authority::{Authority, token};
use super::{clock, cluster, credential, sign_in};

#[tokio::test]
async fn an_assertion_is_signed_by_the_certificates_key_and_carries_the_chain() {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
    let params = CertificateParams::new(vec!["ingest.contoso.com".to_owned()]).expect("parameters");
    let certificate = params.self_signed(&key).expect("a certificate");
    let pem = format!("{}{}", key.serialize_pem(), certificate.pem());

    let authority = Authority::start(|_| token("token"));
    let connection = cluster(&authority).with_client_certificate(
        "contoso.com",
        "app",
        Certificate::from_blob(pem).with_chain(),
    );
    let credential = credential(sign_in(&connection, &authority, Arc::new(clock())), &connection);
    credential.token().await.expect("a token");

    let asked = authority.asked();
    let assertion = &asked[0].form["client_assertion"];
    let (statement, signature) = assertion.rsplit_once('.').expect("a signature");
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.der_bytes())
        .verify(
            statement.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).expect("base64"),
        )
        .expect("a signature by the certificate's key");

    let (header, claims) = statement.split_once('.').expect("claims");
    let json = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
    };
    let (header, claims) = (json(header), json(claims));
    assert_eq!(header["alg"], "PS256");
    assert_eq!(
        header["x5c"],
        Value::from(vec![STANDARD.encode(certificate.der())])
    );
    assert_eq!(
        claims["aud"],
        format!("{}/contoso.com/oauth2/v2.0/token", authority.url())
    );
    assert_eq!(claims["sub"], "app");
}
