//! How data is to be decoded.

use kusto_ingest_core::{DataFormat, IngestionMapping, IngestionProperties, ValidationPolicy};

/// How data is to be decoded: the part of the ingestion properties that matters here, and where the data is from.
///
/// ```
/// use kusto_ingest_core::{ColumnMapping, DataFormat, IngestionMapping, MappingKind};
/// use kusto_ingest_decode::DecodeOptions;
///
/// let columns = vec![ColumnMapping::new("wind").with_ordinal(4)];
/// let mapping = IngestionMapping::inline(MappingKind::Csv, columns)?;
/// let options = DecodeOptions::new(DataFormat::Csv).with_ignore_first_record().with_mapping(mapping);
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// The format.
    pub format: DataFormat,
    /// Which column takes what; by place or by name when absent.
    pub mapping: Option<IngestionMapping>,
    /// Whether the first record is a header. Formats of objects, and `raw`, have none.
    pub ignore_first_record: bool,
    /// How strictly the number of fields is checked. When absent, records with another number of fields than the first
    /// one are left out: the service documents that as its default policy.
    pub validation_policy: Option<ValidationPolicy>,
    /// What the transformation `SourceLocation` gives; must hold no SAS.
    pub source_location: String,
}

impl DecodeOptions {
    /// Data of a format, without mapping, without header.
    #[must_use]
    pub fn new(format: DataFormat) -> Self {
        Self {
            format,
            mapping: None,
            ignore_first_record: false,
            validation_policy: None,
            source_location: String::new(),
        }
    }

    /// Data of a format, as ingestion properties describe it.
    #[must_use]
    pub fn of(format: DataFormat, properties: &IngestionProperties) -> Self {
        Self {
            mapping: properties.mapping.clone(),
            ignore_first_record: properties.ignore_first_record.unwrap_or(false),
            validation_policy: properties.validation_policy,
            ..Self::new(format)
        }
    }

    /// Maps columns. A mapping that only names another must be looked up first.
    #[must_use]
    pub fn with_mapping(self, mapping: IngestionMapping) -> Self {
        Self {
            mapping: Some(mapping),
            ..self
        }
    }

    /// Takes the first record for a header.
    #[must_use]
    pub fn with_ignore_first_record(self) -> Self {
        Self {
            ignore_first_record: true,
            ..self
        }
    }

    /// Checks the number of fields in another way.
    #[must_use]
    pub fn with_validation_policy(self, policy: ValidationPolicy) -> Self {
        Self {
            validation_policy: Some(policy),
            ..self
        }
    }

    /// Names the source, without its SAS.
    #[must_use]
    pub fn with_source(self, location: impl Into<String>) -> Self {
        Self {
            source_location: location.into(),
            ..self
        }
    }
}
