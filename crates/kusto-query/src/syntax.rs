//! A query as its text says it, before anything in it has a meaning.

mod operator;

pub(crate) use operator::{
    Expanded, Join, JoinKind, NamePattern, Named, Operator, ParsePart, ParsePattern, SortKey, Union, Visual,
};

use std::rc::Rc;

use kusto_ingest_decode::{Column, ScalarType};

use crate::Value;

/// A query: statements, one after the other.
#[derive(Clone, Debug)]
pub(crate) enum Statement {
    /// `let name = …`
    Let(String, Definition),
    /// `declare query_parameters(…)`
    Parameters(Vec<Parameter>),
    /// `set option[= value]`
    Set(String, Option<Value>),
    /// A query itself.
    Query(Expr),
}

/// What a `let` gives a name to.
#[derive(Clone, Debug)]
pub(crate) enum Definition {
    Expr(Expr),
    Function(Rc<Function>),
}

/// A function that a query defines.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Vec<Statement>,
}

/// A parameter of a function or of a query.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) kind: ParameterKind,
    pub(crate) default: Option<Expr>,
}

/// What a parameter takes.
#[derive(Clone, Debug)]
pub(crate) enum ParameterKind {
    Scalar(ScalarType),
    /// A table with at least these columns; any table where nothing is said.
    Table(Vec<Column>),
}

/// An expression, how deep it is, and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) node: Node,
    pub(crate) depth: u32,
    pub(crate) at: usize,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Literal(Value, ScalarType),
    Name(String),
    Star,
    Type(ScalarType),
    Call(String, Vec<Argument>),
    /// `database("x").T`, `d.member`
    Member(Box<Expr>, String),
    /// `d["member"]`, `d[0]`
    Index(Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// An operator on a list: `in`, `in~`, `has_any` and `has_all`, with `!` where negated.
    List(ListOperator, Box<Expr>, Vec<Expr>),
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    /// A table, and what is done to it.
    Pipe(Box<Expr>, Vec<Operator>),
    Print(Vec<Named>),
    Range {
        name: String,
        from: Box<Expr>,
        to: Box<Expr>,
        step: Box<Expr>,
    },
    DataTable(Vec<Column>, Vec<Expr>),
    Union(Box<Union>),
}

/// An operator whose right side is a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListOperator {
    pub(crate) kind: ListKind,
    pub(crate) negated: bool,
}

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    In,
    /// Without case.
    InFolded,
    HasAny,
    HasAll,
}

/// An argument of a call, with its name where it has one.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub(crate) name: Option<String>,
    pub(crate) value: Expr,
}
