//! Whether the first record names the columns.

use std::collections::HashSet;

use super::types::TypeCandidates;
use crate::ScalarType;

/// What the caller knows about the first record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "it is there, it is not, or nobody knows")]
pub enum Header {
    /// It is a header.
    Given,
    /// It is not known: the first record is examined.
    Detect,
    /// It is data.
    None,
}

/// Whether the first record is a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "yes, no, or it cannot be told")]
pub enum HeaderDetection {
    /// It is a header: the caller said so, or it consists of names while later records hold values of other types.
    Present,
    /// Data.
    Absent,
    /// It could be either, as where all columns hold text.
    Unknown,
}

pub(super) fn found(first: &[String], later: &[Vec<String>], header: Header) -> HeaderDetection {
    match header {
        Header::Given => HeaderDetection::Present,
        Header::None => HeaderDetection::Absent,
        Header::Detect if !are_names(first) => HeaderDetection::Absent,
        Header::Detect if later.iter().any(|record| record.len() != first.len()) => HeaderDetection::Unknown,
        Header::Detect => {
            let is_typed = |at: usize| {
                let mut guess = TypeCandidates::default();
                later.iter().for_each(|record| guess.see_text(&record[at]));
                guess.scalar_type() != ScalarType::String
            };
            match (0..first.len()).any(is_typed) {
                true => HeaderDetection::Present,
                false => HeaderDetection::Unknown,
            }
        }
    }
}

/// Whether all texts can be names of columns, and are different.
fn are_names(record: &[String]) -> bool {
    let mut met = HashSet::new();
    record.iter().all(|text| is_name(text) && met.insert(text.trim()))
}

/// Whether a text can be a column's name: short, starting with a letter, of valid characters, and not a value of
/// another type, such as `true`.
fn is_name(text: &str) -> bool {
    let text = text.trim();
    let mut guess = TypeCandidates::default();
    guess.see_text(text);
    text.chars().count() <= 128
        && text.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '@' | '$'))
        && text
            .chars()
            .all(|next| next.is_alphanumeric() || " _-./()%#@$:°µ&[]".contains(next))
        && guess.scalar_type() == ScalarType::String
}
