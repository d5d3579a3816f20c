//! Functions that choose one of several values.

use super::{Function, Gives, function};
use crate::Value;

pub(super) const TABLE: &[Function] = &[
    function("iff", "bcc", Gives::Common, |args, _| match args[0].as_bool() {
        Some(true) => args[1].clone(),
        _ => args[2].clone(),
    }),
    function("case", "c*", Gives::Common, |args, _| case(args)),
    function("coalesce", "c*", Gives::Common, |args, _| {
        let is_there = |value: &&&Value| !value.is_null() && !value.as_text().is_some_and(str::is_empty);
        args.iter()
            .find(is_there)
            .or(args.last())
            .map_or(Value::Null, |value| (*value).clone())
    }),
];

/// Conditions and values in turn, and at the end the value where no condition holds.
fn case(args: &[&Value]) -> Value {
    let pairs = args.chunks_exact(2);
    let otherwise = pairs.remainder().first();
    let mut chosen = pairs
        .filter(|pair| pair[0].as_bool() == Some(true))
        .map(|pair| &pair[1]);
    chosen
        .next()
        .or(otherwise)
        .map_or(Value::Null, |value| (*value).clone())
}
