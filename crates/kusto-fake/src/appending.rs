//! Appends rows to a table: within the limits, and with what update policies make of them.

use kusto_ingest_core::Result;
use kusto_ingest_decode::Schema;

use crate::FakeKusto;
use crate::catalog::Extent;
use crate::store::Store;
use crate::worker::store_is_full;

/// Appends rows to a table that is there.
///
/// # Errors
/// `BadRequest_DataCapacityLimitReached`; `BadRequest_DatabaseNotExist`, `BadRequest_TableNotExist`. The tables are as they
/// were then.
pub(crate) fn append(
    kusto: &FakeKusto,
    database: &str,
    table: &str,
    schema: &Schema,
    rows: Store,
    extent: Extent,
) -> Result<()> {
    let mut state = kusto.state();
    if state.catalog.size() + rows.size() > state.limits.max_stored_bytes {
        return Err(store_is_full());
    }
    state.catalog.table(database, table)?.append(schema, rows, extent)
}
