//! Where a source goes, and how it is to be read.

mod rules;
mod streaming;
mod tags;
mod validation;

pub use tags::{DROP_BY, INGEST_BY};
pub use validation::{ValidationImplications, ValidationOptions, ValidationPolicy};

use std::time::Duration;

use crate::{
    Clock, DataFormat, DatabaseName, Deadline, Error, IngestionMapping, ReportLevel, ReportMethod, Result,
    TableName, Timestamp,
};

/// Where a source goes, and how it is to be read: the same for every way in.
///
/// ```
/// use kusto_ingest_core::{DataFormat, IngestionProperties};
///
/// let properties = IngestionProperties::into_table("Samples", "Weather")?
///     .with_format(DataFormat::Csv)
///     .with_ignore_first_record()
///     .with_additional_tags(["station:724940"]);
/// # Ok::<(), kusto_ingest_core::Error>(())
/// ```
#[doc(alias("KustoIngestionProperties", "KustoQueuedIngestionProperties"))]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IngestionProperties {
    /// The database.
    pub database: DatabaseName,
    /// The table.
    pub table: TableName,
    /// The format; inferred from the mapping or the name when absent.
    pub format: Option<DataFormat>,
    /// How columns of the data become columns of the table; by order or name when absent.
    pub mapping: Option<IngestionMapping>,
    /// Tags without meaning to Kusto.
    pub additional_tags: Vec<String>,
    /// Tags for dropping what was ingested together; the prefix `drop-by:` is added.
    pub drop_by_tags: Vec<String>,
    /// Tags for ingesting only once; the prefix `ingest-by:` is added.
    pub ingest_by_tags: Vec<String>,
    /// Ingest nothing if the table has one of these `ingest-by` tags; written without prefix.
    pub ingest_if_not_exists: Vec<String>,
    /// How strictly records are checked.
    pub validation_policy: Option<ValidationPolicy>,
    /// Whether the service skips batching.
    pub flush_immediately: bool,
    /// Whether the first record is a header; the service's own default when absent.
    pub ignore_first_record: Option<bool>,
    /// Whether client and service accept sources of any size.
    pub ignore_size_limit: bool,
    /// What the service reports.
    pub report_level: ReportLevel,
    /// Where the service reports.
    pub report_method: ReportMethod,
    /// When the data counts as created, for retention.
    pub creation_time: Option<Timestamp>,
    /// Which entries of a zip archive are read.
    pub zip_pattern: Option<String>,
    /// Whether new columns are added to the table.
    pub extend_schema: Option<bool>,
    /// Whether the table's columns are replaced.
    pub recreate_schema: Option<bool>,
    /// Any other property by its wire name, in the caller's order.
    pub additional_properties: Vec<(String, String)>,
    /// The name of the request in the service's logs, where an ingestion is one request; made up when absent.
    pub client_request_id: Option<String>,
    /// By when an ingestion with these properties has to end, by the client's clock: for one call, or for what is left of
    /// one. A client may have a limit of its own beside it.
    pub deadline: Option<Deadline>,
}

impl IngestionProperties {
    /// Into a table, everything else as Kusto has it by default.
    #[must_use]
    pub fn new(database: DatabaseName, table: TableName) -> Self {
        Self {
            database,
            table,
            format: None,
            mapping: None,
            additional_tags: Vec::new(),
            drop_by_tags: Vec::new(),
            ingest_by_tags: Vec::new(),
            ingest_if_not_exists: Vec::new(),
            validation_policy: None,
            flush_immediately: false,
            ignore_first_record: None,
            ignore_size_limit: false,
            report_level: ReportLevel::default(),
            report_method: ReportMethod::default(),
            creation_time: None,
            zip_pattern: None,
            extend_schema: None,
            recreate_schema: None,
            additional_properties: Vec::new(),
            client_request_id: None,
            deadline: None,
        }
    }

    /// Into a table named by text.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when a name is blank.
    pub fn into_table<D, T>(database: D, table: T) -> Result<Self>
    where
        D: TryInto<DatabaseName>,
        T: TryInto<TableName>,
        Error: From<D::Error> + From<T::Error>,
    {
        Ok(Self::new(database.try_into()?, table.try_into()?))
    }

    /// By when the ingestion has to end; as [`deadline_within`](Self::deadline_within) gives it.
    #[must_use]
    pub fn with_deadline(self, deadline: Option<Deadline>) -> Self {
        Self { deadline, ..self }
    }

    /// By when an ingestion that begins now has to end, by a client that has a limit of its own: the earlier of both.
    #[must_use]
    pub fn deadline_within(&self, clock: &dyn Clock, limit: Option<Duration>) -> Option<Deadline> {
        let own = limit.map(|limit| Deadline::after(clock, limit));
        let both = own.into_iter().chain(self.deadline);
        both.min_by_key(|deadline| deadline.remaining(clock))
    }

    /// Names the format.
    #[doc(alias = "FileFormat")]
    #[must_use]
    pub fn with_format(self, format: DataFormat) -> Self {
        Self {
            format: Some(format),
            ..self
        }
    }

    /// Maps columns.
    #[must_use]
    pub fn with_mapping(self, mapping: IngestionMapping) -> Self {
        Self {
            mapping: Some(mapping),
            ..self
        }
    }

    /// Adds tags without meaning to Kusto.
    #[must_use]
    pub fn with_additional_tags<I: IntoIterator<Item: Into<String>>>(mut self, tags: I) -> Self {
        self.additional_tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Adds `drop-by:` tags, given without the prefix.
    #[must_use]
    pub fn with_drop_by_tags<I: IntoIterator<Item: Into<String>>>(mut self, tags: I) -> Self {
        self.drop_by_tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Adds `ingest-by:` tags, given without the prefix.
    #[must_use]
    pub fn with_ingest_by_tags<I: IntoIterator<Item: Into<String>>>(mut self, tags: I) -> Self {
        self.ingest_by_tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Ingests nothing if the table has one of these `ingest-by` tags, given without the prefix. Each source needs a tag of its
    /// own ([`once_tags`](Self::once_tags)): of those that share one, only the first arrives.
    #[must_use]
    pub fn with_ingest_if_not_exists<I: IntoIterator<Item: Into<String>>>(mut self, tags: I) -> Self {
        self.ingest_if_not_exists.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Says how strictly records are checked.
    #[must_use]
    pub fn with_validation_policy(self, policy: ValidationPolicy) -> Self {
        Self {
            validation_policy: Some(policy),
            ..self
        }
    }

    /// Skips the service's batching: fast to arrive, costly in numbers.
    #[must_use]
    pub fn with_flush_immediately(self) -> Self {
        Self {
            flush_immediately: true,
            ..self
        }
    }

    /// Says that the first record is a header.
    #[must_use]
    pub fn with_ignore_first_record(self) -> Self {
        Self {
            ignore_first_record: Some(true),
            ..self
        }
    }

    /// Says that the first record is data, against a default that says otherwise.
    #[must_use]
    pub fn with_keep_first_record(self) -> Self {
        Self {
            ignore_first_record: Some(false),
            ..self
        }
    }

    /// Accepts sources of any size.
    #[must_use]
    pub fn with_ignore_size_limit(self) -> Self {
        Self {
            ignore_size_limit: true,
            ..self
        }
    }

    /// Sets what the service reports, and where.
    #[doc(alias = "ReportResultToTable")]
    #[must_use]
    pub fn with_reporting(self, level: ReportLevel, method: ReportMethod) -> Self {
        Self {
            report_level: level,
            report_method: method,
            ..self
        }
    }

    /// Says when the data counts as created.
    #[must_use]
    pub fn with_creation_time(self, at: Timestamp) -> Self {
        Self {
            creation_time: Some(at),
            ..self
        }
    }

    /// Says which entries of a zip archive are read. Passed on as it is.
    #[must_use]
    pub fn with_zip_pattern(self, pattern: impl Into<String>) -> Self {
        Self {
            zip_pattern: Some(pattern.into()),
            ..self
        }
    }

    /// Says whether new columns are added to the table.
    #[must_use]
    pub fn with_extend_schema(self, extend: bool) -> Self {
        Self {
            extend_schema: Some(extend),
            ..self
        }
    }

    /// Says whether the table's columns are replaced.
    #[must_use]
    pub fn with_recreate_schema(self, recreate: bool) -> Self {
        Self {
            recreate_schema: Some(recreate),
            ..self
        }
    }

    /// Sets any other property by its wire name.
    #[must_use]
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.additional_properties.push((name.into(), value.into()));
        self
    }

    /// Names the request in the service's logs, where an ingestion is one request.
    #[must_use]
    pub fn with_client_request_id(self, id: impl Into<String>) -> Self {
        Self {
            client_request_id: Some(id.into()),
            ..self
        }
    }

    /// Whether the service reports to the status table, so that a status row must exist before the message does.
    #[must_use]
    pub fn reports_to_table(&self) -> bool {
        self.report_level != ReportLevel::None && self.report_method != ReportMethod::Queue
    }
}
