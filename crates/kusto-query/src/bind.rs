//! From syntax to a plan: every name gets its meaning, every expression its type.

mod arguments;
mod call;
mod columns;
mod expression;
mod join;
mod lists;
mod names;
mod parameters;
mod pipe;
mod resolve;
mod scope;
mod shape;
mod sources;
mod special;
mod summarize;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use kusto_ingest_core::Result;
use kusto_ingest_decode::Column;

use crate::catalog::Tables;
use crate::env::Env;
use crate::error::semantic;
use crate::hidden::HiddenColumn;
use crate::plan::{Expr, Plan, PlanNode};
use crate::syntax::{Expr as Syntax, Function, Visual};
use scope::Scope;

/// How deep meanings may lie in one another while they are looked up, functions that call others included.
const DEEPEST: u32 = 160;

/// The most expressions of a query, those of functions once a call, those behind a name once a mention.
const MOST_WORK: u32 = 200_000;

/// About how many bytes of memory a column of a plan takes.
const BYTES_OF_COLUMN: usize = 64;

/// The name of the place in an error: letters of the text, counted from one.
const LETTER: &str = "letter";

/// What an expression is: a scalar, or a table.
#[derive(Clone, Debug)]
pub(crate) enum Bound {
    Scalar(Expr),
    Table(Arc<Plan>),
}

/// What is known while a query is bound.
pub(crate) struct Binder<'a> {
    pub(crate) tables: &'a dyn Tables,
    pub(crate) database: &'a str,
    pub(crate) env: &'a Env<'a>,
    scope: Rc<Scope>,
    /// How many tables lie around the expression at hand.
    level: u32,
    depth: u32,
    work: u32,
    /// How many columns have been called by their number.
    numbered: u32,
    /// The aggregates of the `summarize` at hand; nothing elsewhere.
    aggregates: Option<summarize::Aggregates>,
    /// Whether the rows at hand are in an order that may be looked at.
    in_order: bool,
    visual: Option<Visual>,
    /// Whether tables have their hidden columns, which functions may look at.
    sees_hidden: bool,
    /// The functions of the database that were called so far.
    stored: HashMap<String, Rc<Function>>,
}

impl<'a> Binder<'a> {
    pub(crate) fn new(tables: &'a dyn Tables, database: &'a str, env: &'a Env<'a>) -> Self {
        Self {
            tables,
            database,
            env,
            scope: Rc::new(Scope::default()),
            level: 0,
            depth: 0,
            work: 0,
            numbered: 0,
            aggregates: None,
            in_order: false,
            visual: None,
            sees_hidden: false,
            stored: HashMap::new(),
        }
    }

    /// Tables have their hidden columns where a text may look at any.
    pub(crate) fn look_for_hidden(&mut self, text: &str) {
        self.sees_hidden |= HiddenColumn::is_asked_for(text);
    }

    /// A table without hidden columns.
    pub(crate) fn shown(&self, plan: Arc<Plan>) -> Result<Arc<Plan>> {
        let is_shown = |column: &&Column| !self.sees_hidden || !HiddenColumn::is_name(&column.name);
        let columns: Vec<Column> = plan.columns.iter().filter(is_shown).cloned().collect();
        if columns.len() == plan.columns.len() {
            return Ok(plan);
        }
        let places = plan.columns.iter().enumerate();
        let shown = places.filter(|(_, column)| is_shown(column));
        let values = shown.map(|(place, column)| Expr::column(place, column.scalar_type));
        Plan::new(PlanNode::Project(Arc::clone(&plan), values.collect()), columns)
    }

    /// How the last table that was bound wants to be drawn.
    pub(crate) fn take_visual(&mut self) -> Option<Visual> {
        self.visual.take()
    }

    /// The meaning of an expression over these columns.
    pub(crate) fn either(&mut self, expr: &Syntax, row: &[Column]) -> Result<Bound> {
        self.count_work(1)?;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(semantic(format!(
                "the query is nested deeper than {DEEPEST} levels, functions included"
            )));
        }
        let bound = self.meaning(expr, row).and_then(not_too_deep);
        self.depth -= 1;
        // The innermost expression knows best what is wrong.
        bound.map_err(|error| {
            let is_placed = error.context().any(|(name, _)| name == LETTER);
            if is_placed {
                error
            } else {
                error.with(LETTER, expr.at + 1)
            }
        })
    }

    /// Counts so many expressions of the query.
    ///
    /// # Errors
    /// A semantic error when there are too many.
    fn count_work(&mut self, expressions: u32) -> Result<()> {
        self.work = self.work.saturating_add(expressions);
        match self.work > MOST_WORK {
            true => Err(semantic(format!(
                "the query has more than {MOST_WORK} expressions, where what a name stands for counts each time that it is \
                 named"
            ))),
            false => Ok(()),
        }
    }

    /// Counts the memory of so many columns of a table, which they take until the query ends.
    ///
    /// # Errors
    /// `LimitsExceeded` when all together take too much.
    fn hold_columns(&self, columns: usize) -> Result<()> {
        self.env.meter.hold(columns.saturating_mul(BYTES_OF_COLUMN))
    }

    /// A scalar expression over these columns.
    pub(crate) fn scalar(&mut self, expr: &Syntax, row: &[Column]) -> Result<Expr> {
        match self.either(expr, row)? {
            Bound::Scalar(scalar) => Ok(scalar),
            Bound::Table(_) => Err(semantic("a tabular expression stands where a scalar is expected")),
        }
    }

    /// A table.
    pub(crate) fn table(&mut self, expr: &Syntax) -> Result<Arc<Plan>> {
        self.level += 1;
        let aggregates = self.aggregates.take();
        let in_order = std::mem::take(&mut self.in_order);
        let bound = self.either(expr, &[]);
        self.level -= 1;
        self.aggregates = aggregates;
        self.in_order = in_order;
        match bound? {
            Bound::Table(plan) => Ok(plan),
            Bound::Scalar(_) => Err(semantic("a scalar stands where a tabular expression is expected")),
        }
    }
}

/// What names stand for may lie in one another where the text does not.
fn not_too_deep(bound: Bound) -> Result<Bound> {
    match &bound {
        Bound::Scalar(scalar) if scalar.depth > crate::plan::DEEPEST => Err(semantic(format!(
            "the query's expressions are nested deeper than {} levels, those behind names included",
            crate::plan::DEEPEST
        ))),
        _ => Ok(bound),
    }
}
