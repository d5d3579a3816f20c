//! What must hold for any text of a query.

use std::sync::Arc;

use kusto_ingest_core::Timestamp;
use kusto_ingest_decode::{ScalarType, Schema};
use kusto_query::{MemoryTable, QueryLimits, QueryOptions, TableData, Tables, Value, query};

/// Asks a text as a query over a small table: it ends with a code, or with values of the types that its columns have.
///
/// # Panics
/// When something does not hold that must.
pub fn query_any(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data.get(2..).unwrap_or_default()) else { return };
    let limits = QueryLimits::default().with_max_steps(200_000).with_max_memory_bytes(4 << 20);
    let options = QueryOptions::new("D", Timestamp::UNIX_EPOCH).with_limits(limits);
    let results = match query(text, &Small::new(), &options, &|| false) {
        Ok(results) => results,
        Err(error) => return assert!(error.code().is_some() && error.reason().is_some(), "{error}"),
    };
    for result in &results {
        for row in result.rows() {
            for (value, column) in row.zip(result.columns()) {
                assert!(is_of(value, column.scalar_type), "{}: {value:?} is no {}", column.name, column.scalar_type);
                let stored = value.to_stored(column.scalar_type);
                assert_eq!(value.is_null(), stored.is_null(), "{value:?}");
            }
        }
    }
}

fn is_of(value: &Value, scalar_type: ScalarType) -> bool {
    match (value, scalar_type) {
        (Value::Null, of) => of != ScalarType::String,
        (_, ScalarType::Dynamic)
        | (Value::Bool(_), ScalarType::Bool)
        | (Value::Int(_), ScalarType::Int)
        | (Value::Long(_), ScalarType::Long)
        | (Value::Real(_), ScalarType::Real)
        | (Value::Decimal(_), ScalarType::Decimal)
        | (Value::DateTime(_), ScalarType::DateTime)
        | (Value::Timespan(_), ScalarType::Timespan)
        | (Value::String(_), ScalarType::String)
        | (Value::Guid(_), ScalarType::Guid) => true,
        _ => false,
    }
}

/// One table with a column of every type.
struct Small(Arc<MemoryTable>);

impl Small {
    fn new() -> Self {
        let schema = "b:bool,i:int,l:long,r:real,d:decimal,t:datetime,s:timespan,u:guid,x:string,j:dynamic";
        let values = ["true", "1", "2", "3.5", "4.50", "2012-01-01", "1:00:00", "74be27de-1e4e-49d9-b579-fe0b331d3642", "a b", "{\"k\":[1]}"];
        let schema: Schema = schema.parse().expect("names are unique");
        let row = schema.columns().iter().zip(values).map(|(column, text)| {
            kusto_ingest_decode::Value::parse(text, column.scalar_type).map_or(Value::Null, Value::from)
        });
        let rows = vec![row.collect(), Vec::new()];
        Self(Arc::new(MemoryTable::new(schema, rows)))
    }
}

impl Tables for Small {
    fn has_database(&self, _: &str) -> bool {
        true
    }

    fn table(&self, _: &str, name: &str) -> Option<Arc<dyn TableData>> {
        (name == "T").then(|| Arc::clone(&self.0) as Arc<dyn TableData>)
    }

    fn table_names(&self, _: &str) -> Vec<String> {
        vec!["T".to_owned()]
    }
}
