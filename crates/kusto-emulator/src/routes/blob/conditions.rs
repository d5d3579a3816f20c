//! Under which conditions a request on a blob is done, from its headers.

use kusto_fake::BlobConditions;
use kusto_ingest_core::{Result, Timestamp};

use crate::answer::{read_http_date, refusal};
use crate::request_head::RequestHead;

/// # Errors
/// `InvalidHeaderValue` for what is no date.
pub(super) fn conditions(asked: &RequestHead) -> Result<BlobConditions> {
    let date = |name: &str| -> Result<Option<Timestamp>> {
        let invalid = || refusal(400, "InvalidHeaderValue", "a date in a header cannot be read");
        asked
            .header(name)
            .map(|text| read_http_date(text).ok_or_else(invalid))
            .transpose()
    };
    let mut conditions = BlobConditions::default();
    conditions.if_match = asked.header("if-match").map(str::to_owned);
    conditions.if_none_match = asked.header("if-none-match").map(str::to_owned);
    conditions.if_modified_since = date("if-modified-since")?;
    conditions.if_unmodified_since = date("if-unmodified-since")?;
    Ok(conditions)
}
