//! Shared access signatures of Azurite's one account, whose key everybody knows.
//!
//! After "Create a service SAS" and "Create an account SAS" of Azure Storage's REST documentation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use kusto_ingest_core::Timestamp;
use sha2::Sha256;
use url::form_urlencoded::Serializer;

const ACCOUNT: &str = "devstoreaccount1";

/// No secret: it is printed in Azurite's documentation.
pub(super) const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

const VERSION: &str = "2021-12-02";
const PROTOCOLS: &str = "https,http";

#[derive(Clone, Copy, Debug)]
pub(super) enum Service {
    Blob,
    Queue,
    Table,
}

/// The query that opens one container, queue or table.
pub(super) fn of(service: Service, name: &str, permissions: &str, end: Timestamp) -> String {
    let (word, resource, unset_at_the_end) = match service {
        // Resource, snapshot, encryption scope, and five headers of the answer.
        Service::Blob => ("blob", Some(("sr", "c")), "\nc\n\n\n\n\n\n\n"),
        Service::Queue => ("queue", None, ""),
        // The first and the last entity.
        Service::Table => ("table", Some(("tn", name)), "\n\n\n\n"),
    };
    let end = end.to_string();
    let text = format!(
        "{permissions}\n\n{end}\n/{word}/{ACCOUNT}/{name}\n\n\n{PROTOCOLS}\n{VERSION}{unset_at_the_end}"
    );
    let pairs = [
        ("sv", VERSION),
        ("sp", permissions),
        ("se", &end),
        ("spr", PROTOCOLS),
    ];
    query(pairs.into_iter().chain(resource), &text)
}

/// The query that opens everything.
pub(super) fn of_account(end: Timestamp) -> String {
    let end = end.to_string();
    let (services, types, permissions) = ("bqt", "sco", "rwdlacup");
    let text =
        format!("{ACCOUNT}\n{permissions}\n{services}\n{types}\n\n{end}\n\n{PROTOCOLS}\n{VERSION}\n\n");
    let pairs = [
        ("sv", VERSION),
        ("ss", services),
        ("srt", types),
        ("sp", permissions),
        ("se", &end),
        ("spr", PROTOCOLS),
    ];
    query(pairs, &text)
}

fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>, to_sign: &str) -> String {
    let key = STANDARD.decode(KEY).expect("the key is base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length");
    mac.update(to_sign.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Serializer::new(String::new())
        .extend_pairs(pairs)
        .append_pair("sig", &signature)
        .finish()
}
