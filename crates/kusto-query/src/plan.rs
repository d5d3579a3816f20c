//! A query whose every name and type is known: what is to be done, row by row.

mod expr;

pub(crate) use expr::{Expr, ExprKind, InSet, ParsePattern, SubQuery, Window, deepest};

use std::sync::{Arc, OnceLock};

use kusto_ingest_core::Result;
use kusto_ingest_decode::Column;

use crate::Value;
use crate::aggregates::Aggregate;
use crate::catalog::TableData;
use crate::error::semantic;
use crate::frame::Frame;
use crate::syntax::JoinKind;

/// How deep a plan may be, its operators and the expressions in them together.
pub(crate) const DEEPEST: u32 = 400;

/// A table that can be asked for: what it takes to have it, and its columns.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) node: PlanNode,
    pub(crate) columns: Vec<Column>,
    pub(crate) depth: u32,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum PlanNode {
    /// All rows of a table.
    Scan(Arc<dyn TableData>),
    /// Rows that the text has.
    Rows(Frame),
    Range {
        from: Value,
        to: Value,
        step: Value,
    },
    Filter(Arc<Plan>, Expr),
    Project(Arc<Plan>, Vec<Expr>),
    Summarize {
        input: Arc<Plan>,
        by: Vec<Expr>,
        aggregates: Vec<Aggregate>,
    },
    Sort(Arc<Plan>, Vec<Key>),
    Top(Arc<Plan>, usize, Vec<Key>),
    Take(Arc<Plan>, usize),
    Count(Arc<Plan>),
    /// Tables of the same columns.
    Union(Vec<Arc<Plan>>),
    Join(Box<Join>),
    Expand(Box<Expand>),
    /// Rows in order, with columns that look at other rows behind those of the input.
    Serialize(Arc<Plan>, Vec<Expr>),
    /// What is asked for several times, and worked out once.
    Materialized(Arc<Plan>, Arc<OnceLock<Frame>>),
}

/// What rows are sorted by.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) value: Expr,
    pub(crate) ascending: bool,
    pub(crate) nulls_first: bool,
}

/// Two tables beside one another: the columns are those of the left, then those of the right.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) kind: JoinKind,
    pub(crate) left: Arc<Plan>,
    pub(crate) right: Arc<Plan>,
    pub(crate) left_keys: Vec<Expr>,
    pub(crate) right_keys: Vec<Expr>,
}

/// Arrays and bags as rows. The columns are those of the input, then the place of the element.
#[derive(Debug)]
pub(crate) struct Expand {
    pub(crate) input: Arc<Plan>,
    /// What is taken apart, and the column that gets the elements, cast to that column's type.
    pub(crate) columns: Vec<(Expr, usize)>,
    pub(crate) limit: usize,
}

impl Plan {
    /// A plan over others.
    ///
    /// # Errors
    /// A semantic error when it is too deep.
    pub(crate) fn new(node: PlanNode, columns: Vec<Column>) -> Result<Arc<Self>> {
        let depth = 1 + node.below();
        if depth > DEEPEST {
            return Err(semantic(format!(
                "the query has more than {DEEPEST} operators in one another"
            )));
        }
        Ok(Arc::new(Self { node, columns, depth }))
    }
}

impl PlanNode {
    /// The depth of the deepest thing in it.
    fn below(&self) -> u32 {
        let exprs = |exprs: &[Expr]| exprs.iter().map(|expr| expr.depth).max().unwrap_or(0);
        let keys = |keys: &[Key]| keys.iter().map(|key| key.value.depth).max().unwrap_or(0);
        match self {
            Self::Scan(_) | Self::Rows(_) | Self::Range { .. } => 0,
            Self::Filter(input, predicate) => input.depth.max(predicate.depth),
            Self::Project(input, values) | Self::Serialize(input, values) => input.depth.max(exprs(values)),
            Self::Summarize {
                input,
                by,
                aggregates,
            } => {
                let of_aggregates = aggregates.iter().map(Aggregate::depth).max();
                input.depth.max(exprs(by)).max(of_aggregates.unwrap_or(0))
            }
            Self::Sort(input, by) | Self::Top(input, _, by) => input.depth.max(keys(by)),
            Self::Take(input, _) | Self::Count(input) | Self::Materialized(input, _) => input.depth,
            Self::Union(inputs) => inputs.iter().map(|input| input.depth).max().unwrap_or(0),
            Self::Join(join) => join
                .left
                .depth
                .max(join.right.depth)
                .max(exprs(&join.left_keys))
                .max(exprs(&join.right_keys)),
            Self::Expand(expand) => {
                let of_columns = expand.columns.iter().map(|(value, _)| value.depth).max();
                expand.input.depth.max(of_columns.unwrap_or(0))
            }
        }
    }
}
