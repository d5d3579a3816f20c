//! The operators behind a bar, as a text says them.

use kusto_ingest_decode::ScalarType;

use super::Expr;

/// An operator on a table.
#[derive(Clone, Debug)]
pub(crate) enum Operator {
    Where(Expr),
    Project(Vec<Named>),
    ProjectAway(Vec<NamePattern>),
    ProjectKeep(Vec<NamePattern>),
    ProjectRename(Vec<(String, String)>),
    /// Each with the order of the columns that a pattern fits, where one is said.
    ProjectReorder(Vec<(NamePattern, Option<bool>)>),
    Extend(Vec<Named>),
    /// Rows in order: what looks at other rows may be asked.
    Serialize(Vec<Named>),
    Summarize {
        aggregates: Vec<Named>,
        by: Vec<Named>,
    },
    Distinct(Vec<Named>),
    Sort(Vec<SortKey>),
    Top(Expr, Vec<SortKey>),
    Take(Expr),
    Sample(Expr),
    SampleDistinct(Expr, Named),
    Count,
    Union(Union),
    Join(Join),
    Lookup(Join),
    Expand {
        columns: Vec<Expanded>,
        index: Option<String>,
        /// Members of bags become arrays of their name and their value, and not bags of one member.
        pairs: bool,
        limit: Option<Expr>,
    },
    Parse {
        value: Expr,
        pattern: ParsePattern,
        /// Rows that do not fit go.
        filters: bool,
    },
    GetSchema,
    Render(Visual),
    As(String),
    Consume,
}

/// An expression, with the names that its value gets where some are said.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) names: Vec<String>,
    pub(crate) value: Expr,
}

/// A name, with stars for whatever.
#[derive(Clone, Debug)]
pub(crate) struct NamePattern(pub(crate) String);

/// What rows are sorted by.
#[derive(Clone, Debug)]
pub(crate) struct SortKey {
    pub(crate) value: Expr,
    pub(crate) ascending: bool,
    pub(crate) nulls_first: bool,
}

/// Tables one behind the other.
#[derive(Clone, Debug)]
pub(crate) struct Union {
    /// Only columns that all tables have.
    pub(crate) inner: bool,
    pub(crate) source_column: Option<String>,
    /// Tables that do not exist are left out.
    pub(crate) fuzzy: bool,
    pub(crate) tables: Vec<Expr>,
}

/// A table beside another.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) kind: JoinKind,
    pub(crate) right: Expr,
    pub(crate) on: Vec<Expr>,
}

/// Which rows of both sides come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Inner,
    InnerUnique,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftAnti,
    LeftSemi,
    RightAnti,
    RightSemi,
}

/// A column of `mv-expand`.
#[derive(Clone, Debug)]
pub(crate) struct Expanded {
    pub(crate) value: Named,
    pub(crate) to: Option<ScalarType>,
}

/// What `parse` looks for.
#[derive(Clone, Debug)]
pub(crate) struct ParsePattern {
    pub(crate) parts: Vec<ParsePart>,
    /// A text fits also where some of its values are not of their columns' types.
    pub(crate) is_relaxed: bool,
}

/// A part of what `parse` looks for.
#[derive(Clone, Debug)]
pub(crate) enum ParsePart {
    Text(String),
    Column(String, ScalarType),
    Star,
}

/// How a result wants to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Visual {
    pub(crate) kind: String,
    pub(crate) properties: Vec<(String, Vec<String>)>,
}
