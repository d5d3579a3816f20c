//! The arguments that say more of the data than where it goes and how it is read.

use clap::{Args, ValueEnum};
use kusto_ingest::clock::Timestamp;
use kusto_ingest::properties::{
    IngestionProperties, ValidationImplications, ValidationOptions, ValidationPolicy,
};

const HEADING: &str = "Properties of the data";

/// What is said of the data.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PropertyArgs {
    /// A tag for what is ingested; may be given again.
    #[arg(long = "tag", value_name = "T", help_heading = HEADING)]
    tags: Vec<String>,

    /// An `ingest-by:` tag, given without that prefix; may be given again. `{name}` stands for the path or address of each
    /// source.
    #[arg(long, value_name = "T", help_heading = HEADING)]
    ingest_by: Vec<String>,

    /// A `drop-by:` tag, given without that prefix; may be given again.
    #[arg(long, value_name = "T", help_heading = HEADING)]
    drop_by: Vec<String>,

    /// Ingest nothing if the table has this `ingest-by:` tag, given without that prefix; may be given again. `{name}` stands
    /// for the path or address of each source. Several sources cannot share a tag of --ingest-by.
    #[arg(long, value_name = "T", help_heading = HEADING)]
    if_not_exists: Vec<String>,

    /// When the data counts as created, for retention and caching, such as 2024-05-01 or 2024-05-01T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = HEADING)]
    pub(crate) creation_time: Option<Timestamp>,

    /// Which files of a zip archive are read: a regular expression, which the service reads.
    #[arg(long, value_name = "REGEX", help_heading = HEADING)]
    zip_pattern: Option<String>,

    /// How strictly the service checks records of CSV.
    #[arg(long, value_enum, value_name = "WHAT", help_heading = HEADING)]
    validation: Option<Validation>,

    /// What happens to records that fail the check.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t, requires = "validation", help_heading = HEADING)]
    validation_implication: Implication,

    /// Accept sources of any size; without this, of 6 GiB uncompressed at most.
    #[arg(long, help_heading = HEADING)]
    no_size_limit: bool,

    /// The uncompressed size of a single source, in bytes; for a compressed blob of unknown size.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    pub(crate) raw_size: Option<u64>,

    /// Any other property of an ingestion by its name on the wire; may be given again.
    #[arg(long = "property", value_name = "NAME=VALUE", value_parser = pair, help_heading = HEADING)]
    properties: Vec<(String, String)>,
}

/// How strictly records are checked, in Kusto's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Validation {
    /// Not at all.
    DoNotValidate,
    /// All records have the same number of fields.
    ValidateCsvInputConstantColumns,
    /// Each field by itself; stray quotes are accepted.
    ValidateCsvInputColumnLevelOnly,
}

/// What happens to records that fail the check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Implication {
    /// The ingestion fails.
    #[default]
    Fail,
    /// They are left out.
    BestEffort,
}

impl PropertyArgs {
    /// The same properties, with all that the arguments say.
    pub(crate) fn set(&self, properties: IngestionProperties) -> IngestionProperties {
        let mut properties = properties
            .with_additional_tags(&self.tags)
            .with_ingest_by_tags(&self.ingest_by)
            .with_drop_by_tags(&self.drop_by)
            .with_ingest_if_not_exists(&self.if_not_exists);
        properties.creation_time = self.creation_time;
        properties.zip_pattern.clone_from(&self.zip_pattern);
        properties.validation_policy = self
            .validation
            .map(|options| options.policy(self.validation_implication));
        properties.additional_properties.clone_from(&self.properties);
        properties.ignore_size_limit = self.no_size_limit;
        properties
    }

    /// Whether sources are left out where the table has a tag.
    pub(crate) fn may_skip(&self) -> bool {
        !self.if_not_exists.is_empty()
    }

    /// The tag by which only one of several sources would be ingested, as all share it.
    pub(crate) fn shared_once_tag(&self) -> Option<&str> {
        let is_written = |tag: &str| {
            let tagged = self.ingest_by.iter().any(|given| bare(given) == tag);
            tagged
                || self
                    .tags
                    .iter()
                    .any(|given| given.strip_prefix(INGEST_BY) == Some(tag))
        };
        let looked_for = self.if_not_exists.iter().map(|tag| bare(tag));
        looked_for
            .filter(|tag| !tag.contains(NAME))
            .find(|tag| is_written(tag))
    }

    /// Whether tags name the source that they are for.
    pub(crate) fn name_sources(&self) -> bool {
        let mut tags = self.ingest_by.iter().chain(&self.if_not_exists);
        tags.any(|tag| tag.contains(NAME))
    }
}

/// What stands in a tag for the path or address of a source.
const NAME: &str = "{name}";

const INGEST_BY: &str = "ingest-by:";

fn bare(tag: &str) -> &str {
    tag.strip_prefix(INGEST_BY).unwrap_or(tag)
}

/// The same properties, with tags that name this source.
pub(crate) fn named(properties: &IngestionProperties, name: &str) -> IngestionProperties {
    let mut properties = properties.clone();
    let tags = properties
        .ingest_by_tags
        .iter_mut()
        .chain(&mut properties.ingest_if_not_exists);
    tags.for_each(|tag| *tag = tag.replace(NAME, name));
    properties
}

impl Validation {
    fn policy(self, implication: Implication) -> ValidationPolicy {
        ValidationPolicy {
            options: match self {
                Self::DoNotValidate => ValidationOptions::DoNotValidate,
                Self::ValidateCsvInputConstantColumns => ValidationOptions::ValidateCsvInputConstantColumns,
                Self::ValidateCsvInputColumnLevelOnly => ValidationOptions::ValidateCsvInputColumnLevelOnly,
            },
            implications: match implication {
                Implication::Fail => ValidationImplications::Fail,
                Implication::BestEffort => ValidationImplications::BestEffort,
            },
        }
    }
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text)
        .map_err(|_| "it is no time in ISO 8601, such as 2024-05-01 or 2024-05-01T12:00:00Z")
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("it is not NAME=VALUE")?;
    match name.trim() {
        "" => Err("it has no name: give NAME=VALUE"),
        name => Ok((name.to_owned(), value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_a_name_and_all_behind_the_first_sign_of_equality() {
        for (text, expect) in [
            ("a=b", Some(("a", "b"))),
            ("a=b=c", Some(("a", "b=c"))),
            (" a =", Some(("a", ""))),
            ("=b", None),
            ("a", None),
        ] {
            let read = pair(text).ok();
            let expect = expect.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(read, expect, "{text:?}");
        }
    }
}
