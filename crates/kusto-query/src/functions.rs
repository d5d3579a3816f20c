//! The scalar functions and operators: one row of a table each, with what they take, what they give, and how.

mod arrays;
mod bags;
mod conditional;
mod conversions;
mod dates;
mod encodings;
mod formats;
mod logic;
mod math;
mod numbers;
mod others;
mod parts;
mod patterns;
mod sets;
mod strings;
mod terms;
mod urls;

pub(crate) use arrays::element;
pub(crate) use math::{result_type, widest};
pub(crate) use patterns::place_of_pattern;
pub(crate) use terms::folded;

use kusto_ingest_decode::ScalarType;

use crate::Value;
use crate::env::Env;

/// How a function works out its value for one row. What makes no sense is null; what would be too large ends the query, by
/// [`Env::refuse`].
pub(crate) type Run = fn(&[&Value], &Env<'_>) -> Value;

/// A scalar function or operator.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// What it takes, a letter for each argument: `s` text, `t` anything as text, `l` an integer, `n` any number, `r` any
    /// number as real, `b` bool, `d` datetime, `p` timespan, `j` dynamic, `a` anything, `c` anything, all of one type.
    /// `?` stands before those that may be left out, `*` behind one that may come again and again.
    pub(crate) takes: &'static str,
    pub(crate) gives: Gives,
    /// How a column is called that has nothing but a call of it.
    pub(crate) naming: Naming,
    pub(crate) run: Run,
}

/// The type of what a function gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gives {
    Type(ScalarType),
    /// That of its first argument.
    First,
    /// That of its first argument, and long instead of int.
    Promoted,
    /// The one that all of its arguments of any type are brought to.
    Common,
}

/// How a column is called that has nothing but a call of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Naming {
    /// By its place.
    None,
    /// As the first argument.
    First,
    /// A word, and the first argument.
    Prefix(&'static str),
}

const fn function(name: &'static str, takes: &'static str, gives: Gives, run: Run) -> Function {
    Function {
        name,
        takes,
        gives,
        naming: Naming::None,
        run,
    }
}

/// A function that gives a type of its own.
const fn typed(name: &'static str, takes: &'static str, gives: ScalarType, run: Run) -> Function {
    function(name, takes, Gives::Type(gives), run)
}

impl Function {
    const fn named_first(self) -> Self {
        Self {
            naming: Naming::First,
            ..self
        }
    }

    const fn named(self, prefix: &'static str) -> Self {
        Self {
            naming: Naming::Prefix(prefix),
            ..self
        }
    }
}

const TABLES: &[&[Function]] = &[
    logic::TABLE,
    math::TABLE,
    numbers::TABLE,
    strings::TABLE,
    terms::TABLE,
    patterns::TABLE,
    dates::TABLE,
    parts::TABLE,
    formats::TABLE,
    conversions::TABLE,
    conditional::TABLE,
    arrays::TABLE,
    bags::TABLE,
    sets::TABLE,
    encodings::TABLE,
    urls::TABLE,
];

/// Other names of functions.
const ALIASES: &[(&str, &str)] = &[
    ("iif", "iff"),
    ("notnull", "isnotnull"),
    ("notempty", "isnotempty"),
    ("toreal", "todouble"),
    ("toboolean", "tobool"),
    ("parsejson", "parse_json"),
    ("toobject", "todynamic"),
    ("pack", "bag_pack"),
    ("pack_dictionary", "bag_pack"),
    ("floor", "bin"),
    ("arraylength", "array_length"),
    ("getmonth", "monthofyear"),
    ("weekofyear", "week_of_year"),
    ("extractjson", "extract_json"),
    ("make_string", "unicode_codepoints_to_string"),
    ("to_utf8", "unicode_codepoints_from_string"),
    ("base64_encodestring", "base64_encode_tostring"),
    ("base64_decodestring", "base64_decode_tostring"),
    ("array_strcat", "strcat_array"),
    ("url_encode_component", "url_encode"),
];

/// The function of a name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let name = alias.map_or(name, |(_, name)| name);
    all().find(|function| function.name == name)
}

/// Whether Kusto has a function of this name that this crate has not.
pub(crate) fn is_of_kusto(name: &str) -> bool {
    others::NAMES.contains(&name)
}

/// Every function and operator.
fn all() -> impl Iterator<Item = &'static Function> {
    TABLES.iter().flat_map(|table| table.iter())
}

/// The names of the functions, operators left out.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let functions = all().map(|function| function.name);
    functions
        .chain(ALIASES.iter().map(|(alias, _)| *alias))
        .filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()) && !name.contains(' '))
}

/// What stands in for a function that is not in the tables; the tests of this crate make sure that nothing asks for it.
pub(crate) static MISSING: Function = typed("missing", "", ScalarType::Dynamic, |_, _| Value::Null);
