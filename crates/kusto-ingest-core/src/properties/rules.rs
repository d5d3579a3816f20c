//! What must hold between properties, checked before anything is sent.

use super::IngestionProperties;
use crate::{DataFormat, Error, ErrorKind, IngestionMapping, Result, Source};

impl IngestionProperties {
    /// The format of a source: as said, else what the mapping implies, else what the name says.
    ///
    /// `None` means that nothing tells; a client then decides by the kind of source.
    #[must_use]
    pub fn format_of(&self, name: Option<&str>) -> Option<DataFormat> {
        self.format
            .or_else(|| {
                self.mapping
                    .as_ref()
                    .map(|mapping| mapping.kind().canonical_format())
            })
            .or_else(|| name.and_then(DataFormat::from_name))
    }

    /// The format of a source, where it has a name that may tell it. `None` means that the name does not tell:
    /// Kusto's clients take such a file or blob for csv.
    ///
    /// # Errors
    /// [`ErrorKind::FormatNotSpecified`] when nothing could tell: a source without a name must be told.
    pub fn format_for(&self, source: &Source) -> Result<Option<DataFormat>> {
        let name = source.name();
        match self.format_of(name) {
            None if name.is_none() => Err(Error::new(
                ErrorKind::FormatNotSpecified,
                "choose the data format",
            )
            .because("a stream has no name to tell it; set the format in the properties")),
            format => Ok(format),
        }
    }

    /// Checks all rules that the properties must keep when the data is of `format`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], naming every violation at once.
    pub fn check(&self, format: DataFormat) -> Result<()> {
        let wrong: Vec<String> = [
            self.mapping_violations(format),
            self.tag_violations(),
            self.clashes(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(
            Error::new(ErrorKind::InvalidInput, "check the ingestion properties")
                .with("database", &self.database)
                .with("table", &self.table)
                .because(wrong.join("; ")),
        )
    }

    fn mapping_violations(&self, format: DataFormat) -> Vec<String> {
        let Some(mapping) = &self.mapping else {
            return Vec::new();
        };
        let (expected, actual) = (format.mapping_kind(), mapping.kind());
        if expected != actual {
            return vec![format!(
                "format {format} needs a mapping of kind {expected}, this one is of kind {actual}"
            )];
        }
        match mapping {
            IngestionMapping::Inline { columns, .. }
                if matches!(format, DataFormat::Txt | DataFormat::Raw) =>
            {
                columns
                    .iter()
                    .filter(|column| column.ordinal.is_some_and(|place| place > 0))
                    .map(|column| {
                        format!(
                            "column {:?} must have ordinal 0: format {format} has one field",
                            column.column
                        )
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn tag_violations(&self) -> Vec<String> {
        [
            ("additional tag", &self.additional_tags),
            ("drop-by tag", &self.drop_by_tags),
            ("ingest-by tag", &self.ingest_by_tags),
            ("ingest-if-not-exists tag", &self.ingest_if_not_exists),
        ]
        .into_iter()
        .flat_map(|(what, tags)| tags.iter().map(move |tag| (what, tag)))
        .filter(|(_, tag)| tag.trim().is_empty() || tag.contains('\0'))
        .map(|(what, tag)| format!("{what} {tag:?} must be text"))
        .collect()
    }

    /// Additional properties that repeat a typed property, or that only the client may set.
    fn clashes(&self) -> Vec<String> {
        let inline = matches!(self.mapping, Some(IngestionMapping::Inline { .. }));
        let reference = matches!(self.mapping, Some(IngestionMapping::Reference { .. }));
        let tagged = [&self.additional_tags, &self.drop_by_tags, &self.ingest_by_tags]
            .iter()
            .any(|t| !t.is_empty());
        let typed = [
            ("authorizationContext", true),
            ("format", true),
            ("tags", tagged),
            ("ingestIfNotExists", !self.ingest_if_not_exists.is_empty()),
            ("ingestionMapping", inline || reference),
            ("ingestionMappingReference", inline || reference),
            ("ingestionMappingType", inline || reference),
            ("validationPolicy", self.validation_policy.is_some()),
            ("ignoreFirstRecord", self.ignore_first_record.is_some()),
            ("creationTime", self.creation_time.is_some()),
            ("zipPattern", self.zip_pattern.is_some()),
            ("extend_schema", self.extend_schema.is_some()),
            ("recreate_schema", self.recreate_schema.is_some()),
        ];
        let taken = |name: &str| {
            typed
                .iter()
                .any(|(known, set)| *set && known.eq_ignore_ascii_case(name))
        };
        let mut wrong = Vec::new();
        for (at, (name, _)) in self.additional_properties.iter().enumerate() {
            let repeated = self.additional_properties[..at]
                .iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(name));
            if taken(name) || repeated {
                wrong.push(format!("property {name:?} is set twice"));
            }
        }
        wrong
    }
}
