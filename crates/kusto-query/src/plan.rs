//! A query whose every name and type is known: what is to be done, row by row.

mod expr;
mod extent;

pub(crate) use expr::{Expr, ExprKind, InSet, SubQuery, Window};
pub(crate) use extent::Extent;

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

/// How large a plan may be: its operators, their columns and the expressions in them, those of a table once each time that
/// it is named.
const LARGEST: u32 = 2_000_000;

/// The most columns of a table.
pub(crate) const MOST_COLUMNS: usize = 10_000;

/// A table that can be asked for: what it takes to have it, and its columns.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) node: PlanNode,
    pub(crate) columns: Vec<Column>,
    pub(crate) depth: u32,
    /// How much there is to open where it begins to run.
    pub(crate) size: u32,
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
    /// Members of bags become arrays of their name and their value, and not bags of one member.
    pub(crate) pairs: bool,
    pub(crate) limit: usize,
}

impl Plan {
    /// A plan over others.
    ///
    /// # Errors
    /// A semantic error when it is too deep, too large or too wide.
    pub(crate) fn new(node: PlanNode, columns: Vec<Column>) -> Result<Arc<Self>> {
        let extent = node.extent();
        let depth = 1 + extent.depth;
        if depth > DEEPEST {
            return Err(semantic(format!(
                "the query has more than {DEEPEST} operators in one another"
            )));
        }
        if columns.len() > MOST_COLUMNS {
            return Err(too_wide());
        }
        let own = u32::try_from(columns.len()).unwrap_or(u32::MAX).saturating_add(1);
        let size = extent.size.saturating_add(own);
        if size > LARGEST {
            return Err(semantic(format!(
                "the query is larger than {LARGEST} operators, columns and expressions, where what a name stands for counts \
                 each time that it is named"
            )));
        }
        Ok(Arc::new(Self {
            node,
            columns,
            depth,
            size,
        }))
    }

    fn extent(&self) -> Extent {
        Extent {
            depth: self.depth,
            size: self.size,
        }
    }
}

/// The error for a table that is wider than [`MOST_COLUMNS`].
pub(crate) fn too_wide() -> kusto_ingest_core::Error {
    semantic(format!("a table has more than {MOST_COLUMNS} columns"))
}

impl PlanNode {
    /// The depth of the deepest thing in it, and the size of all.
    fn extent(&self) -> Extent {
        let exprs = |exprs: &[Expr]| exprs.iter().map(Expr::extent).sum::<Extent>();
        match self {
            Self::Scan(_) | Self::Rows(_) | Self::Range { .. } => Extent::default(),
            Self::Filter(input, predicate) => input.extent() + predicate.extent(),
            Self::Project(input, values) | Self::Serialize(input, values) => input.extent() + exprs(values),
            Self::Summarize {
                input,
                by,
                aggregates,
            } => {
                let of_aggregates: Extent = aggregates.iter().map(Aggregate::extent).sum();
                input.extent() + exprs(by) + of_aggregates
            }
            Self::Sort(input, by) | Self::Top(input, _, by) => {
                input.extent() + by.iter().map(|key| key.value.extent()).sum()
            }
            Self::Take(input, _) | Self::Count(input) => input.extent(),
            // Its input is opened once, however often it is named.
            Self::Materialized(input, _) => Extent {
                size: 0,
                ..input.extent()
            },
            Self::Union(inputs) => inputs.iter().map(|input| input.extent()).sum(),
            Self::Join(join) => {
                let keys = exprs(&join.left_keys) + exprs(&join.right_keys);
                join.left.extent() + join.right.extent() + keys
            }
            Self::Expand(expand) => {
                let values = expand.columns.iter().map(|(value, _)| value.extent());
                expand.input.extent() + values.sum()
            }
        }
    }
}
