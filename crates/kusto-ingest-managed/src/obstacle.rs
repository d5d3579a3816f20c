//! What an error of streaming says about streaming: its kind, then its code, then its words.

use kusto_ingest_core::{Error, ErrorKind, Obstacle};

/// Parts of codes, and what they tell.
const CODES: &[(&str, Obstacle)] = &[
    ("StreamingIngestionPolicyNotEnabled", Obstacle::StreamingOff),
    ("StreamingIngestionDisabledForCluster", Obstacle::StreamingOff),
    ("StreamingIngestionFunctionalityDisabled", Obstacle::StreamingOff),
    (
        "StreamingIngestionDatabaseUnderMaintenance",
        Obstacle::Maintenance,
    ),
    ("QuerySchemaDoesNotMatchTableSchema", Obstacle::TableConfiguration),
    ("UpdatePolicyIncompatible", Obstacle::TableConfiguration),
    ("UpdatePolicy_BadRequest", Obstacle::TableConfiguration),
    (
        "UpdatePolicy_Cyclic_Update_Not_Allowed",
        Obstacle::TableConfiguration,
    ),
    (
        "UpdatePolicy_Transactional_Not_Allowed",
        Obstacle::TableConfiguration,
    ),
    ("InputStreamTooLarge", Obstacle::RequestProperties),
    ("FileTooLarge", Obstacle::RequestProperties),
    ("PayloadTooLarge", Obstacle::RequestProperties),
];

/// What an error of streaming says about streaming.
///
/// The words of a message count only where the service answered with it, where nothing else tells, and where the
/// failure is permanent: what passes is tried again whatever it is called.
#[must_use]
pub fn obstacle(error: &Error) -> Obstacle {
    match error.kind() {
        ErrorKind::Throttled => return Obstacle::Throttled,
        ErrorKind::OutcomeUnknown => return Obstacle::OutcomeUnknown,
        ErrorKind::Unsupported => return Obstacle::StreamingOff,
        ErrorKind::SizeLimitExceeded => return Obstacle::RequestProperties,
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
        .map(|(_, obstacle)| *obstacle);
    if let Some(obstacle) = coded {
        return obstacle;
    }
    match (error.kind(), error.is_permanent()) {
        (ErrorKind::NotFound, true) => Obstacle::MissingEntity,
        (ErrorKind::Unavailable, _) if says_off(words) => Obstacle::StreamingOff,
        (_, true) => said(words).unwrap_or(Obstacle::Permanent),
        (_, false) => Obstacle::Transient,
    }
}

/// What the words alone tell.
fn said(words: &str) -> Option<Obstacle> {
    let lower = words.to_ascii_lowercase();
    let says = |text: &str| lower.contains(text);
    if says_off(words) {
        return Some(Obstacle::StreamingOff);
    }
    let schema_clash = has_word(&lower, "schema") && (says("does not match") || says("incompatible"));
    if says("update policy") || schema_clash {
        return Some(Obstacle::TableConfiguration);
    }
    let too_large =
        says("too large") || says("maximum allowed size") || (says("exceeds") && has_word(&lower, "size"));
    too_large.then_some(Obstacle::RequestProperties)
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

    fn told(kind: ErrorKind, code: &str, words: &'static str, permanent: bool) -> Obstacle {
        let error = Error::new(kind, "stream the source").because(words);
        let error = error.with_http_status(400).with_permanence(permanent);
        obstacle(&if code.is_empty() {
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
                Obstacle::StreamingOff,
            ),
            (
                "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema",
                "",
                Obstacle::TableConfiguration,
            ),
            (
                "X",
                "BadRequest_UpdatePolicyIncompatible: no",
                Obstacle::TableConfiguration,
            ),
            (
                "BadRequest_FileTooLarge",
                "the update policy",
                Obstacle::RequestProperties,
            ),
            (
                "UpdatePolicy_Cyclic_Update_Not_Allowed",
                "",
                Obstacle::TableConfiguration,
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
            Obstacle::Maintenance
        );
    }

    #[test]
    fn the_kind_tells_before_codes_and_words() {
        let code = "UpdatePolicyIncompatible";
        for (kind, expect) in [
            (ErrorKind::Throttled, Obstacle::Throttled),
            (ErrorKind::OutcomeUnknown, Obstacle::OutcomeUnknown),
            (ErrorKind::Unsupported, Obstacle::StreamingOff),
            (ErrorKind::SizeLimitExceeded, Obstacle::RequestProperties),
        ] {
            assert_eq!(told(kind, code, "the update policy", true), expect);
        }
        assert_eq!(told(ErrorKind::NotFound, "", "", true), Obstacle::MissingEntity);
        assert_eq!(told(ErrorKind::NotFound, "", "", false), Obstacle::Transient);
    }

    #[test]
    fn words_are_the_last_resort_and_count_whole() {
        for (words, expect) in [
            (
                "Streaming ingestion is not enabled on table T",
                Obstacle::StreamingOff,
            ),
            ("streaming is OFF", Obstacle::StreamingOff),
            ("streaming is disabled", Obstacle::StreamingOff),
            ("it is OFF", Obstacle::Permanent),
            ("the schema is incompatible", Obstacle::TableConfiguration),
            ("the body is too large", Obstacle::RequestProperties),
            (
                "it is above the maximum allowed size",
                Obstacle::RequestProperties,
            ),
            ("it exceeds the patience", Obstacle::Permanent),
            ("streaming failed at offset 7", Obstacle::Permanent),
            ("the update policy refuses", Obstacle::TableConfiguration),
            ("the schema does not match", Obstacle::TableConfiguration),
            ("a schema is nice", Obstacle::Permanent),
            ("the body exceeds the size", Obstacle::RequestProperties),
            ("wrong number of fields", Obstacle::Permanent),
        ] {
            assert_eq!(told(ErrorKind::Rejected, "", words, true), expect, "{words}");
        }
        let passes = "the update policy is busy";
        assert_eq!(told(ErrorKind::Rejected, "", passes, false), Obstacle::Transient);
        let off = "streaming ingestion is disabled";
        assert_eq!(
            told(ErrorKind::Unavailable, "", off, false),
            Obstacle::StreamingOff,
            "a switch does not pass by itself"
        );
        let client = Error::new(ErrorKind::InvalidInput, "x").because("streaming is off");
        assert_eq!(obstacle(&client), Obstacle::Permanent, "not the service's words");
    }
}
