//! Bags and arrays: taken apart when somebody looks into them, and not before.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Value;

/// A bag or an array. One that comes from a table is kept as its text until somebody looks into it.
#[derive(Clone, Debug)]
pub struct Dynamic {
    text: OnceLock<Box<str>>,
    /// With how many bytes of memory it takes, those that it shares with others included.
    tree: OnceLock<(Tree, usize)>,
}

#[derive(Clone, Debug)]
enum Tree {
    Array(Vec<Value>),
    Bag(Vec<(Arc<str>, Value)>),
}

impl Dynamic {
    pub(super) fn array(items: Vec<Value>) -> Self {
        Self::of(Tree::Array(items))
    }

    /// The last of several members of one name counts.
    pub(super) fn bag(members: Vec<(Arc<str>, Value)>) -> Self {
        Self::of(Tree::Bag(members))
    }

    fn of(tree: Tree) -> Self {
        let size = tree.size();
        Self {
            text: OnceLock::new(),
            tree: OnceLock::from((tree, size)),
        }
    }

    fn tree(&self) -> &Tree {
        let known = self.tree.get_or_init(|| {
            let text = self.text.get().map_or("", |text| text);
            let parsed = match parse_json(text) {
                Some(Value::Dynamic(value)) => Arc::unwrap_or_clone(value).tree.into_inner(),
                _ => None,
            };
            parsed.unwrap_or((Tree::Array(Vec::new()), 0))
        });
        &known.0
    }

    /// The elements of an array.
    pub(crate) fn items(&self) -> Option<&[Value]> {
        match self.tree() {
            Tree::Array(items) => Some(items),
            Tree::Bag(_) => None,
        }
    }

    /// The members of a bag.
    pub(crate) fn members(&self) -> Option<&[(Arc<str>, Value)]> {
        match self.tree() {
            Tree::Bag(members) => Some(members),
            Tree::Array(_) => None,
        }
    }

    /// Its JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.get_or_init(|| {
            let mut json = String::new();
            write_tree(&mut json, self.tree());
            json.into_boxed_str()
        })
    }

    pub(crate) fn size(&self) -> usize {
        let text = self.text.get().map_or(0, |text| text.len());
        let tree = self.tree.get().map_or(0, |(_, size)| *size);
        text.saturating_add(tree).saturating_add(64)
    }
}

impl Tree {
    fn size(&self) -> usize {
        let add = usize::saturating_add;
        match self {
            Self::Array(items) => items.iter().map(Value::size).fold(0, add),
            Self::Bag(members) => members
                .iter()
                .map(|(name, value)| value.size().saturating_add(name.len() + 32))
                .fold(0, add),
        }
    }
}

impl Value {
    /// The dynamic value of a text that is known to be JSON. Bags and arrays are not looked into yet.
    #[must_use]
    pub fn of_json_text(text: &str) -> Self {
        match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => Self::Dynamic(Arc::new(Dynamic {
                text: OnceLock::from(Box::from(text)),
                tree: OnceLock::new(),
            })),
            _ => parse_json(text).unwrap_or(Self::Null),
        }
    }

    /// A value as a member of a dynamic value is written in JSON.
    pub(crate) fn write_json(&self, json: &mut String) {
        match self {
            Self::Null => json.push_str("null"),
            Self::Dynamic(value) => json.push_str(value.as_str()),
            Self::Bool(_) | Self::Int(_) | Self::Long(_) => json.push_str(&self.to_string()),
            Self::Real(value) if value.is_finite() => json.push_str(&self.to_string()),
            Self::String(text) => write_text(json, text),
            other => write_text(json, &other.to_string()),
        }
    }
}

fn write_tree(json: &mut String, tree: &Tree) {
    match tree {
        Tree::Array(items) => {
            json.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    json.push(',');
                }
                item.write_json(json);
            }
            json.push(']');
        }
        Tree::Bag(members) => {
            json.push('{');
            for (place, (name, value)) in members.iter().enumerate() {
                if place > 0 {
                    json.push(',');
                }
                write_text(json, name);
                json.push(':');
                value.write_json(json);
            }
            json.push('}');
        }
    }
}

fn write_text(json: &mut String, text: &str) {
    json.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Reads a text as JSON; nothing where it is none, or nested too deep.
pub(crate) fn parse_json(text: &str) -> Option<Value> {
    serde_json::from_str::<Member>(text).ok().map(|member| member.0)
}

/// A value in JSON.
struct Member(Value);

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor).map(Self)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Long(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "no integer of Kusto is as large")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Real(value as f64), Value::Long))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Real(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Member(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members: Vec<(Arc<str>, Value)> = Vec::new();
        while let Some((name, Member(value))) = access.next_entry::<String, Member>()? {
            members.push((name.into(), value));
        }
        Ok(Value::bag(members))
    }
}
