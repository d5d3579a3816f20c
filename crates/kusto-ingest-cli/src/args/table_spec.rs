//! A table as `--table` names it: `[DB.]T(a:string,b:long)`.

mod quoted_names;

use std::str::FromStr;

use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest_decode::Schema;

use crate::report::CommandError;

/// A table to create, as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableSpec {
    name: Name,
    schema: Schema,
}

/// A table's name, with or without that of its database.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    /// As people write names that need no quotes: which dot divides them depends on the databases that there are.
    Bare(String),
    /// As Kusto writes names that need quotes: `['my-db'].['my table']`.
    Quoted { database: Option<String>, table: String },
}

impl FromStr for TableSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (parts, is_quoted, columns) = quoted_names::read(text)?;
        if !columns.starts_with('(') || !text.trim_end().ends_with(')') {
            return Err("columns are missing: name the table as in 'T(a:string,b:long)'".to_owned());
        }
        let name = match parts.as_slice() {
            _ if !is_quoted => Name::Bare(text[..text.len() - columns.len()].trim().to_owned()),
            [table] => Name::Quoted {
                database: None,
                table: table.clone(),
            },
            [database, table] => Name::Quoted {
                database: Some(database.clone()),
                table: table.clone(),
            },
            _ => return Err("the name is more than a database and a table".to_owned()),
        };
        if name == Name::Bare(String::new()) {
            return Err("the table has no name".to_owned());
        }
        Ok(Self {
            name,
            schema: columns
                .parse()
                .map_err(|error: kusto_ingest::Error| error.to_string())?,
        })
    }
}

impl TableSpec {
    /// Its database, name and columns, given the databases that there are.
    ///
    /// # Errors
    /// It names no database, and there are several.
    pub(crate) fn place(
        &self,
        databases: &[DatabaseName],
    ) -> Result<(DatabaseName, TableName, &Schema), CommandError> {
        let (database, table) = match (&self.name, databases) {
            (Name::Bare(name), _) => divided(name, databases),
            (
                Name::Quoted {
                    database: Some(database),
                    table,
                },
                _,
            ) => Some((database.as_str(), table.as_str())),
            (
                Name::Quoted {
                    database: None,
                    table,
                },
                [only],
            ) => Some((only.as_str(), table.as_str())),
            (Name::Quoted { database: None, .. }, _) => None,
        }
        .ok_or_else(|| {
            let name = match &self.name {
                Name::Bare(name) | Name::Quoted { table: name, .. } => name,
            };
            let why = "there are several databases; write it as DB.T(…)";
            CommandError::usage(format!("table {name:?} is in no database: {why}"))
        })?;
        let database = DatabaseName::parse(database).map_err(|error| CommandError::unusable(&error))?;
        let table = TableName::parse(table).map_err(|error| CommandError::unusable(&error))?;
        Ok((database, table, &self.schema))
    }
}

/// Database and table of a name without quotes. A known database first: its name may hold dots.
fn divided<'a>(name: &'a str, databases: &'a [DatabaseName]) -> Option<(&'a str, &'a str)> {
    let known = databases.iter().find_map(|database| {
        let rest = name.strip_prefix(database.as_str())?.strip_prefix('.')?;
        Some((database.as_str(), rest))
    });
    match (known.or_else(|| name.split_once('.')), databases) {
        (Some(named), _) => Some(named),
        (None, [only]) => Some((only.as_str(), name)),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(spec: &str, databases: &[&str]) -> Option<(String, String, String)> {
        let databases: Vec<DatabaseName> = databases
            .iter()
            .map(|name| DatabaseName::parse(*name).unwrap())
            .collect();
        let spec: TableSpec = spec.parse().ok()?;
        let (database, table, schema) = spec.place(&databases).ok()?;
        Some((database.to_string(), table.to_string(), schema.to_string()))
    }

    #[test]
    fn the_database_may_be_left_out_when_there_is_one() {
        let expect = |database: &str, table: &str, schema: &str| {
            Some((database.to_owned(), table.to_owned(), schema.to_owned()))
        };
        assert_eq!(
            placed("T(a:string,b:long)", &["D"]),
            expect("D", "T", "a:string,b:long")
        );
        assert_eq!(placed("D.T(a:int)", &["D", "E"]), expect("D", "T", "a:int"));
        assert_eq!(placed("F.T(a:int)", &["D", "E"]), expect("F", "T", "a:int"));
        assert_eq!(placed("D.x.T(a:int)", &["D.x"]), expect("D.x", "T", "a:int"));
        assert_eq!(placed("T(a:int)", &["D", "E"]), None);
    }

    #[test]
    fn case_15_names_in_quotes_are_read_as_everywhere_in_kusto() {
        let expect = |database: &str, table: &str| {
            Some((database.to_owned(), table.to_owned(), "a:string".to_owned()))
        };
        for (spec, databases, placed_as) in [
            (
                "['my-db'].['my table'](a:string)",
                &["my-db"][..],
                expect("my-db", "my table"),
            ),
            (
                "['my-db'].['a.b(c)'] (a:string)",
                &["D"],
                expect("my-db", "a.b(c)"),
            ),
            ("D.[\"it's\"](a:string)", &["D", "E"], expect("D", "it's")),
            ("['it\\'s'](a:string)", &["D"], expect("D", "it's")),
            ("'my table'(a:string)", &["D"], expect("D", "my table")),
            ("['my table'](a:string)", &["D", "E"], None),
            ("['a'].['b'].['c'](a:string)", &["D"], None),
            ("['open(a:string)", &["D"], None),
            ("['a'x(a:string)", &["D"], None),
        ] {
            assert_eq!(placed(spec, databases), placed_as, "{spec}");
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["T", "T(a)", "(a:int)", "T(a:int", "T(a:word)", ""] {
            assert!(text.parse::<TableSpec>().is_err(), "{text:?}");
        }
    }
}
