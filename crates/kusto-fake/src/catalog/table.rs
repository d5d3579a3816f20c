//! A table: its columns, its rows, and the extents that they came in.

use std::collections::BTreeMap;
use std::sync::Arc;

use kusto_ingest_core::{Error, ErrorKind, IngestionMapping, MappingKind, Result};
use kusto_ingest_decode::{Column, Schema};
use uuid::Uuid;

use super::{Extent, Mappings, Policies, Principal, missing};
use crate::store::Store;

/// A table. Its rows are those of its extents, one after the other.
#[derive(Clone, Default)]
pub(crate) struct StoredTable {
    pub(crate) id: Uuid,
    pub(crate) schema: Schema,
    pub(crate) folder: String,
    pub(crate) docstring: String,
    /// What is said of single columns, by their names.
    pub(crate) column_docs: BTreeMap<String, String>,
    pub(crate) is_hidden: bool,
    pub(crate) policies: Policies,
    pub(crate) principals: Vec<Principal>,
    pub(crate) mappings: Mappings,
    pub(crate) extents: Vec<Extent>,
    pub(crate) rows: Store,
    /// Another one wherever rows or extents change that were there: otherwise they only become more.
    pub(crate) generation: Arc<()>,
}

impl StoredTable {
    pub(crate) fn new(schema: Schema) -> Self {
        Self {
            id: Uuid::new_v4(),
            schema,
            ..Self::default()
        }
    }

    /// A mapping by its name, which is written out; one of the database where the table has none.
    ///
    /// # Errors
    /// `BadRequest_MappingReferenceWasNotFound`.
    pub(crate) fn mapping(
        &self,
        of_database: &Mappings,
        kind: MappingKind,
        name: &str,
    ) -> Result<IngestionMapping> {
        let key = (kind, name.to_owned());
        let found = self.mappings.get(&key).or_else(|| of_database.get(&key));
        let missing =
            || missing("BadRequest_MappingReferenceWasNotFound", "mapping", name).with("kind", kind);
        found.map(|stored| stored.mapping.clone()).ok_or_else(missing)
    }

    /// Whether something was ingested by one of these tags.
    pub(crate) fn has_any_ingest_by(&self, tags: &[String]) -> bool {
        let ingested_by = |extent: &Extent| {
            let mut present = extent
                .tags
                .iter()
                .filter_map(|tag| tag.strip_prefix("ingest-by:"));
            present.any(|tag| tags.iter().any(|wanted| wanted == tag))
        };
        self.extents.iter().any(ingested_by)
    }

    /// Appends rows of a schema that this table's begins or is.
    ///
    /// # Errors
    /// `General_TransientSchemaMismatch` when the table has other columns by now.
    pub(crate) fn append(&mut self, schema: &Schema, rows: Store, extent: Extent) -> Result<()> {
        extends(&self.schema, schema)?;
        self.schema = schema.clone();
        self.rows.append(rows);
        self.extents.push(extent);
        Ok(())
    }

    /// What is there is no longer what it was: whoever keeps a copy must copy all of it.
    pub(crate) fn begin_generation(&mut self) {
        self.generation = Arc::default();
    }

    /// Takes away all rows.
    pub(crate) fn clear(&mut self) {
        self.begin_generation();
        self.rows = Store::default();
        self.extents.clear();
    }

    /// Takes extents away, each with its rows.
    pub(crate) fn take_extents(&mut self, wanted: impl Fn(&Extent) -> bool) -> Vec<(Extent, Store)> {
        let mut taken = Vec::new();
        let mut kept = Vec::new();
        let mut first = 0;
        for extent in std::mem::take(&mut self.extents) {
            let rows = first..first + usize::try_from(extent.rows).unwrap_or(usize::MAX);
            first = rows.end;
            match wanted(&extent) {
                true => taken.push((extent, rows)),
                false => kept.push((extent, rows)),
            }
        }
        let ranges = |extents: &[(Extent, std::ops::Range<usize>)]| -> Vec<_> {
            extents.iter().map(|(_, rows)| rows.clone()).collect()
        };
        if taken.is_empty() {
            self.extents = kept.into_iter().map(|(extent, _)| extent).collect();
            return Vec::new();
        }
        self.begin_generation();
        let stores: Vec<Store> = ranges(&taken)
            .into_iter()
            .map(|rows| self.rows.part(&self.schema, &[rows]))
            .collect();
        self.rows = self.rows.part(&self.schema, &ranges(&kept));
        self.extents = kept.into_iter().map(|(extent, _)| extent).collect();
        taken.into_iter().map(|(extent, _)| extent).zip(stores).collect()
    }

    /// Adds the columns that the other schema has and this table lacks.
    ///
    /// # Errors
    /// `BadRequest_EntityNameIsNotValid` when a column would change its type.
    pub(crate) fn merge(&mut self, other: &Schema) -> Result<()> {
        let mut columns = self.schema.columns().to_vec();
        for column in other.columns() {
            match self.schema.position(&column.name) {
                None => columns.push(column.clone()),
                Some(place) => same_type(&columns[place], column)?,
            }
        }
        // The rows that are there have nothing in the new columns.
        self.schema = Schema::new(columns)?;
        Ok(())
    }

    /// Gets these columns in this order: those of the same name keep their data, others are new.
    ///
    /// # Errors
    /// `BadRequest_EntityNameIsNotValid` when a column would change its type.
    pub(crate) fn alter(&mut self, other: &Schema) -> Result<()> {
        let mut places = Vec::with_capacity(other.columns().len());
        for column in other.columns() {
            let place = self.schema.position(&column.name);
            if let Some(place) = place {
                same_type(&self.schema.columns()[place], column)?;
            }
            places.push(place);
        }
        self.rearrange(other.clone(), &places);
        Ok(())
    }

    /// Gets these columns, each with the data of a column that is there, or with none.
    pub(crate) fn rearrange(&mut self, schema: Schema, places: &[Option<usize>]) {
        self.begin_generation();
        self.rows.rearrange(&self.schema, &schema, places);
        self.column_docs.retain(|name, _| schema.position(name).is_some());
        self.schema = schema;
    }
}

/// Whether rows of the other schema can be appended to a table of this one.
///
/// # Errors
/// `General_TransientSchemaMismatch` when the other neither is this schema nor begins with it.
pub(crate) fn extends(known: &Schema, other: &Schema) -> Result<()> {
    if other.columns().starts_with(known.columns()) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unavailable, "append the rows")
        .because("the table's schema changed meanwhile")
        .with_code("General_TransientSchemaMismatch"))
}

fn same_type(known: &Column, other: &Column) -> Result<()> {
    if known.scalar_type == other.scalar_type {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Rejected, "change the table's columns")
        .because(format!(
            "column {:?} is of type {} and cannot become {}",
            known.name, known.scalar_type, other.scalar_type
        ))
        .with_code("BadRequest_EntityNameIsNotValid")
        .with_http_status(400))
}
