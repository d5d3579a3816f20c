//! The names of the message's fields, as they go over the wire.

pub(super) const ID: &str = "Id";
pub(super) const BLOB_PATH: &str = "BlobPath";
pub(super) const DATABASE: &str = "DatabaseName";
pub(super) const TABLE: &str = "TableName";
pub(super) const RAW_DATA_SIZE: &str = "RawDataSize";
pub(super) const RETAIN_BLOB: &str = "RetainBlobOnSuccess";
pub(super) const FLUSH_IMMEDIATELY: &str = "FlushImmediately";
pub(super) const IGNORE_SIZE_LIMIT: &str = "IgnoreSizeLimit";
pub(super) const REPORT_LEVEL: &str = "ReportLevel";
pub(super) const REPORT_METHOD: &str = "ReportMethod";
pub(super) const CREATED: &str = "SourceMessageCreationTime";
pub(super) const APPLICATION: &str = "ApplicationForTracing";
pub(super) const CLIENT_VERSION: &str = "ClientVersionForTracing";
pub(super) const ADDITIONAL: &str = "AdditionalProperties";
pub(super) const STATUS: &str = "IngestionStatusInTable";

/// Fields of [`STATUS`].
pub(super) mod status {
    pub(in crate::message) const TABLE: &str = "TableConnectionString";
    pub(in crate::message) const PARTITION_KEY: &str = "PartitionKey";
    pub(in crate::message) const ROW_KEY: &str = "RowKey";
}

/// Fields of [`ADDITIONAL`], in the order in which they are written.
pub(super) mod additional {
    pub(in crate::message) const TOKEN: &str = "authorizationContext";
    pub(in crate::message) const FORMAT: &str = "format";
    pub(in crate::message) const TAGS: &str = "tags";
    pub(in crate::message) const INGEST_IF_NOT_EXISTS: &str = "ingestIfNotExists";
    pub(in crate::message) const MAPPING: &str = "ingestionMapping";
    pub(in crate::message) const MAPPING_REFERENCE: &str = "ingestionMappingReference";
    pub(in crate::message) const MAPPING_TYPE: &str = "ingestionMappingType";
    pub(in crate::message) const VALIDATION_POLICY: &str = "validationPolicy";
    pub(in crate::message) const IGNORE_FIRST_RECORD: &str = "ignoreFirstRecord";
    pub(in crate::message) const CREATION_TIME: &str = "creationTime";
    pub(in crate::message) const ZIP_PATTERN: &str = "zipPattern";
    pub(in crate::message) const EXTEND_SCHEMA: &str = "extend_schema";
    pub(in crate::message) const RECREATE_SCHEMA: &str = "recreate_schema";

    /// All of them: what is in here is typed, the rest of a message's map is the user's.
    pub(in crate::message) const ALL: &[&str] = &[
        TOKEN,
        FORMAT,
        TAGS,
        INGEST_IF_NOT_EXISTS,
        MAPPING,
        MAPPING_REFERENCE,
        MAPPING_TYPE,
        VALIDATION_POLICY,
        IGNORE_FIRST_RECORD,
        CREATION_TIME,
        ZIP_PATTERN,
        EXTEND_SCHEMA,
        RECREATE_SCHEMA,
    ];
}

/// Fields of the validation policy.
pub(super) mod validation {
    pub(in crate::message) const OPTIONS: &str = "ValidationOptions";
    pub(in crate::message) const IMPLICATIONS: &str = "ValidationImplications";
    /// What the Java client calls the implications.
    pub(in crate::message) const POLICY_TYPE: &str = "validationPolicyType";
}
