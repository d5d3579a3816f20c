//! `join` and `lookup`: which columns are equal, and which come.

use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::{Column, ScalarType};

use super::Binder;
use super::names::NewColumns;
use crate::error::{semantic, unresolved};
use crate::functions::widest;
use crate::plan::{Expr, Join as Joined, Plan, PlanNode};
use crate::syntax::{Expr as Syntax, Join, JoinKind, Node};

/// The places of equal columns on both sides.
type Pairs = Vec<(usize, usize)>;

impl Binder<'_> {
    pub(super) fn join(&mut self, left: Arc<Plan>, join: &Join) -> Result<Arc<Plan>> {
        let right = self.table(&join.right)?;
        let pairs = self.pairs(&join.on, &left, &right)?;
        let columns = match join.kind {
            JoinKind::LeftAnti | JoinKind::LeftSemi => left.columns.clone(),
            JoinKind::RightAnti | JoinKind::RightSemi => right.columns.clone(),
            _ => beside(&left.columns, right.columns.iter())?,
        };
        joined(join.kind, left, right, &pairs, columns)
    }

    /// A join without the keys of the right side.
    pub(super) fn lookup(&mut self, left: Arc<Plan>, join: &Join) -> Result<Arc<Plan>> {
        let right = self.table(&join.right)?;
        let pairs = self.pairs(&join.on, &left, &right)?;
        let is_key = |place: usize| pairs.iter().any(|(_, key)| *key == place);
        let kept: Vec<usize> = (0..right.columns.len()).filter(|place| !is_key(*place)).collect();
        let width = left.columns.len();
        let columns = beside(&left.columns, kept.iter().map(|place| &right.columns[*place]))?;
        let all = beside(&left.columns, right.columns.iter())?;
        let places = (0..width).chain(kept.iter().map(|place| width + place));
        let values = places
            .map(|place| Expr::column(place, all[place].scalar_type))
            .collect();
        let joined = joined(join.kind, left, right, &pairs, all)?;
        Plan::new(PlanNode::Project(joined, values), columns)
    }

    fn pairs(&mut self, on: &[Syntax], left: &Plan, right: &Plan) -> Result<Pairs> {
        let pairs = pairs(on, &left.columns, &right.columns)?;
        self.count_work(u32::try_from(pairs.len()).unwrap_or(u32::MAX))?;
        Ok(pairs)
    }
}

fn beside<'a>(left: &[Column], right: impl Iterator<Item = &'a Column>) -> Result<Vec<Column>> {
    let mut columns = NewColumns::behind(left.to_vec());
    for column in right {
        columns.derived(&column.name, column.scalar_type)?;
    }
    Ok(columns.columns)
}

fn joined(
    kind: JoinKind,
    left: Arc<Plan>,
    right: Arc<Plan>,
    pairs: &Pairs,
    columns: Vec<Column>,
) -> Result<Arc<Plan>> {
    let (mut left_keys, mut right_keys) = (Vec::new(), Vec::new());
    for (left_place, right_place) in pairs {
        let (own, other) = (&left.columns[*left_place], &right.columns[*right_place]);
        let common = match (own.scalar_type, other.scalar_type) {
            (own, other) if own == other => own,
            (own, other) => widest(own, other).ok_or_else(|| {
                semantic(format!(
                    "join: the keys are of types {own} and {other}, which cannot be compared"
                ))
            })?,
        };
        left_keys.push(key(*left_place, own, common));
        right_keys.push(key(*right_place, other, common));
    }
    let join = Joined {
        kind,
        left,
        right,
        left_keys,
        right_keys,
    };
    Plan::new(PlanNode::Join(Box::new(join)), columns)
}

fn key(place: usize, column: &Column, common: ScalarType) -> Expr {
    Expr::column(place, column.scalar_type).cast(common)
}

/// Columns of one name, or `$left.a == $right.b`, several of them with commas or `and` between them.
fn pairs(on: &[Syntax], left: &[Column], right: &[Column]) -> Result<Pairs> {
    let mut pairs = Vec::new();
    for condition in on {
        match &condition.node {
            Node::Name(name) => pairs.push((place(left, name)?, place(right, name)?)),
            Node::And(parts) => pairs.extend(self::pairs(parts, left, right)?),
            Node::Binary("==", one, other) => pairs.push(match (side(one), side(other)) {
                (Some((true, own)), Some((false, theirs))) | (Some((false, theirs)), Some((true, own))) => {
                    (place(left, own)?, place(right, theirs)?)
                }
                _ => return Err(not_equality()),
            }),
            _ => return Err(not_equality()),
        }
    }
    Ok(pairs)
}

fn not_equality() -> kusto_ingest_core::Error {
    semantic("join: only names of columns, and equalities such as $left.a == $right.b, can stand behind on")
}

/// Whether an expression names a column of the left side, and which.
fn side(expr: &Syntax) -> Option<(bool, &str)> {
    let Node::Member(base, name) = &expr.node else {
        return None;
    };
    match &base.node {
        Node::Name(side) if side == "$left" => Some((true, name)),
        Node::Name(side) if side == "$right" => Some((false, name)),
        _ => None,
    }
}

fn place(columns: &[Column], name: &str) -> Result<usize> {
    let place = columns.iter().position(|column| column.name == name);
    place.ok_or_else(|| unresolved("column", name))
}
