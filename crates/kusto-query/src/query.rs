//! Asks a query: its text in, its results out.

use std::sync::Arc;

use kusto_ingest_core::{Result, Timestamp};
use serde_json::{Map, Value as Json};

use crate::bind::Binder;
use crate::catalog::{TableData, Tables};
use crate::env::Env;
use crate::error::semantic;
use crate::eval::collect_up_to;
use crate::limits::{Meter, QueryLimits};
use crate::parser::{parse, parse_operators};
use crate::plan::{Plan, PlanNode};
use crate::result::QueryResult;
use crate::syntax::{Statement, Visual};
use crate::value::now_ticks;

/// What is known about a query beside its text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueryOptions {
    /// The database whose tables need no other name.
    pub database: String,
    /// The moment of `now()`.
    pub now: Timestamp,
    /// The values of declared parameters, by name: literals of Kusto as text, or values of JSON.
    pub parameters: Map<String, Json>,
    /// How much it may take.
    pub limits: QueryLimits,
    /// The most rows of a result: those behind are not worked out.
    pub max_rows: usize,
    /// How many bytes of data a result has at most, as the service counts them: those behind are not worked out.
    pub max_bytes: usize,
    /// What the random numbers of the query begin with.
    pub seed: u64,
}

impl QueryOptions {
    /// A query over a database, at a moment.
    pub fn new(database: impl Into<String>, now: Timestamp) -> Self {
        Self {
            database: database.into(),
            now,
            parameters: Map::new(),
            limits: QueryLimits::default(),
            max_rows: usize::MAX,
            max_bytes: usize::MAX,
            seed: 0,
        }
    }

    /// Gives declared parameters their values.
    #[must_use]
    pub fn with_parameters(self, parameters: Map<String, Json>) -> Self {
        Self { parameters, ..self }
    }

    /// Limits how much the query may take.
    #[must_use]
    pub fn with_limits(self, limits: QueryLimits) -> Self {
        Self { limits, ..self }
    }

    /// Cuts results behind so many rows, or some rows behind so many bytes of data.
    #[must_use]
    pub fn with_max_result(self, rows: usize, bytes: usize) -> Self {
        Self {
            max_rows: rows,
            max_bytes: bytes,
            ..self
        }
    }

    /// Begins the query's random numbers with another one.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
}

/// Asks a query. Each of its queries gives one result.
///
/// `is_over` is asked now and then whether the query's time is over.
///
/// # Errors
/// `BadRequest_SyntaxError` and `General_BadRequest`, whose texts begin with `Syntax error: ` and `Semantic error: `;
/// `NotSupportedByEmulator` with the name of what is not known and a list of what is; `LimitsExceeded`; a timeout.
pub fn query(
    text: &str,
    tables: &dyn Tables,
    options: &QueryOptions,
    is_over: &dyn Fn() -> bool,
) -> Result<Vec<QueryResult>> {
    let statements = parse(text)?;
    let env = env(options, is_over);
    let mut binder = Binder::new(tables, &options.database, &env);
    binder.look_for_hidden(text);
    let mut results = Vec::new();
    for statement in &statements {
        match statement {
            Statement::Let(name, definition) => binder.define(name, definition)?,
            Statement::Parameters(parameters) => binder.declare(parameters, &options.parameters)?,
            Statement::Set(..) => {}
            Statement::Query(expr) => {
                let plan = binder.table(expr)?;
                let plan = binder.shown(plan)?;
                let visual = binder.take_visual();
                results.push(run(&plan, visual, options, &env)?);
            }
        }
    }
    match results.is_empty() {
        true => Err(semantic("SEM0008: the text has no tabular expression")),
        false => Ok(results),
    }
}

/// Asks operators over a table that is there already: what stands behind the first bar of a command, its bar included.
///
/// # Errors
/// As [`query`].
pub fn query_over(
    table: Arc<dyn TableData>,
    operators: &str,
    tables: &dyn Tables,
    options: &QueryOptions,
    is_over: &dyn Fn() -> bool,
) -> Result<QueryResult> {
    let operators = parse_operators(operators)?;
    let env = env(options, is_over);
    let mut binder = Binder::new(tables, &options.database, &env);
    let columns = table.schema().columns().to_vec();
    let source = Plan::new(PlanNode::Scan(table), columns)?;
    let plan = binder.pipe(source, &operators)?;
    let visual = binder.take_visual();
    run(&plan, visual, options, &env)
}

/// The options that a text sets by `set name[=value]`, as those of a request are written. None where it is no query.
#[must_use]
pub fn options_set_by(text: &str) -> Map<String, Json> {
    let mut options = Map::new();
    for statement in parse(text).unwrap_or_default() {
        if let Statement::Set(name, value) = statement {
            options.insert(name, value.map_or(Json::Bool(true), |value| value.to_json()));
        }
    }
    options
}

fn env<'a>(options: &QueryOptions, is_over: &'a dyn Fn() -> bool) -> Env<'a> {
    let now = now_ticks(options.now);
    let seed = options.seed ^ now.unsigned_abs();
    Env::new(Meter::new(options.limits, is_over), now, seed)
}

fn run(plan: &Plan, visual: Option<Visual>, options: &QueryOptions, env: &Env<'_>) -> Result<QueryResult> {
    let rows = collect_up_to(plan, options.max_rows, options.max_bytes, env)?;
    Ok(QueryResult::new(plan.columns.clone(), rows, visual))
}
