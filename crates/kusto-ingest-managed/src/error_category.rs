//! The category of an error of streaming: by its kind, then its code, then its words.

use kusto_ingest_core::{Error, ErrorKind, StreamingErrorCategory};

/// Parts of codes, and what they tell.
const CODES: &[(&str, StreamingErrorCategory)] = &[
    (
        "StreamingIngestionPolicyNotEnabled",
        StreamingErrorCategory::StreamingOff,
    ),
    (
        "StreamingIngestionDisabledForCluster",
        StreamingErrorCategory::StreamingOff,
    ),
    (
        "StreamingIngestionFunctionalityDisabled",
        StreamingErrorCategory::StreamingOff,
    ),
    (
        "StreamingIngestionDatabaseUnderMaintenance",
        StreamingErrorCategory::Maintenance,
    ),
    (
        "QuerySchemaDoesNotMatchTableSchema",
        StreamingErrorCategory::TableConfiguration,
    ),
    (
        "UpdatePolicyIncompatible",
        StreamingErrorCategory::TableConfiguration,
    ),
    (
        "UpdatePolicy_BadRequest",
        StreamingErrorCategory::TableConfiguration,
    ),
    (
        "UpdatePolicy_Cyclic_Update_Not_Allowed",
        StreamingErrorCategory::TableConfiguration,
    ),
    (
        "UpdatePolicy_Transactional_Not_Allowed",
        StreamingErrorCategory::TableConfiguration,
    ),
    ("InputStreamTooLarge", StreamingErrorCategory::RequestProperties),
    ("FileTooLarge", StreamingErrorCategory::RequestProperties),
    ("PayloadTooLarge", StreamingErrorCategory::RequestProperties),
];

/// The category of an error of streaming.
///
/// The words of a message count only where they are the service's, where nothing else tells, and where the failure is
/// permanent: a transient failure is tried again whatever its words are.
#[must_use]
pub fn streaming_error_category(error: &Error) -> StreamingErrorCategory {
    match error.kind() {
        ErrorKind::Throttled => return StreamingErrorCategory::Throttled,
        ErrorKind::OutcomeUnknown => return StreamingErrorCategory::OutcomeUnknown,
        ErrorKind::Unsupported => return StreamingErrorCategory::StreamingOff,
        ErrorKind::SizeLimitExceeded => return StreamingErrorCategory::RequestProperties,
        _ => {}
    }
    let words = if error.http_status().is_some() {
        error.reason().unwrap_or_default()
    } else {
        ""
    };
    let code = error.code().unwrap_or_default();
    let coded = CODES
        .iter()
        .find(|(part, _)| code.contains(part) || words.contains(part))
        .map(|(_, category)| *category);
    if let Some(category) = coded {
        return category;
    }
    match (error.kind(), error.is_permanent()) {
        (ErrorKind::NotFound, true) => StreamingErrorCategory::MissingEntity,
        (ErrorKind::Unavailable, _) if says_off(words) => StreamingErrorCategory::StreamingOff,
        (_, true) => said(words).unwrap_or(StreamingErrorCategory::Permanent),
        (_, false) => StreamingErrorCategory::Transient,
    }
}

/// What the words alone tell.
fn said(words: &str) -> Option<StreamingErrorCategory> {
    let lower = words.to_ascii_lowercase();
    let says = |text: &str| lower.contains(text);
    if says_off(words) {
        return Some(StreamingErrorCategory::StreamingOff);
    }
    let schema_clash = has_word(&lower, "schema") && (says("does not match") || says("incompatible"));
    if says("update policy") || schema_clash {
        return Some(StreamingErrorCategory::TableConfiguration);
    }
    let too_large =
        says("too large") || says("maximum allowed size") || (says("exceeds") && has_word(&lower, "size"));
    too_large.then_some(StreamingErrorCategory::RequestProperties)
}

fn says_off(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    let off = lower.contains("disabled") || lower.contains("not enabled") || has_word(&lower, "off");
    lower.contains("streaming") && off
}

/// Whole words only: an "offset" is not "off".
fn has_word(text: &str, word: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric())
        .any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: ErrorKind, code: &str, words: &'static str, permanent: bool) -> StreamingErrorCategory {
        let error = Error::new(kind, "stream the source").because(words);
        let error = error.with_http_status(400).with_permanence(permanent);
        streaming_error_category(&if code.is_empty() {
            error
        } else {
            error.with_code(code)
        })
    }

    #[test]
    fn the_code_tells_first_and_also_inside_the_words() {
        for (code, words, expect) in [
            (
                "BadRequest_StreamingIngestionPolicyNotEnabled",
                "",
                StreamingErrorCategory::StreamingOff,
            ),
            (
                "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema",
                "",
                StreamingErrorCategory::TableConfiguration,
            ),
            (
                "X",
                "BadRequest_UpdatePolicyIncompatible: no",
                StreamingErrorCategory::TableConfiguration,
            ),
            (
                "BadRequest_FileTooLarge",
                "the update policy",
                StreamingErrorCategory::RequestProperties,
            ),
            (
                "UpdatePolicy_Cyclic_Update_Not_Allowed",
                "",
                StreamingErrorCategory::TableConfiguration,
            ),
        ] {
            // The service's own word on permanence does not change what a code means.
            for permanent in [true, false] {
                assert_eq!(
                    told(ErrorKind::Rejected, code, words, permanent),
                    expect,
                    "{code} {words}"
                );
            }
        }
        let maintenance = "ServiceUnavailable_StreamingIngestionDatabaseUnderMaintenance";
        assert_eq!(
            told(ErrorKind::Unavailable, maintenance, "", false),
            StreamingErrorCategory::Maintenance
        );
    }

    #[test]
    fn the_kind_tells_before_codes_and_words() {
        let code = "UpdatePolicyIncompatible";
        for (kind, expect) in [
            (ErrorKind::Throttled, StreamingErrorCategory::Throttled),
            (ErrorKind::OutcomeUnknown, StreamingErrorCategory::OutcomeUnknown),
            (ErrorKind::Unsupported, StreamingErrorCategory::StreamingOff),
            (
                ErrorKind::SizeLimitExceeded,
                StreamingErrorCategory::RequestProperties,
            ),
        ] {
            assert_eq!(told(kind, code, "the update policy", true), expect);
        }
        assert_eq!(
            told(ErrorKind::NotFound, "", "", true),
            StreamingErrorCategory::MissingEntity
        );
        assert_eq!(
            told(ErrorKind::NotFound, "", "", false),
            StreamingErrorCategory::Transient
        );
    }

    #[test]
    fn words_are_the_last_resort_and_count_whole() {
        for (words, expect) in [
            (
                "Streaming ingestion is not enabled on table T",
                StreamingErrorCategory::StreamingOff,
            ),
            ("streaming is OFF", StreamingErrorCategory::StreamingOff),
            ("streaming is disabled", StreamingErrorCategory::StreamingOff),
            ("it is OFF", StreamingErrorCategory::Permanent),
            (
                "the schema is incompatible",
                StreamingErrorCategory::TableConfiguration,
            ),
            ("the body is too large", StreamingErrorCategory::RequestProperties),
            (
                "it is above the maximum allowed size",
                StreamingErrorCategory::RequestProperties,
            ),
            ("it exceeds the patience", StreamingErrorCategory::Permanent),
            ("streaming failed at offset 7", StreamingErrorCategory::Permanent),
            (
                "the update policy refuses",
                StreamingErrorCategory::TableConfiguration,
            ),
            (
                "the schema does not match",
                StreamingErrorCategory::TableConfiguration,
            ),
            ("a schema is nice", StreamingErrorCategory::Permanent),
            (
                "the body exceeds the size",
                StreamingErrorCategory::RequestProperties,
            ),
            ("wrong number of fields", StreamingErrorCategory::Permanent),
        ] {
            assert_eq!(told(ErrorKind::Rejected, "", words, true), expect, "{words}");
        }
        let passes = "the update policy is busy";
        assert_eq!(
            told(ErrorKind::Rejected, "", passes, false),
            StreamingErrorCategory::Transient
        );
        let off = "streaming ingestion is disabled";
        assert_eq!(
            told(ErrorKind::Unavailable, "", off, false),
            StreamingErrorCategory::StreamingOff,
            "a switch does not pass by itself"
        );
        let client = Error::new(ErrorKind::InvalidInput, "x").because("streaming is off");
        assert_eq!(
            streaming_error_category(&client),
            StreamingErrorCategory::Permanent,
            "not the service's words"
        );
    }
}
