//! An HTTP client that goes nowhere: `azure_core`'s seam.

use std::sync::{Arc, Mutex};

use kusto_ingest::async_trait;
use kusto_ingest::azure_core::Result;
use kusto_ingest::azure_core::http::headers::{AUTHORIZATION, Headers};
use kusto_ingest::azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode, Transport};

use crate::pieces::{CONTAINER, QUEUE};

/// Answers commands by itself. Clones share what they were asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tube(Arc<Mutex<Vec<Asked>>>);

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) authorization: Option<String>,
}

impl Tube {
    pub(crate) fn transport(&self) -> Transport {
        Transport::new(Arc::new(self.clone()))
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.0.lock().expect("no test panics while it looks").clone()
    }

    /// How often a command was asked for.
    pub(crate) fn times(&self, command: &str) -> usize {
        self.asked().iter().filter(|it| it.body.contains(command)).count()
    }
}

#[async_trait]
impl HttpClient for Tube {
    async fn execute_request(&self, request: &Request) -> Result<AsyncRawResponse> {
        let asked = Asked {
            path: request.url().path().to_owned(),
            body: match request.body() {
                kusto_ingest::azure_core::http::Body::Bytes(bytes) => {
                    String::from_utf8_lossy(bytes).into_owned()
                }
                _ => String::new(),
            },
            authorization: request
                .headers()
                .get_optional_str(&AUTHORIZATION)
                .map(str::to_owned),
        };
        let answer = match asked.body.as_str() {
            body if body.contains(".get ingestion resources") => table(
                &["ResourceTypeName", "StorageRoot"],
                &format!(r#"["SecuredReadyForAggregationQueue","{QUEUE}"],["TempStorage","{CONTAINER}"]"#),
            ),
            body if body.contains(".get kusto identity token") => {
                table(&["AuthorizationContext"], r#"["who-we-are"]"#)
            }
            _ => table(&["Told"], r#"["yes"]"#),
        };
        self.0.lock().expect("no test panics while it looks").push(asked);
        Ok(AsyncRawResponse::from_bytes(
            StatusCode::Ok,
            Headers::new(),
            answer,
        ))
    }
}

/// An answer to a command: one table of strings.
fn table(columns: &[&str], rows: &str) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|name| format!(r#"{{"ColumnName":"{name}","DataType":"String","ColumnType":"string"}}"#))
        .collect();
    format!(
        r#"{{"Tables":[{{"TableName":"Table_0","Columns":[{}],"Rows":[{rows}]}}]}}"#,
        columns.join(",")
    )
}
