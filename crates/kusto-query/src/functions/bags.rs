//! Functions of bags.

use std::collections::HashSet;
use std::sync::Arc;

use kusto_ingest_decode::ScalarType::{Bool, Dynamic};

use super::strings::{LONGEST, refused, text};
use super::{Function, element, typed};
use crate::Value;
use crate::error::too_large;

pub(super) const TABLE: &[Function] = &[
    typed("bag_pack", "ta*", Dynamic, |args, _| pack(args)),
    typed("bag_keys", "j", Dynamic, |args, _| {
        args[0].as_bag().map_or(Value::Null, |members| {
            Value::array(
                members
                    .iter()
                    .map(|(name, _)| Value::String(Arc::clone(name)))
                    .collect(),
            )
        })
    }),
    typed("bag_merge", "j*", Dynamic, |args, _| {
        merge(args.iter().filter_map(|value| value.as_bag()))
    }),
    typed("bag_has_key", "js", Bool, |args, _| {
        element(args[0], text(args, 1)).is_some().into()
    }),
    typed("bag_remove_keys", "jj", Dynamic, |args, _| {
        remove(args[0], args[1])
    }),
    typed("bag_set_key", "jsa", Dynamic, |args, _| set(args)),
    typed("bag_zip", "jj", Dynamic, |args, _| zip(args)),
    typed("treepath", "j", Dynamic, |args, env| {
        let mut paths = Paths::default();
        tree(args[0], "", &mut paths);
        match paths.length > LONGEST {
            true => refused(env, too_large("treepath", LONGEST)),
            false => Value::array(paths.found),
        }
    })
    .named("tree"),
];

/// Names and values in turn.
fn pack(args: &[&Value]) -> Value {
    let pairs = args.chunks_exact(2);
    Value::bag(
        pairs
            .map(|pair| (Arc::from(pair[0].to_string()), pair[1].clone()))
            .collect(),
    )
}

/// Of several members of one name, the first counts.
fn merge<'a>(bags: impl Iterator<Item = &'a [(Arc<str>, Value)]>) -> Value {
    let mut known = HashSet::new();
    let members = bags.flatten().filter(|(name, _)| known.insert(Arc::clone(name)));
    Value::bag(members.cloned().collect())
}

fn remove(bag: &Value, names: &Value) -> Value {
    let (Some(members), Some(names)) = (bag.as_bag(), names.as_array()) else {
        return Value::Null;
    };
    let names: HashSet<&str> = names.iter().filter_map(Value::as_text).collect();
    let is_named = |name: &str| names.contains(name);
    Value::bag(
        members
            .iter()
            .filter(|(name, _)| !is_named(name))
            .cloned()
            .collect(),
    )
}

fn set(args: &[&Value]) -> Value {
    let Some(members) = args[0].as_bag() else {
        return Value::Null;
    };
    let mut members = members.to_vec();
    match members.iter_mut().find(|(name, _)| &**name == text(args, 1)) {
        Some((_, value)) => *value = args[2].clone(),
        None => members.push((Arc::from(text(args, 1)), args[2].clone())),
    }
    Value::bag(members)
}

/// A bag of names and of values; names without one have null.
fn zip(args: &[&Value]) -> Value {
    let (Some(names), Some(values)) = (args[0].as_array(), args[1].as_array()) else {
        return Value::Null;
    };
    let members = names.iter().enumerate().map(|(place, name)| {
        (
            Arc::from(name.to_string()),
            values.get(place).cloned().unwrap_or(Value::Null),
        )
    });
    Value::bag(members.collect())
}

/// Paths, and how long they are together. When they are too long, there are no more.
#[derive(Default)]
struct Paths {
    found: Vec<Value>,
    length: usize,
}

impl Paths {
    fn push(&mut self, path: &str) {
        self.length += path.len() + size_of::<Value>();
        if self.length <= LONGEST {
            self.found.push(Value::text(path));
        }
    }
}

/// The paths to everything in a value.
fn tree(value: &Value, path: &str, paths: &mut Paths) {
    if paths.length > LONGEST {
        return;
    }
    if let Some(members) = value.as_bag() {
        for (name, value) in members {
            let path = match path {
                "" => format!("['{name}']"),
                _ => format!("{path}['{name}']"),
            };
            paths.push(&path);
            tree(value, &path, paths);
        }
    } else if let Some(first) = value.as_array().and_then(<[Value]>::first) {
        let path = format!("{path}[0]");
        paths.push(&path);
        tree(first, &path, paths);
    }
}
