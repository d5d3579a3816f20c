//! A filter that was read, and which entities fit it.

use std::cmp::Ordering;

use kusto_fake::StoredEntity;

use super::literal::Literal;

/// What must hold of an entity.
pub(super) enum Expression {
    Compare(String, Comparison, Literal),
    /// A property that is true.
    Flag(String),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

/// How a property is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

impl Expression {
    /// An entity without the property, or with one of another type, does not fit.
    pub(super) fn fits(&self, stored: &StoredEntity) -> bool {
        match self {
            Self::Compare(name, comparison, wanted) => {
                let order = Literal::of(stored, name).and_then(|value| value.compare(wanted));
                order.is_some_and(|order| comparison.holds(order))
            }
            Self::Flag(name) => Literal::of(stored, name) == Some(Literal::Flag(true)),
            Self::Not(inner) => !inner.fits(stored),
            Self::And(all) => all.iter().all(|one| one.fits(stored)),
            Self::Or(any) => any.iter().any(|one| one.fits(stored)),
        }
    }

    /// The partition that whatever fits is in.
    pub(super) fn partition(&self) -> Option<&str> {
        match self {
            Self::Compare(name, Comparison::Equal, Literal::Text(text)) if name == "PartitionKey" => {
                Some(text)
            }
            Self::And(all) => all.iter().find_map(Self::partition),
            _ => None,
        }
    }
}
