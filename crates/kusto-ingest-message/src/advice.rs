//! Advice to a user about common failures.

use crate::IngestionErrorCode;

/// What a user can do about a failure, where its code or the service's own words make that clear.
///
/// It is a sentence for a person: a fragment without full stop, which never quotes the details. A program asks the
/// code itself, and whether the failure is permanent.
///
/// ```
/// use kusto_ingest_message::{IngestionErrorCode, advice};
///
/// let code = IngestionErrorCode::BadRequestTableNotExist;
/// assert_eq!(advice(Some(&code), ""), Some("create the table, or check its name"));
/// assert_eq!(advice(None, "The planets were not aligned"), None);
/// ```
#[must_use]
pub fn advice(code: Option<&IngestionErrorCode>, details: &str) -> Option<&'static str> {
    by_exact_code(code)
        .or_else(|| by_words(details))
        .or_else(|| by_wide_code(code))
}

const CHECK_DATABASE: &str = "create the database, or check its name";
const CHECK_TABLE: &str = "create the table, or check its name";
const CHECK_MAPPING_NAME: &str =
    "create the mapping in the table, or check its name, letter by letter, and its kind";
const GIVE_MAPPING: &str = "give a mapping with the ingestion properties, or name one that the table has";
const ONE_PATH_EACH: &str = "correct the JSON mapping: two of its elements fill the same column";
const SAME_FIELDS: &str =
    "give every line the same number of fields, or loosen the validation policy of the ingestion properties";
const CHECK_BLOB: &str =
    "check that the blob exists, and that nobody deletes it before it is ingested; then queue it again";
const SIGN_FOR_ACCOUNT: &str = "use a shared access signature of the storage account, not one of the service";
const CHECK_FORMAT: &str =
    "check that the data format is that of the data: `json` takes one object a line, `multijson` any";
const QUEUE_DATA: &str = "queue a blob that has data";
const CORRECT_UPDATE_POLICY: &str =
    "correct the query of the table's update policy: it must give the columns of its target";
const MAY_INGEST: &str = "give the principal the role of an ingestor, on the table or on its database";
const MAY_READ: &str = "let the service read the blob: by a SAS that allows it and lasts long enough, or by a role \
                        of its managed identity; a firewall of the storage account may be in the way as well";

/// How many words may stand between a thing and its missing.
const NEAR: usize = 6;

/// What the service is known to say, by the words that all such sentences have, in small letters.
const WORDS: &[(&[&str], &str)] = &[
    (
        &["missing mandatory parameters for valid shared access signature"],
        SIGN_FOR_ACCOUNT,
    ),
    (&["mapping", "same column"], ONE_PATH_EACH),
    (&["mapping", "duplicate", "column"], ONE_PATH_EACH),
    (&["malformed csv", "validationoptions"], SAME_FIELDS),
    (&["must be ingested with", "mapping"], GIVE_MAPPING),
    (&["of kind 'table'", "not found"], CHECK_TABLE),
    (&["of kind 'database'", "not found"], CHECK_DATABASE),
    (&["mapping", "was not found"], CHECK_MAPPING_NAME),
    (&["(404)", "blob"], CHECK_BLOB),
    (&["one or more files were not downloaded"], "queue it again"),
];

fn by_words(details: &str) -> Option<&'static str> {
    let details = details.to_ascii_lowercase();
    let sentences = || details.lines().flat_map(|line| line.split(". "));
    let said = |words: &[&str]| {
        let all_said = |sentence: &str| words.iter().all(|word| sentence.contains(word));
        sentences().any(all_said)
    };
    let row = WORDS.iter().find(|(words, _)| said(words));
    row.map(|(_, advice)| *advice)
        .or_else(|| sentences().find_map(by_missing))
}

/// Of several things in a sentence, the last one before the words is the one that does not exist.
fn by_missing(sentence: &str) -> Option<&'static str> {
    let (before, _) = sentence.split_once("does not exist")?;
    let mut words = before.split_whitespace().rev().take(NEAR);
    words.find_map(|word| match word {
        "database" => Some(CHECK_DATABASE),
        "table" => Some(CHECK_TABLE),
        "mapping" => Some(CHECK_MAPPING_NAME),
        _ => None,
    })
}

/// Codes that stand for one failure each, whatever else the service's words mention.
fn by_exact_code(code: Option<&IngestionErrorCode>) -> Option<&'static str> {
    use IngestionErrorCode as Code;
    Some(match code? {
        Code::BadRequestDatabaseNotExist | Code::BadRequestEmptyDatabaseName => CHECK_DATABASE,
        Code::BadRequestTableNotExist | Code::BadRequestInvalidOrEmptyTableName => CHECK_TABLE,
        Code::BadRequestMappingReferenceWasNotFound | Code::BadRequestInvalidMappingReference => {
            CHECK_MAPPING_NAME
        }
        Code::BadRequestMissingMapping
        | Code::BadRequestMissingJsonMapping
        | Code::BadRequestEmptyMappingReference => GIVE_MAPPING,
        Code::BadRequestDuplicateMapping => "give a mapping, or name one; not both",
        Code::StreamWrongNumberOfFields => SAME_FIELDS,
        Code::StreamClosingQuoteMissing => "close every quoted field, and double the quotes inside of one",
        Code::BadRequestFormatNotSupported => "name a data format that Kusto reads",
        Code::BadRequestEmptyArchive | Code::BadRequestInvalidArchive => {
            "check the archive: it must hold one entry at least, and be what its name says"
        }
        Code::BadRequestEmptyBlob => QUEUE_DATA,
        Code::DownloadSourceNotFound => CHECK_BLOB,
        Code::DownloadAccountNotFound => "check the name of the storage account in the blob's address",
        Code::BadRequestUriMissingSas => {
            "add to the blob's address what opens it: a SAS, or `;managed_identity=system`, or `;impersonate`"
        }
        Code::BadRequestInvalidManagedIdentity => {
            "check that the managed identity is assigned to the cluster, that the policy for managed identities allows \
             it native ingestion, and that it may read the blob"
        }
        Code::BadRequestTableAccessDenied | Code::BadRequestDatabaseAccessDenied => MAY_INGEST,
        Code::BadRequestInvalidKustoIdentityToken => {
            "queue it again: the identity token is not valid, or not any more"
        }
        Code::StreamInputStreamTooLarge | Code::BadRequestFileTooLarge => {
            "split the source into smaller ones"
        }
        Code::StreamDynamicPropertyBagTooLarge => "make the value of the dynamic column smaller",
        Code::BadRequestCreationTimeTooEarly => {
            "give a later creation time, or make the table's retention policy keep data for longer"
        }
        Code::BadRequestZeroRetention => {
            "make the table's retention policy keep data, or give it an update policy"
        }
        Code::UpdatePolicyQuerySchemaMismatch => CORRECT_UPDATE_POLICY,
        Code::GeneralThrottledIngestion => "queue it again later, and fewer and larger sources at a time",
        Code::BlobAlreadyFoundInBatch => "leave it: the blob was queued twice, and one of the two counts",
        _ => return None,
    })
}

/// Codes that stand for several failures each, of which the service's words may tell which it is.
fn by_wide_code(code: Option<&IngestionErrorCode>) -> Option<&'static str> {
    use IngestionErrorCode as Code;
    Some(match code? {
        Code::BadRequestEntityNotFound => {
            "check the names of database, table and mapping: one of them does not exist"
        }
        Code::BadRequestInvalidMapping
        | Code::BadRequestInvalidJsonMapping
        | Code::BadRequestInvalidCsvMapping => "correct the mapping: it cannot be read",
        Code::BadRequestInconsistentMapping => "make the columns and types of the mapping those of the table",
        Code::BadRequestInvalidBlob
        | Code::BadRequestNoRecordsOrWrongFormat
        | Code::BadRequestUnexpectedCharacter
        | Code::StreamNoDataToIngest => CHECK_FORMAT,
        Code::BadRequestInvalidOrEmptyBlob => QUEUE_DATA,
        Code::DownloadForbidden | Code::DownloadAccessConditionNotSatisfied => MAY_READ,
        Code::BadRequestInvalidBlobUri | Code::BadRequestEmptyBlobUri => "check the blob's address",
        Code::Forbidden => MAY_INGEST,
        Code::UpdatePolicyBadRequest => CORRECT_UPDATE_POLICY,
        Code::GeneralRetryAttemptsExceeded | Code::BadRequestMessageExhausted => "queue it again",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_failures_are_recognised_by_what_the_service_says() {
        for (details, expect) in [
            ("Database 'Samples' does not exist", CHECK_DATABASE),
            ("Database 'tables of ours' does not exist", CHECK_DATABASE),
            ("Table 'T' does not exist in database 'D'", CHECK_TABLE),
            (
                "Cannot fill table 'T'. Database 'D' does not exist",
                CHECK_DATABASE,
            ),
            ("Table 'T': database 'D' does not exist", CHECK_DATABASE),
            (
                "Entity name 'Weather' of kind 'Table' was not found.",
                CHECK_TABLE,
            ),
            (
                "Blob https://a/b.json is ignored: json pattern must be ingested with jsonMapping parameter",
                GIVE_MAPPING,
            ),
            (
                "Failed to download blob: 'The remote server returned an error: (404) Not Found.'",
                CHECK_BLOB,
            ),
            (
                "Json column mapping is invalid: two or more mapping elements point to the same column.",
                ONE_PATH_EACH,
            ),
            (
                "Failed to parse: Stream with id 'x' has a malformed CSV format, failing per ValidationOptions policy",
                SAME_FIELDS,
            ),
            (
                "Missing mandatory parameters for valid Shared Access Signature",
                SIGN_FOR_ACCOUNT,
            ),
            (
                "One or more files were not downloaded (search KustoLogs)",
                "queue it again",
            ),
        ] {
            assert_eq!(advice(None, details), Some(expect), "{details}");
        }
    }

    #[test]
    fn words_say_more_than_a_code_that_stands_for_several_failures() {
        let code = IngestionErrorCode::GeneralBadRequest;
        assert_eq!(advice(Some(&code), ""), None);
        let details = "Entity name 'T' of kind 'Table' was not found";
        assert_eq!(advice(Some(&code), details), Some(CHECK_TABLE));
        let code = IngestionErrorCode::BadRequestInvalidMapping;
        let details = "two or more mapping elements point to the same column";
        assert_eq!(advice(Some(&code), details), Some(ONE_PATH_EACH));
    }

    #[test]
    fn a_code_that_stands_for_one_failure_says_more_than_words() {
        let code = IngestionErrorCode::BadRequestTableNotExist;
        for details in [
            "Database 'D' or table 'T': the database does not exist",
            "(404): no blob",
        ] {
            assert_eq!(advice(Some(&code), details), Some(CHECK_TABLE), "{details}");
        }
    }

    #[test]
    fn words_of_different_sentences_say_nothing_together() {
        let details = "The mapping was read. Its second line went to the same column.\nDatabase 'D' is there. It does not exist";
        assert_eq!(advice(None, details), None);
    }

    #[test]
    fn codes_whose_remedy_is_plain_have_one() {
        for (code, expect) in [
            ("BadRequest_TableAccessDenied", MAY_INGEST),
            ("BadRequest_EmptyBlob", QUEUE_DATA),
            ("BadRequest_MappingReferenceWasNotFound", CHECK_MAPPING_NAME),
            ("BadRequest_MissingMappingtFailure", GIVE_MAPPING),
            ("BadRequest_MissingJsonMappingtFailure", GIVE_MAPPING),
            ("Download_SourceNotFound", CHECK_BLOB),
            ("Download_Forbidden", MAY_READ),
        ] {
            let code = IngestionErrorCode::read(code).unwrap();
            assert_eq!(advice(Some(&code), "whatever"), Some(expect), "{code}");
        }
    }

    #[test]
    fn advice_is_a_fragment_without_full_stop() {
        let of_codes = IngestionErrorCode::known().filter_map(|code| advice(Some(&code), ""));
        let of_words = WORDS.iter().map(|(_, advice)| *advice);
        for advice in of_codes.chain(of_words) {
            assert!(
                advice.starts_with(char::is_lowercase) && !advice.ends_with('.'),
                "{advice}"
            );
        }
    }
}
