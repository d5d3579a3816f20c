//! Merges property bags, and removes members, without parsing the values that stay.

use super::{JsonPath, Members, Step, elements, escape_into, members};

/// The members of all objects of a valid array, in one object; the last of several of one name counts.
pub(crate) fn merged(array: &str) -> Option<String> {
    let mut all = Members::new();
    for bag in elements(array)? {
        for (name, value) in members(bag)? {
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some((_, old)) => *old = value,
                None => all.push((name, value)),
            }
        }
    }
    let mut bag = String::from("{");
    for (name, value) in &all {
        member(&mut bag, name, value);
    }
    bag.push('}');
    Some(bag)
}

/// A valid value without the members at the paths.
pub(crate) fn without(value: &str, paths: &[JsonPath]) -> String {
    let paths: Vec<&[Step]> = paths.iter().map(|path| path.0.as_slice()).collect();
    rest_of(value, &paths)
}

/// What is left of a value when the members at the paths are gone.
fn rest_of(value: &str, paths: &[&[Step]]) -> String {
    // So that recursion goes no deeper than the paths do.
    if paths.is_empty() {
        return value.to_owned();
    }
    let below = |is: &dyn Fn(&Step) -> bool| -> Vec<&[Step]> {
        let firsts = paths.iter().filter_map(|path| path.split_first());
        firsts
            .filter(|(first, _)| is(first))
            .map(|(_, rest)| rest)
            .collect()
    };
    let mut kept = String::with_capacity(value.len());
    if let Some(members) = members(value) {
        kept.push('{');
        for (name, value) in members {
            let inner = below(&|step| matches!(step, Step::Name(wanted) if *wanted == name));
            if inner.iter().all(|path| !path.is_empty()) {
                member(&mut kept, &name, &rest_of(value, &inner));
            }
        }
        kept.push('}');
    } else if let Some(elements) = elements(value) {
        kept.push('[');
        for (at, element) in elements.into_iter().enumerate() {
            let inner = below(&|step| matches!(step, Step::Place(place) if *place == at));
            if at > 0 {
                kept.push(',');
            }
            kept.push_str(&rest_of(element, &inner));
        }
        kept.push(']');
    } else {
        kept.push_str(value);
    }
    kept
}

/// Appends a member to an object that is open.
fn member(object: &mut String, name: &str, value: &str) {
    if !object.ends_with('{') {
        object.push(',');
    }
    escape_into(object, name);
    object.push(':');
    object.push_str(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bags_are_put_together_in_their_order() {
        let bags = r#"[{"z":1, "a":{"k":[2]}},{"b":3},{"z":4}]"#;
        assert_eq!(merged(bags).as_deref(), Some(r#"{"z":4,"a":{"k":[2]},"b":3}"#));
        assert_eq!(merged("[]").as_deref(), Some("{}"));
        assert_eq!(merged(r#"[{"a":1},2]"#), None);
        assert_eq!(merged("{}"), None);
    }

    #[test]
    fn what_lies_at_the_paths_is_gone_and_nothing_else() {
        let drop = |value, paths: &[&str]| {
            let paths: Vec<JsonPath> = paths.iter().map(|path| JsonPath::parse(path).unwrap()).collect();
            without(value, &paths)
        };
        let value = r#"{"z":{"x":1,"y":2},"l":[{"p":1,"q":2},3],"a":"}"}"#;
        assert_eq!(
            drop(value, &["$.z.x", "$.l[0].q"]),
            r#"{"z":{"y":2},"l":[{"p":1},3],"a":"}"}"#
        );
        assert_eq!(drop(value, &["$.z", "$.z.x", "$.l"]), r#"{"a":"}"}"#);
        assert_eq!(drop(value, &["$.none", "$.l[0]", "$.a[1]"]), value);
        assert_eq!(drop("[1,2]", &["$.a"]), "[1,2]");
    }
}
