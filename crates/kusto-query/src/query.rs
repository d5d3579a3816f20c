//! Asks a query: its text in, its results out.

use std::sync::Arc;

use kusto_ingest_core::{Result, Timestamp};
use serde_json::{Map, Value as Json};

use crate::bind::Binder;
use crate::catalog::{TableData, Tables};
use crate::env::Env;
use crate::error::semantic;
use crate::eval::collect;
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

    /// Begins the query's random numbers with another one.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
}

/// What comes of a query.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// A result for each of its queries.
    pub results: Vec<QueryResult>,
    /// What the text sets, as the options of a request are written.
    pub options: Map<String, Json>,
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
) -> Result<Answer> {
    let statements = parse(text)?;
    let env = env(options, is_over);
    let mut binder = Binder::new(tables, &options.database, &env);
    let mut answer = Answer {
        results: Vec::new(),
        options: Map::new(),
    };
    for statement in &statements {
        match statement {
            Statement::Let(name, definition) => binder.define(name, definition)?,
            Statement::Parameters(parameters) => binder.declare(parameters, &options.parameters)?,
            Statement::Set(name, None) => drop(answer.options.insert(name.clone(), Json::Bool(true))),
            Statement::Set(name, Some(value)) => {
                let value = binder.option(value)?;
                answer.options.insert(name.clone(), value);
            }
            Statement::Query(expr) => {
                let plan = binder.table(expr)?;
                let visual = binder.take_visual();
                answer.results.push(run(&plan, visual, &env)?);
            }
        }
    }
    match answer.results.is_empty() {
        true => Err(semantic("SEM0008: the text has no tabular expression")),
        false => Ok(answer),
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
    run(&plan, visual, &env)
}

fn env<'a>(options: &QueryOptions, is_over: &'a dyn Fn() -> bool) -> Env<'a> {
    let now = now_ticks(options.now);
    let seed = options.seed ^ now.unsigned_abs();
    Env::new(Meter::new(options.limits, is_over), now, seed)
}

fn run(plan: &Plan, visual: Option<Visual>, env: &Env<'_>) -> Result<QueryResult> {
    let rows = collect(plan, env)?;
    Ok(QueryResult::new(plan.columns.clone(), rows, visual))
}
