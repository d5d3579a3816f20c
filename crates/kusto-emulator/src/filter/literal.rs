//! Values that a filter compares: those it names, and those of entities.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kusto_fake::StoredEntity;
use kusto_ingest_core::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// A value of one of the types that tables have.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Whole(i64),
    Real(f64),
    Flag(bool),
    Moment(Timestamp),
    Id(Uuid),
    Bytes(Vec<u8>),
}

impl Literal {
    /// The value of a property, by its annotation where it has one.
    pub(super) fn of(stored: &StoredEntity, name: &str) -> Option<Self> {
        let key = &stored.entity.key;
        match name {
            "PartitionKey" => return Some(Self::Text(key.partition.clone())),
            "RowKey" => return Some(Self::Text(key.row.clone())),
            "Timestamp" => return Some(Self::Moment(stored.timestamp)),
            _ => {}
        }
        let properties = &stored.entity.properties;
        let annotation = properties.get(&format!("{name}@odata.type"));
        let kind = annotation.and_then(Value::as_str).unwrap_or_default();
        match (properties.get(name)?, kind) {
            (Value::String(text), "Edm.DateTime") => Timestamp::parse(text).ok().map(Self::Moment),
            (Value::String(text), "Edm.Guid") => Uuid::parse_str(text).ok().map(Self::Id),
            (Value::String(text), "Edm.Int64") => text.parse().ok().map(Self::Whole),
            (Value::String(text), "Edm.Double") => text.parse().ok().map(Self::Real),
            (Value::String(text), "Edm.Binary") => BASE64_STANDARD.decode(text).ok().map(Self::Bytes),
            (Value::String(text), _) => Some(Self::Text(text.clone())),
            (Value::Bool(flag), _) => Some(Self::Flag(*flag)),
            (Value::Number(number), _) => match number.as_i64() {
                Some(whole) => Some(Self::Whole(whole)),
                None => number.as_f64().map(Self::Real),
            },
            _ => None,
        }
    }

    /// How two values are ordered; values of other types are not.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) => Some(one.cmp(two)),
            (Self::Whole(one), Self::Whole(two)) => Some(one.cmp(two)),
            (Self::Real(one), Self::Real(two)) => one.partial_cmp(two),
            (Self::Whole(one), Self::Real(two)) => real(*one).partial_cmp(two),
            (Self::Real(one), Self::Whole(two)) => one.partial_cmp(&real(*two)),
            (Self::Flag(one), Self::Flag(two)) => Some(one.cmp(two)),
            (Self::Moment(one), Self::Moment(two)) => Some(one.cmp(two)),
            (Self::Id(one), Self::Id(two)) => Some(one.cmp(two)),
            (Self::Bytes(one), Self::Bytes(two)) => Some(one.cmp(two)),
            _ => None,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a double is what it is compared with")]
fn real(whole: i64) -> f64 {
    whole as f64
}
