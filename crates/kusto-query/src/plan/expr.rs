//! Scalar expressions whose types are known.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use kusto_ingest_decode::ScalarType;

use super::{Extent, Plan};
use crate::Value;
use crate::functions::Function;
use crate::syntax::ParsePattern;

/// A scalar expression over the columns of a table.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) scalar_type: ScalarType,
    /// How deep it is, queries within it included.
    pub(crate) depth: u32,
    /// Of how many expressions it consists. A query within it is asked once, and counts as one.
    pub(crate) size: u32,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    Const(Value),
    /// A column by its place.
    Column(usize),
    Call(&'static Function, Vec<Expr>),
    /// The value in the expression's type.
    Cast(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    In(Box<Expr>, Arc<InSet>, bool),
    /// The first value of a query.
    Scalar(Arc<SubQuery>),
    /// What `parse` finds for one of its columns.
    Parsed(Box<Expr>, Arc<ParsePattern>, usize),
    /// Looks at other rows; only behind `serialize`.
    Window(Window, Vec<Expr>),
}

/// What looks at other rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    RowNumber,
    RowCumsum,
    Prev,
    Next,
}

/// The right side of `in`: values, or the first column of a query.
#[derive(Debug)]
pub(crate) struct InSet {
    pub(crate) values: Vec<Expr>,
    pub(crate) query: Option<Arc<Plan>>,
    /// Without case.
    pub(crate) folded: bool,
    /// The values, once they were worked out.
    pub(crate) known: OnceLock<HashSet<Value>>,
}

/// A query whose first value is wanted.
#[derive(Debug)]
pub(crate) struct SubQuery {
    pub(crate) plan: Arc<Plan>,
    pub(crate) known: OnceLock<Value>,
}

impl ExprKind {
    /// The depth of the deepest thing in it, and the size of all.
    fn extent(&self) -> Extent {
        match self {
            Self::Const(_) | Self::Column(_) => Extent::default(),
            Self::Call(_, parts) | Self::And(parts) | Self::Or(parts) | Self::Window(_, parts) => {
                parts.iter().map(Expr::extent).sum()
            }
            Self::Cast(value) | Self::Parsed(value, ..) => value.extent(),
            Self::In(value, set, _) => {
                let query = Extent {
                    depth: set.query.as_ref().map_or(0, |plan| plan.depth),
                    size: 0,
                };
                value.extent() + set.values.iter().map(Expr::extent).sum() + query
            }
            Self::Scalar(query) => Extent {
                depth: query.plan.depth,
                size: 0,
            },
        }
    }
}

impl Expr {
    /// An expression over those in it.
    pub(crate) fn new(kind: ExprKind, scalar_type: ScalarType) -> Self {
        let extent = kind.extent();
        Self {
            kind,
            scalar_type,
            depth: extent.depth.saturating_add(1),
            size: extent.size.saturating_add(1),
        }
    }

    pub(crate) fn constant(value: Value, scalar_type: ScalarType) -> Self {
        Self::new(ExprKind::Const(value), scalar_type)
    }

    pub(crate) fn column(place: usize, scalar_type: ScalarType) -> Self {
        Self::new(ExprKind::Column(place), scalar_type)
    }

    pub(crate) fn call(function: &'static Function, arguments: Vec<Self>, scalar_type: ScalarType) -> Self {
        Self::new(ExprKind::Call(function, arguments), scalar_type)
    }

    pub(crate) fn extent(&self) -> Extent {
        Extent {
            depth: self.depth,
            size: self.size,
        }
    }

    /// It in another type; itself where it has the type.
    pub(crate) fn cast(self, to: ScalarType) -> Self {
        if self.scalar_type == to
            || (to == ScalarType::Dynamic && !matches!(self.scalar_type, ScalarType::String))
        {
            return Self {
                scalar_type: to,
                ..self
            };
        }
        if let ExprKind::Const(value) = &self.kind {
            return Self::constant(crate::value::cast(value, to), to);
        }
        Self::new(ExprKind::Cast(Box::new(self)), to)
    }

    /// Marks the columns that it needs.
    pub(crate) fn mark(&self, needed: &mut [bool]) {
        match &self.kind {
            ExprKind::Const(_) | ExprKind::Scalar(_) => {}
            ExprKind::Column(place) => {
                if let Some(needed) = needed.get_mut(*place) {
                    *needed = true;
                }
            }
            ExprKind::Call(_, parts)
            | ExprKind::And(parts)
            | ExprKind::Or(parts)
            | ExprKind::Window(_, parts) => {
                parts.iter().for_each(|part| part.mark(needed));
            }
            ExprKind::Cast(value) | ExprKind::Parsed(value, ..) => value.mark(needed),
            ExprKind::In(value, set, _) => {
                value.mark(needed);
                set.values.iter().for_each(|value| value.mark(needed));
            }
        }
    }

    /// Whether its value may differ from row to row.
    pub(crate) fn depends_on_row(&self) -> bool {
        match &self.kind {
            ExprKind::Column(_) | ExprKind::Window(..) => true,
            ExprKind::Const(_) | ExprKind::Scalar(_) => false,
            ExprKind::Call(_, parts) | ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter().any(Self::depends_on_row)
            }
            ExprKind::In(value, set, _) => {
                value.depends_on_row() || set.values.iter().any(Self::depends_on_row)
            }
            ExprKind::Cast(value) | ExprKind::Parsed(value, ..) => value.depends_on_row(),
        }
    }

    /// Whether something in it looks at other rows.
    pub(crate) fn has_window(&self) -> bool {
        match &self.kind {
            ExprKind::Window(..) => true,
            ExprKind::Const(_) | ExprKind::Scalar(_) | ExprKind::Column(_) => false,
            ExprKind::Call(_, parts) | ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter().any(Self::has_window)
            }
            ExprKind::Cast(value) | ExprKind::Parsed(value, ..) | ExprKind::In(value, ..) => {
                value.has_window()
            }
        }
    }
}
