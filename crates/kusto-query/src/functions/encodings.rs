//! Hashes, and texts as base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kusto_ingest_decode::ScalarType::{Dynamic, String as Text};
use sha2::{Digest, Sha256};

use super::strings::{array_of, text};
use super::{Function, typed};
use crate::Value;

pub(super) const TABLE: &[Function] = &[
    typed("hash_sha256", "t", Text, |args, _| {
        hexadecimal(&Sha256::digest(text(args, 0)))
    }),
    typed("hash_md5", "t", Text, |args, _| {
        hexadecimal(&md5::compute(text(args, 0)).0)
    }),
    typed("base64_encode_tostring", "t", Text, |args, _| {
        STANDARD.encode(text(args, 0)).into()
    }),
    typed("base64_decode_tostring", "t", Text, |args, _| {
        let bytes = STANDARD.decode(text(args, 0)).ok();
        bytes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default()
            .into()
    }),
    typed(
        "base64_decode_toarray",
        "t",
        Dynamic,
        |args, env| match STANDARD.decode(text(args, 0)) {
            Ok(bytes) => {
                let bytes = bytes.into_iter().map(|byte| Value::Long(byte.into()));
                array_of("base64_decode_toarray", bytes, env)
            }
            Err(_) => Value::Null,
        },
    ),
];

fn hexadecimal(bytes: &[u8]) -> Value {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>()
        .into()
}
