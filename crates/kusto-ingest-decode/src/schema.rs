//! The columns of a table, in Kusto's syntax.

mod csl;

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use kusto_ingest_core::{Error, ErrorKind, IngestionMapping, Result};

use crate::ScalarType;

/// A column: its name, exactly as written, and its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a column is its name and its type")]
pub struct Column {
    /// The name; case matters.
    pub name: String,
    /// The type.
    pub scalar_type: ScalarType,
}

impl Column {
    /// A column of a name and a type.
    #[must_use]
    pub fn new(name: impl Into<String>, scalar_type: ScalarType) -> Self {
        Self {
            name: name.into(),
            scalar_type,
        }
    }
}

/// The columns of a table, in order, each of another name.
///
/// `FromStr` reads what stands in the parentheses of `.create table`, `Display` writes it, with brackets around
/// names that need them.
///
/// ```
/// use kusto_ingest_decode::{ScalarType, Schema};
///
/// let schema: Schema = "day:datetime, ['max temp']:real".parse()?;
/// assert_eq!(schema.columns()[1].scalar_type, ScalarType::Real);
/// assert_eq!(schema.to_string(), "day:datetime,['max temp']:real");
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Schema(Vec<Column>);

impl Schema {
    /// The schema of these columns.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when a name is blank, or is used twice.
    pub fn new(columns: Vec<Column>) -> Result<Self> {
        let mut names = HashSet::new();
        for (at, column) in columns.iter().enumerate() {
            if column.name.trim().is_empty() {
                return Err(refuse(format!("column {} has no name", at + 1)));
            }
            if !names.insert(column.name.as_str()) {
                return Err(refuse(format!("column {:?} is named twice", column.name)));
            }
        }
        Ok(Self(columns))
    }

    /// Its columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.0
    }

    /// The index of a column, from zero.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column.name == name)
    }

    /// This schema, extended by the typed columns of a mapping that it lacks: Kusto adds them to the table when such
    /// data is queued.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the type of such a column is none of Kusto's.
    pub fn extended_by(&self, mapping: &IngestionMapping) -> Result<Self> {
        let mut columns = self.0.clone();
        if let IngestionMapping::Inline { columns: mapped, .. } = mapping {
            for column in mapped {
                let Some(data_type) = &column.data_type else {
                    continue;
                };
                if self.position(&column.column).is_none() {
                    columns.push(Column::new(&column.column, data_type.parse()?));
                }
            }
        }
        Self::new(columns)
    }
}

impl FromStr for Schema {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::new(csl::parse(text)?)
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, column) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            csl::write_name(f, &column.name)?;
            write!(f, ":{}", column.scalar_type)?;
        }
        Ok(())
    }
}

fn refuse(why: String) -> Error {
    Error::new(ErrorKind::InvalidInput, "read the schema").because(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_bare_quoted_and_bracketed() {
        let schema: Schema = r#"(a:string, ["b,c"] : long , 'd e':real,['it\'s']:dynamic)"#
            .parse()
            .unwrap();
        let names: Vec<&str> = schema
            .columns()
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(names, ["a", "b,c", "d e", "it's"]);
        assert_eq!(
            schema.to_string(),
            r"a:string,['b,c']:long,['d e']:real,['it\'s']:dynamic"
        );
        assert_eq!(schema.to_string().parse::<Schema>().unwrap(), schema);
    }

    #[test]
    fn what_is_no_schema_is_refused_with_its_reason() {
        for (text, why) in [
            ("a", "has no type"),
            ("a:word", "is not one of"),
            ("a:int,a:long", "is named twice"),
            ("a:int,", "has no name"),
            ("['a:int", "is not closed"),
            (":int", "has no name"),
            ("['a']b:int", "has no type"),
        ] {
            let error = text.parse::<Schema>().unwrap_err();
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn an_empty_text_is_the_schema_without_columns() {
        assert_eq!("".parse::<Schema>().unwrap(), Schema::default());
        assert_eq!("()".parse::<Schema>().unwrap(), Schema::default());
    }

    #[test]
    fn typed_columns_of_a_mapping_that_the_table_lacks_are_added() {
        let json = r#"[{"Column":"a","DataType":"int","Properties":{"Ordinal":"0"}},
            {"Column":"b","DataType":"real","Properties":{"Ordinal":"1"}},
            {"Column":"c","Properties":{"Ordinal":"2"}}]"#;
        let mapping = IngestionMapping::from_json(kusto_ingest_core::MappingKind::Csv, json).unwrap();
        let schema: Schema = "a:string".parse().unwrap();
        assert_eq!(
            schema.extended_by(&mapping).unwrap().to_string(),
            "a:string,b:real"
        );
    }
}
