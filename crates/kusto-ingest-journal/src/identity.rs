//! Identities that are the same in every run.

use kusto_ingest_core::SourceId;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

/// The identity of the source of this key in a journal: a GUID of version 8, made of the first 16 bytes of
/// SHA-256(journal, key), as RFC 9562 has it for names.
pub(crate) fn source_id(journal: Uuid, key: &str) -> SourceId {
    let digest = Sha256::new()
        .chain_update(journal.as_bytes())
        .chain_update(key.as_bytes())
        .finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    SourceId::from_uuid(Builder::from_custom_bytes(first).into_uuid()).expect("its version is not zero")
}

/// A number that is the same for a text everywhere, and evenly spread.
pub(crate) fn number(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_that_of_its_journal_and_key() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(source_id(one, "a.csv"), source_id(one, "a.csv"));
        assert_ne!(source_id(one, "a.csv"), source_id(one, "b.csv"));
        assert_ne!(source_id(one, "a.csv"), source_id(other, "a.csv"));
        assert_eq!(source_id(one, "a.csv").as_uuid().get_version_num(), 8);
    }

    #[test]
    fn identities_and_numbers_stay_what_they_are_from_release_to_release() {
        let id = source_id(Uuid::from_u128(1), "a.csv");
        assert_eq!(id.to_string(), "ec385a7f-8502-8138-a69b-f9a55ca4ed61");
        assert_eq!(number("a.csv"), 3_671_171_691_227_211_174);
    }
}
