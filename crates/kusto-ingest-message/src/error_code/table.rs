//! All of the service's error codes, one row each: this is the only place that lists them.

use super::ErrorCategory;

/// What is known of one code.
pub(super) struct Row {
    pub(super) code: IngestionErrorCode,
    pub(super) name: &'static str,
    /// What it means, in a sentence without full stop.
    pub(super) meaning: &'static str,
    /// Another spelling that services have used.
    pub(super) older_name: Option<&'static str>,
    pub(super) category: ErrorCategory,
    pub(super) permanent: Option<bool>,
}

macro_rules! permanence {
    (permanent) => {
        Some(true)
    };
    (transient) => {
        Some(false)
    };
    (unsaid) => {
        None
    };
}

macro_rules! older_name {
    () => {
        None
    };
    ($name:literal) => {
        Some($name)
    };
}

macro_rules! codes {
    ($($category:ident { $($code:ident $name:literal $(| $older:literal)? $permanence:ident $doc:literal;)* })*) => {
        /// Why the service could not ingest.
        ///
        /// Kusto adds codes with time, and publishes no numbers for them: a name that this version does not know is
        /// kept as text, and a number as number. `FromStr` reads names in any case and never fails, `Display`
        /// writes the service's own spelling, misspellings included.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum IngestionErrorCode {
            $($(#[doc = concat!("`", $name, "`: ", $doc, ".")] $code,)*)*
            /// A name that this version does not know.
            Other(String),
            /// A number.
            Numeric(i64),
        }

        impl IngestionErrorCode {
            pub(super) const TABLE: &'static [Row] = &[$($(Row {
                code: Self::$code,
                name: $name,
                meaning: $doc,
                older_name: older_name!($($older)?),
                category: ErrorCategory::$category,
                permanent: permanence!($permanence),
            },)*)*];
        }
    };
}

codes! {
    BadFormat {
        StreamWrongNumberOfFields "Stream_WrongNumberOfFields" permanent "records have different numbers of fields";
        StreamClosingQuoteMissing "Stream_ClosingQuoteMissing" permanent "a quoted field does not end";
        BadRequestInvalidBlob "BadRequest_InvalidBlob" permanent "the blob cannot be read in its format";
        BadRequestEmptyArchive "BadRequest_EmptyArchive" permanent "the archive has no entries";
        BadRequestInvalidArchive "BadRequest_InvalidArchive" permanent "the archive is broken";
        BadRequestInvalidMapping "BadRequest_InvalidMapping" permanent "the mapping cannot be read";
        BadRequestInvalidMappingReference "BadRequest_InvalidMappingReference" permanent "the name is none of a mapping";
        BadRequestFormatNotSupported "BadRequest_FormatNotSupported" permanent "the format is unknown, or not allowed here";
        BadRequestInconsistentMapping "BadRequest_InconsistentMapping" permanent "the mapping contradicts the table";
        BadRequestUnexpectedCharacter "BadRequest_UnexpectedCharacterInInputStream" permanent "a character stands where none may";
        BadRequestInvalidCsvMapping "BadRequest_InvalidCsvMapping" permanent "the mapping cannot be read; of older services";
        BadRequestInvalidJsonMapping "BadRequest_InvalidJsonMapping" permanent "the mapping cannot be read; of older services";
    }
    BadRequest {
        BadRequestEmptyBlob "BadRequest_EmptyBlob" permanent "the blob has no bytes";
        BadRequestNoRecordsOrWrongFormat "BadRequest_NoRecordsOrWrongFormat" permanent "no record was found; perhaps the format is another";
        BadRequestEmptyBlobUri "BadRequest_EmptyBlobUri" permanent "the message names no blob";
        BadRequestInvalidBlobUri "BadRequest_InvalidBlobUri" permanent "the blob's address is no URI";
        BadRequestDuplicateMapping "BadRequest_DuplicateMapping" permanent "the message holds a mapping and names another";
        BadRequestInvalidOrEmptyTableName "BadRequest_InvalidOrEmptyTableName" permanent "the message names no table";
        BadRequestEmptyDatabaseName "BadRequest_EmptyDatabaseName" permanent "the message names no database";
        BadRequestEmptyMappingReference "BadRequest_EmptyMappingReference" permanent "a mapping is needed, and its name is empty";
        BadRequestMissingMapping "BadRequest_MissingMappingtFailure" | "BadRequest_MissingMappingFailure" permanent "the format needs a mapping";
        BadRequestMissingJsonMapping "BadRequest_MissingJsonMappingtFailure" permanent "JSON needs a mapping; of older services";
        BadRequestInvalidOrEmptyBlob "BadRequest_InvalidOrEmptyBlob" permanent "the blob is empty or broken; of older services";
        BadRequestUriMissingSas "BadRequest_UriMissingSas" permanent "the blob's address has no SAS";
        BadRequestNoValidResponseFromEngine "BadRequest_NoValidResponseFromEngine" unsaid "the engine gave no usable answer";
        BadRequestMessageExhausted "BadRequest_MessageExhausted" transient "the service's tries or time are used up";
        BadRequestDuplicationInTheSameBatch "BadRequest_DuplicationInTheSameBatch" permanent "the blob is twice in a batch";
        DownloadBadRequest "Download_BadRequest" permanent "the storage refused the request";
        DownloadSourceNotFound "Download_SourceNotFound" permanent "the blob does not exist";
        StreamNoDataToIngest "Stream_NoDataToIngest" permanent "no data was found";
        StreamDynamicPropertyBagTooLarge "Stream_DynamicPropertyBagTooLarge" permanent "a dynamic value is too large";
        GeneralBadRequest "General_BadRequest" permanent "something is wrong with the request";
        BadRequestCorruptedMessage "BadRequest_CorruptedMessage" permanent "the message cannot be read";
        BadRequestSyntaxError "BadRequest_SyntaxError" permanent "a command or query cannot be read";
        BadRequestZeroRetention "BadRequest_ZeroRetentionPolicyWithNoUpdatePolicy" permanent "the table keeps nothing, and no update policy takes it on";
        BadRequestCreationTimeTooEarly "BadRequest_CreationTimeEarlierThanSoftDeletePeriod" permanent "data created then would be dropped at once";
        BadRequestNotSupported "BadRequest_NotSupported" permanent "the request is not supported";
        BadRequestEntityNameIsNotValid "BadRequest_EntityNameIsNotValid" permanent "a name is not valid";
        BadRequestMalformedIngestionProperty "BadRequest_MalformedIngestionProperty" permanent "a property cannot be read";
        BadRequestIngestionPropertyNotSupported "BadRequest_IngestionPropertyNotSupportedInThisContext" permanent "a property is not allowed here";
        BadRequestNonMultiDatabaseDataConnection "BadRequest_NonMultiDatabaseDataConnection" permanent "the data connection may not choose the database";
        BadRequestDataCapacityLimitReached "BadRequest_DataCapacityLimitReached" permanent "the storage is full";
        BadRequestInvalidManagedIdentity "BadRequest_InvalidManagedIdentity" permanent "the managed identity does not exist, or may not read";
    }
    DataAccessNotAuthorized {
        DownloadAccessConditionNotSatisfied "Download_AccessConditionNotSatisfied" permanent "a condition of the storage does not hold";
        DownloadForbidden "Download_Forbidden" permanent "the storage denies access to the blob";
        DownloadAccountNotFound "Download_AccountNotFound" permanent "the storage account does not exist";
        BadRequestTableAccessDenied "BadRequest_TableAccessDenied" permanent "the principal may not write to the table";
        BadRequestDatabaseAccessDenied "BadRequest_DatabaseAccessDenied" permanent "the principal may not write to the database";
        BadRequestInvalidAuthentication "BadRequest_InvalidAuthentication" permanent "the authentication is not valid";
    }
    DownloadFailed {
        DownloadNotTransient "Download_NotTransient" permanent "the download failed for good";
        DownloadUnknownError "Download_UnknownError" transient "the download failed";
        DownloadTransientNameResolutionFailure "Download_TransientNameResolutionFailure" transient "the storage's name could not be resolved";
    }
    EntityNotFound {
        BadRequestMappingReferenceWasNotFound "BadRequest_MappingReferenceWasNotFound" permanent "there is no mapping of that name";
        BadRequestDatabaseNotExist "BadRequest_DatabaseNotExist" permanent "there is no such database";
        BadRequestTableNotExist "BadRequest_TableNotExist" permanent "there is no such table";
        BadRequestEntityNotFound "BadRequest_EntityNotFound" permanent "something named does not exist";
    }
    FileTooLarge {
        StreamInputStreamTooLarge "Stream_InputStreamTooLarge" permanent "the data, a record or a field is too large";
        BadRequestFileTooLarge "BadRequest_FileTooLarge" permanent "the blob is larger than the limit";
    }
    InternalServiceError {
        GeneralInternalServerError "General_InternalServerError" transient "the service failed";
        GeneralTransientSchemaMismatch "General_TransientSchemaMismatch" transient "the table changed meanwhile";
        Timeout "Timeout" transient "the service took too long";
        OutOfMemory "OutOfMemory" transient "the service ran out of memory";
        StreamLowMemoryCondition "Stream_LowMemoryCondition" transient "the engine is short of memory";
        SchemaPermanentUpdateFailure "Schema_PermanentUpdateFailure" permanent "the table could not be changed";
    }
    UpdatePolicyFailure {
        UpdatePolicyQuerySchemaMismatch "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema" permanent "the policy's query gives other columns than the table has";
        UpdatePolicyFailedDescendantTransaction "UpdatePolicy_FailedDescendantTransaction" transient "a policy further down failed";
        UpdatePolicyIngestionError "UpdatePolicy_IngestionError" transient "the policy's ingestion failed; told of the source table";
        UpdatePolicyUnknownError "UpdatePolicy_UnknownError" transient "the policy failed; told of the target table";
        UpdatePolicyCyclicUpdateNotAllowed "UpdatePolicy_Cyclic_Update_Not_Allowed" permanent "policies lead back to the table";
        UpdatePolicyTransactionalNotAllowed "UpdatePolicy_Transactional_Not_Allowed_In_Streaming_Ingestion" permanent "a transactional policy cannot follow a stream";
        UpdatePolicyBadRequest "UpdatePolicy_BadRequest" permanent "the policy's query is wrong";
    }
    UserAccessNotAuthorized {
        BadRequestInvalidKustoIdentityToken "BadRequest_InvalidKustoIdentityToken" permanent "the identity token is missing or not valid";
        Forbidden "Forbidden" permanent "the principal may not ingest";
    }
    ThrottledOnEngine {
        GeneralThrottledIngestion "General_ThrottledIngestion" transient "the engine has too much to ingest";
    }
    RetryAttemptsExceeded {
        GeneralRetryAttemptsExceeded "General_RetryAttemptsExceeded" permanent "the service gave up; a new ingestion may succeed";
    }
    BlobAlreadyReceived {
        BlobAlreadyFoundInBatch "BlobAlreadyReceived_BlobAlreadyFoundInBatch" permanent "the blob was queued before; this copy is ignored";
    }
    Other {
        GeneralAbandonedIngestion "General_AbandonedIngestion" transient "the service will try again by itself";
        SkippedIngestByTagAlreadyExists "Skipped_IngestByTagAlreadyExists" permanent "a tag says that it was ingested before";
        NoError "NoError" unsaid "no failure";
    }
    Unknown {
        Unknown "Unknown" transient "nobody knows";
    }
}
