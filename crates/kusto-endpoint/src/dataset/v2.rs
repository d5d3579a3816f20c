//! V2 answers, arrays of frames: what queries give.

use kusto_ingest_core::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Dataset;
use super::wire::{self, WireTable};
use crate::json;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Completion {
    has_errors: bool,
    cancelled: bool,
    one_api_errors: Option<Value>,
}

impl Dataset {
    /// Reads a V2 answer: whole tables, and tables in fragments.
    ///
    /// # Errors
    /// The service's own error where one stands in the answer;
    /// [`ErrorKind::Protocol`](kusto_ingest_core::ErrorKind::Protocol) when the text is no answer, or is one
    /// that was cut short.
    pub fn from_v2(body: &[u8]) -> Result<Self> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
        if body.first() != Some(&b'[') {
            // An error, or a V1 answer: the V1 reader tells them apart.
            return Self::from_v1(body);
        }
        let answer = json::read(body).map_err(|error| wire::no_json(&error))?;
        let Value::Array(frames) = answer else {
            return Err(wire::not_understood("it is no list of frames"));
        };
        let mut tables: Vec<WireTable> = Vec::new();
        let mut completion = None;
        for frame in frames {
            match frame.get("FrameType").and_then(Value::as_str) {
                Some("DataTable" | "TableHeader") => tables.push(WireTable::of(frame)?),
                Some("TableFragment") => append(&mut tables, WireTable::of(frame)?)?,
                Some("DataSetCompletion") => completion = Some(wire::shaped::<Completion>(frame)?),
                Some(_) => {}
                None => return Err(wire::not_understood("one of its frames has no type")),
            }
        }
        let Some(completion) = completion else {
            return Err(wire::not_understood("it ends before the frame that completes it"));
        };
        let dataset = sorted(tables)?;
        completion.check()?;
        Ok(dataset)
    }
}

impl Completion {
    fn check(self) -> Result<()> {
        if self.has_errors {
            let errors = self.one_api_errors.unwrap_or(Value::Null);
            return Err(wire::failure(&json!({ "OneApiErrors": errors })));
        }
        if self.cancelled {
            return Err(wire::not_understood("the service cancelled it"));
        }
        Ok(())
    }
}

fn append(tables: &mut [WireTable], fragment: WireTable) -> Result<()> {
    let table = tables
        .iter_mut()
        .find(|table| table.table_id == fragment.table_id)
        .ok_or_else(|| wire::not_understood("it has rows of a table that it did not announce"))?;
    if fragment.table_fragment_type == "DataReplace" {
        table.rows.clear();
    }
    table.rows.extend(fragment.rows);
    Ok(())
}

fn sorted(tables: Vec<WireTable>) -> Result<Dataset> {
    let mut dataset = Dataset::default();
    for table in tables {
        let kind = table.table_kind.clone();
        let table = table.read()?;
        match kind.as_str() {
            "PrimaryResult" => dataset.tables.push(table),
            "QueryCompletionInformation" => {
                table.check_status("Level", "Payload")?;
                dataset.details.push(table);
            }
            _ => dataset.details.push(table),
        }
    }
    Ok(dataset)
}
