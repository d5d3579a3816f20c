//! Which entity, or which entities, an address of a table means.

use kusto_ingest_core::{Error, Result};
use kusto_storage::EntityKey;

use crate::answer::refusal;

/// Reads `PartitionKey='…',RowKey='…'`, in either order.
///
/// # Errors
/// `InvalidInput`.
pub(crate) fn key(text: &str) -> Result<EntityKey> {
    let invalid = || refusal(400, "InvalidInput", "the address holds no key of an entity");
    let (mut partition, mut row, mut rest) = (None, None, text);
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or_else(invalid)?;
        let (value, after) = quoted(after).ok_or_else(invalid)?;
        match name.trim() {
            "PartitionKey" => partition = Some(value),
            "RowKey" => row = Some(value),
            _ => return Err(invalid()),
        }
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    match (partition, row) {
        (Some(partition), Some(row)) => Ok(EntityKey::new(partition, row)),
        _ => Err(invalid()),
    }
}

/// Which entities are wanted: those of a partition, of a row, or all.
pub(crate) struct Filter {
    partition: Option<String>,
    row: Option<String>,
}

impl Filter {
    /// Reads `PartitionKey eq '…'` and `RowKey eq '…'`, joined by `and`, each in parentheses or not.
    ///
    /// # Errors
    /// `NotImplemented` for every other filter.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut filter = Self {
            partition: None,
            row: None,
        };
        let mut rest = text.trim();
        while !rest.is_empty() {
            rest = rest.trim_start_matches(['(', ' ']);
            let (name, after) = rest.split_once(' ').ok_or_else(unknown)?;
            let value = after.trim_start().strip_prefix("eq ").ok_or_else(unknown)?;
            let (value, after) = quoted(value.trim_start()).ok_or_else(unknown)?;
            match name {
                "PartitionKey" => filter.partition = Some(value),
                "RowKey" => filter.row = Some(value),
                _ => return Err(unknown()),
            }
            let after = after.trim_start_matches([')', ' ']);
            rest = match after.strip_prefix("and ") {
                Some(next) => next,
                None if after.is_empty() => after,
                None => return Err(unknown()),
            };
        }
        Ok(filter)
    }

    pub(crate) fn partition(&self) -> Option<&str> {
        self.partition.as_deref()
    }

    pub(crate) fn fits(&self, key: &EntityKey) -> bool {
        self.partition
            .as_ref()
            .is_none_or(|partition| *partition == key.partition)
            && self.row.as_ref().is_none_or(|row| *row == key.row)
    }
}

fn unknown() -> Error {
    refusal(
        501,
        "NotImplemented",
        "the emulator filters by PartitionKey and RowKey alone",
    )
}

/// A text within quotes, in which a quote is doubled, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('\'')?;
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_once('\'')?;
        value.push_str(piece);
        match after.strip_prefix('\'') {
            Some(next) => {
                value.push('\'');
                rest = next;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_either_order_with_doubled_quotes() {
        for text in [
            "PartitionKey='it''s,a',RowKey='r=1'",
            "RowKey='r=1', PartitionKey='it''s,a'",
        ] {
            assert_eq!(key(text).unwrap(), EntityKey::new("it's,a", "r=1"), "{text}");
        }
        for text in [
            "PartitionKey='a'",
            "'a'",
            "PartitionKey='a',RowKey='b",
            "Other='a',RowKey='b'",
        ] {
            assert_eq!(key(text).unwrap_err().code(), Some("InvalidInput"), "{text}");
        }
    }

    #[test]
    fn filters_by_key_are_read_and_others_are_refused() {
        let filter = Filter::parse("(PartitionKey eq 'it''s') and (RowKey eq 'r')").unwrap();
        assert!(filter.fits(&EntityKey::new("it's", "r")));
        assert!(!filter.fits(&EntityKey::new("it's", "s")));
        assert!(!filter.fits(&EntityKey::new("its", "r")));
        assert!(Filter::parse("").unwrap().fits(&EntityKey::new("any", "thing")));
        for text in [
            "Status eq 'x'",
            "PartitionKey gt 'a'",
            "PartitionKey eq 'a' or RowKey eq 'b'",
        ] {
            assert!(
                Filter::parse(text).is_err_and(|error| error.code() == Some("NotImplemented")),
                "{text}"
            );
        }
    }
}
