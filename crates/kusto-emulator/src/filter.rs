//! Keys and filters of entities in the address of a table.

mod expression;
mod literal;
mod parser;

use kusto_fake::StoredEntity;
use kusto_ingest_core::{Error, Result};
use kusto_storage::EntityKey;

use crate::answer::refusal;
use expression::Expression;

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

/// Which entities are wanted.
pub(crate) struct Filter(Option<Expression>);

impl Filter {
    /// Reads a filter as the table service does: comparisons of properties with literals, joined by `and`, `or` and `not`.
    ///
    /// # Errors
    /// `InvalidInput`, `NotImplemented` for functions.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let expression = (!text.is_empty()).then(|| parser::parse(text));
        expression.transpose().map(Self)
    }

    /// The partition that all of them are in, where the filter says so.
    pub(crate) fn partition(&self) -> Option<&str> {
        self.0.as_ref()?.partition()
    }

    pub(crate) fn fits(&self, stored: &StoredEntity) -> bool {
        self.0.as_ref().is_none_or(|expression| expression.fits(stored))
    }
}

fn invalid(why: &'static str) -> Error {
    refusal(400, "InvalidInput", why)
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
    fn what_is_no_filter_is_refused_however_deep_it_is() {
        let deep = format!("{}a eq 1{}", "(".repeat(5000), ")".repeat(5000));
        let many = "not ".repeat(5000) + "a eq 1";
        for text in [
            "a eq",
            "a eq 'x",
            "a is 1",
            "a eq 1 b",
            "(a eq 1",
            "a eq 1)",
            "and",
            "a eq 1 and",
            &deep,
            &many,
        ] {
            let refused = Filter::parse(text).err();
            assert_eq!(
                refused.as_ref().and_then(Error::code),
                Some("InvalidInput"),
                "{text:.40}"
            );
        }
        let refused = Filter::parse("startswith(a,'b')").err();
        assert_eq!(refused.as_ref().and_then(Error::code), Some("NotImplemented"));
    }
}
