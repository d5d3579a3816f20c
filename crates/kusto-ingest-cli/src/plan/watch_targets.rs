//! The TOML file that says which files go into which tables.

use std::path::{Path, PathBuf};

use kusto_ingest::mapping::IngestionMapping;
use kusto_ingest::properties::{DataFormat, DatabaseName, IngestionProperties, TableName};
use kusto_ingest_watch::{WatchTarget, WatchTargets};
use serde::Deserialize;

use crate::report::CommandError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetFile {
    target: Vec<TargetEntry>,
}

/// What is said of files whose paths match.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TargetEntry {
    pattern: String,
    database: String,
    table: String,
    format: Option<String>,
    mapping_ref: Option<String>,
    /// Beside the file of targets, unless it is absolute.
    mapping_file: Option<PathBuf>,
    #[serde(default)]
    ignore_first_record: bool,
    #[serde(default)]
    flush_immediately: bool,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    drop_by: Vec<String>,
    #[serde(default)]
    ingest_by: Vec<String>,
}

/// Reads the file.
///
/// # Errors
/// It cannot be read, or one of its targets cannot be used.
pub(crate) fn read(file: &Path) -> Result<WatchTargets, CommandError> {
    let refused = |why: String| {
        CommandError::usage(format!("--targets {} cannot be used: {why}", file.display()))
            .with_page("docs/guide/watching.md")
    };
    let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    let read: TargetFile = toml::from_str(&text).map_err(|error| refused(error.message().to_owned()))?;
    if read.target.is_empty() {
        return Err(refused("it has no [[target]]".to_owned()));
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    let targets = read.target.into_iter().map(|entry| {
        let pattern = entry.pattern.clone();
        target(entry, folder).map_err(|why| refused(format!("the target {pattern:?}: {why}")))
    });
    targets.collect()
}

/// The files that a file of targets names, as far as it can be read.
pub(crate) fn mapping_files(file: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let targets = toml::from_str::<TargetFile>(&text).map_or_else(|_| Vec::new(), |read| read.target);
    let folder = file.parent().unwrap_or(Path::new("."));
    let named = targets.into_iter().filter_map(|entry| entry.mapping_file);
    named.map(|path| folder.join(path)).collect()
}

fn target(entry: TargetEntry, folder: &Path) -> Result<WatchTarget, String> {
    let words = |error: kusto_ingest::Error| error.chain();
    let database = DatabaseName::parse(entry.database).map_err(words)?;
    let table = TableName::parse(entry.table).map_err(words)?;
    let mut properties = IngestionProperties::new(database, table)
        .with_additional_tags(&entry.tags)
        .with_drop_by_tags(&entry.drop_by)
        .with_ingest_by_tags(&entry.ingest_by);
    let format = match &entry.format {
        Some(format) => Some(format.parse::<DataFormat>().map_err(words)?),
        None => DataFormat::from_name(&entry.pattern),
    };
    if let Some(format) = format {
        properties = properties.with_format(format);
    }
    properties.mapping = match (&entry.mapping_ref, &entry.mapping_file, format) {
        (Some(_), Some(_), _) => return Err("mapping-ref and mapping-file exclude one another".to_owned()),
        (None, None, _) => None,
        (.., None) => return Err("a mapping wants its format".to_owned()),
        (Some(name), None, Some(format)) => {
            Some(IngestionMapping::reference(format.mapping_kind(), name).map_err(words)?)
        }
        (None, Some(path), Some(format)) => {
            let path = folder.join(path);
            let json = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            Some(IngestionMapping::from_json_bytes(format.mapping_kind(), &json).map_err(words)?)
        }
    };
    if entry.ignore_first_record {
        properties = properties.with_ignore_first_record();
    }
    if entry.flush_immediately {
        properties = properties.with_flush_immediately();
    }
    if let Some(format) = format {
        properties.check(format).map_err(words)?;
    }
    WatchTarget::new(&entry.pattern, properties).map_err(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<WatchTargets, String> {
        // Each test has a thread of its own.
        let thread = std::thread::current().id();
        let name = format!("kusto-ingest-targets-{}-{thread:?}.toml", std::process::id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, text).unwrap();
        let targets = read(&file).map_err(|error| error.message);
        std::fs::remove_file(file).unwrap();
        targets
    }

    #[test]
    fn the_first_target_that_matches_says_where_a_file_goes_and_how() {
        let targets = read_text(
            "[[target]]\npattern = 'sales/*.csv'\ndatabase = 'D'\ntable = 'Sales'\nignore-first-record = true\n\
             [[target]]\npattern = '*'\ndatabase = 'D'\ntable = 'Other'\nformat = 'json'\nmapping-ref = 'm'\n",
        )
        .unwrap();
        let sales = targets.of("sales/a.csv").unwrap();
        assert_eq!(
            (sales.table.as_str(), sales.ignore_first_record),
            ("Sales", Some(true))
        );
        let other = targets.of("b").unwrap();
        assert_eq!((other.table.as_str(), other.mapping.is_some()), ("Other", true));
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_what_is_wrong() {
        let entry = "[[target]]\npattern = '*'\ndatabase = 'D'\ntable = 'T'\n";
        for (text, why) in [
            ("target = []\n".to_owned(), "no [[target]]"),
            (format!("{entry}tabel = 1\n"), "unknown field `tabel`"),
            (format!("{entry}format = 'cvs'\n"), "the target \"*\""),
            (format!("{entry}mapping-ref = 'm'\n"), "wants its format"),
            (
                format!("{entry}format = 'csv'\nmapping-file = '/not/there'\n"),
                "/not/there",
            ),
            (entry.replace("'*'", "'a['"), "read the pattern"),
            ("[[target]]\npattern = 'a'\n".to_owned(), "missing field"),
        ] {
            let refused = read_text(&text).unwrap_err();
            assert!(refused.contains(why), "{why}: {refused}");
        }
    }
}
