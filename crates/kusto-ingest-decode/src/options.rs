//! How data is decoded.

use kusto_ingest_core::{DataFormat, IngestionMapping, IngestionProperties, ValidationPolicy};

/// How data is decoded: format, mapping, header, validation policy, and the location of the source.
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
    /// The mapping. Without one, columns are filled by position or by name.
    pub mapping: Option<IngestionMapping>,
    /// Whether the first record is a header. Formats of objects, and `raw`, have none.
    pub ignore_first_record: bool,
    /// The validation policy for the number of fields. Without one, records with another number of fields than the
    /// first one are left out, which is the service's default.
    pub validation_policy: Option<ValidationPolicy>,
    /// The value of the transformation `SourceLocation`, without a SAS.
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

    /// Sets the mapping. A reference to a mapping in the database must be resolved first.
    #[must_use]
    pub fn with_mapping(self, mapping: IngestionMapping) -> Self {
        Self {
            mapping: Some(mapping),
            ..self
        }
    }

    /// Ignores the first record: it is a header.
    #[must_use]
    pub fn with_ignore_first_record(self) -> Self {
        Self {
            ignore_first_record: true,
            ..self
        }
    }

    /// Sets the validation policy.
    #[must_use]
    pub fn with_validation_policy(self, policy: ValidationPolicy) -> Self {
        Self {
            validation_policy: Some(policy),
            ..self
        }
    }

    /// Sets the source's location, without its SAS.
    #[must_use]
    pub fn with_source(self, location: impl Into<String>) -> Self {
        Self {
            source_location: location.into(),
            ..self
        }
    }
}
