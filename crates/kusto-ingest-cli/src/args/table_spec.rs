//! A table as `--table` names it: `[DB.]T(a:string,b:long)`.

use std::str::FromStr;

use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest_decode::Schema;

use crate::report::CommandError;

/// A table to create, as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableSpec {
    name: String,
    schema: Schema,
}

impl FromStr for TableSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let columns = text
            .find('(')
            .filter(|_| text.trim_end().ends_with(')'))
            .ok_or("columns are missing: name the table as in 'T(a:string,b:long)'")?;
        let name = text[..columns].trim();
        if name.is_empty() {
            return Err("the table has no name".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            schema: text[columns..]
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
        // A known database first: its name may hold dots.
        let known = databases.iter().find_map(|database| {
            let rest = self.name.strip_prefix(database.as_str())?.strip_prefix('.')?;
            Some((database.as_str(), rest))
        });
        let (database, table) = match (known, self.name.split_once('.'), databases) {
            (Some(known), ..) => known,
            (None, Some(named), _) => named,
            (None, None, [only]) => (only.as_str(), self.name.as_str()),
            (None, None, _) => {
                let why = "there are several databases; write it as DB.T(…)";
                return Err(CommandError::usage(format!(
                    "table {:?} is in no database: {why}",
                    self.name
                )));
            }
        };
        let database = DatabaseName::parse(database).map_err(|error| CommandError::unusable(&error))?;
        let table = TableName::parse(table).map_err(|error| CommandError::unusable(&error))?;
        Ok((database, table, &self.schema))
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
    fn what_is_no_table_is_refused() {
        for text in ["T", "T(a)", "(a:int)", "T(a:int", "T(a:word)", ""] {
            assert!(text.parse::<TableSpec>().is_err(), "{text:?}");
        }
    }
}
