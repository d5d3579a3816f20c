//! Operators that choose, rename and order columns.

use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::Column;

use super::Binder;
use crate::error::{semantic, unresolved};
use crate::plan::{Expr, Plan, PlanNode};
use crate::syntax::{NamePattern, Operator};

impl Binder<'_> {
    pub(super) fn choose_columns(&mut self, input: Arc<Plan>, operator: &Operator) -> Result<Arc<Plan>> {
        let row = &input.columns;
        let mut names: Vec<String> = row.iter().map(|column| column.name.clone()).collect();
        let places: Vec<usize> = match operator {
            Operator::ProjectAway(patterns) => {
                check(patterns, row)?;
                (0..row.len())
                    .filter(|place| !fits_any(patterns, &row[*place].name))
                    .collect()
            }
            Operator::ProjectKeep(patterns) => {
                check(patterns, row)?;
                (0..row.len())
                    .filter(|place| fits_any(patterns, &row[*place].name))
                    .collect()
            }
            Operator::ProjectRename(renames) => {
                for (new, old) in renames {
                    let place = row.iter().position(|column| column.name == *old);
                    names[place.ok_or_else(|| unresolved("column", old))?] = new.clone();
                }
                (0..row.len()).collect()
            }
            Operator::ProjectReorder(order) => reordered(order, row)?,
            _ => (0..row.len()).collect(),
        };
        let mut columns: Vec<Column> = Vec::with_capacity(places.len());
        for place in &places {
            if columns.iter().any(|column| column.name == names[*place]) {
                return Err(semantic(format!(
                    "A column with the name '{}' is already declared",
                    names[*place]
                )));
            }
            columns.push(Column::new(&names[*place], row[*place].scalar_type));
        }
        let values = places
            .iter()
            .map(|place| Expr::column(*place, row[*place].scalar_type))
            .collect();
        Plan::new(PlanNode::Project(input, values), columns)
    }
}

fn check(patterns: &[NamePattern], row: &[Column]) -> Result<()> {
    let fits_none = |pattern: &&NamePattern| {
        !pattern.0.contains('*') && !row.iter().any(|column| column.name == pattern.0)
    };
    match patterns.iter().find(fits_none) {
        Some(pattern) => Err(unresolved("column", &pattern.0)),
        None => Ok(()),
    }
}

fn fits_any(patterns: &[NamePattern], name: &str) -> bool {
    patterns.iter().any(|pattern| fits(&pattern.0, name))
}

/// Whether a name fits a pattern, in which a star stands for whatever.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return name.ends_with(piece);
        }
        match name.find(piece) {
            Some(place) => name = &name[place + piece.len()..],
            None => return false,
        }
    }
    true
}

/// The columns that patterns fit, in the order of the patterns, and then the others.
fn reordered(order: &[(NamePattern, Option<bool>)], row: &[Column]) -> Result<Vec<usize>> {
    let mut places: Vec<usize> = Vec::new();
    let rest_at = order
        .iter()
        .position(|(pattern, ascending)| pattern.0 == "*" && ascending.is_none());
    let named = |name: &str| {
        order
            .iter()
            .any(|(pattern, _)| pattern.0 != "*" && fits(&pattern.0, name))
    };
    for (at, (pattern, ascending)) in order.iter().enumerate() {
        check(std::slice::from_ref(pattern), row)?;
        let is_rest = rest_at == Some(at);
        let mut fitting: Vec<usize> = (0..row.len())
            .filter(|place| !places.contains(place) && fits(&pattern.0, &row[*place].name))
            .filter(|place| !is_rest || !named(&row[*place].name))
            .collect();
        match ascending {
            Some(true) => fitting.sort_by(|left, right| row[*left].name.cmp(&row[*right].name)),
            Some(false) => fitting.sort_by(|left, right| row[*right].name.cmp(&row[*left].name)),
            None => {}
        }
        places.extend(fitting);
    }
    let others: Vec<usize> = (0..row.len()).filter(|place| !places.contains(place)).collect();
    places.extend(others);
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_whatever() {
        for (pattern, name, expect) in [
            ("ab", "ab", true),
            ("ab", "abc", false),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(fits(pattern, name), expect, "{pattern} {name}");
        }
    }
}
