//! The name of the blob, by which it can be traced to its source, and the deadline of the upload.

use std::borrow::Cow;

use kusto_ingest_compression::should_compress;
use kusto_ingest_core::{
    Compression, DataFormat, DatabaseName, Deadline, IngestionProperties, LocalSource, Result, TableName,
};
use kusto_storage::BlobName;

/// How many bytes a whole name may have. Azure Storage takes 1,024 letters, but a folder that is issued in place of a
/// container holds the blob as a file, and file systems take names of 255 bytes. Wherever the blob ends up, which is
/// not known yet, its name is the same.
const LONGEST_NAME: usize = 255;
/// How long database, table and stem may each be within the name.
const LONGEST_PART: usize = 120;
/// How long the source id is as text.
const ID_LENGTH: usize = 36;
/// How much of the stem is kept, however long database and table are.
const STEM_AT_LEAST: usize = 40;
const CUT: &str = "__trunc";

/// The target of an upload, from which the blob's name is made, and the deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobNaming {
    database: DatabaseName,
    table: TableName,
    format: DataFormat,
    ignores_size_limit: bool,
    deadline: Option<Deadline>,
}

impl BlobNaming {
    /// Names blobs for a target and a format.
    #[must_use]
    pub fn new(properties: &IngestionProperties, format: DataFormat) -> Self {
        Self {
            database: properties.database.clone(),
            table: properties.table.clone(),
            format,
            ignores_size_limit: properties.ignore_size_limit,
            deadline: None,
        }
    }

    /// Sets the deadline of the upload. Without one, only the uploader's retry policy bounds it.
    #[must_use]
    pub fn with_deadline(self, deadline: Option<Deadline>) -> Self {
        Self { deadline, ..self }
    }

    /// The deadline of the upload, if there is one.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        self.deadline
    }

    /// The format of the data.
    #[must_use]
    pub fn format(&self) -> DataFormat {
        self.format
    }

    /// Whether the size limit is ignored.
    #[must_use]
    pub fn ignores_size_limit(&self) -> bool {
        self.ignores_size_limit
    }

    /// `{database}__{table}__{source id}__{stem}[__{chunk}].{format}[.gz|.zip]`, every part of safe characters.
    ///
    /// The last extension tells how the bytes of the *blob* are compressed, because Kusto believes the name.
    ///
    /// The name has 255 bytes at most, so that it can be the name of a file, too. A part of more than 120 is cut; where
    /// the whole is still too long, the stem is shortened first, and then the longer of database and table. A part that
    /// was cut ends with `__trunc`. The source id and the number of the chunk stay whole.
    ///
    /// # Errors
    /// As [`BlobName::parse`]; the parts are cut so that it does not happen.
    pub fn blob_name(&self, source: &LocalSource) -> Result<BlobName> {
        self.named(source, None)
    }

    /// The [name](Self::blob_name) for one attempt at a container, with `__` and a random number of eight digits in
    /// front of the extensions: so that a blob of this name was put by this attempt.
    ///
    /// # Errors
    /// As [`blob_name`](Self::blob_name).
    pub fn attempt_blob_name(&self, source: &LocalSource, random: u32) -> Result<BlobName> {
        self.named(source, Some(random))
    }

    fn named(&self, source: &LocalSource, attempt: Option<u32>) -> Result<BlobName> {
        let compression = match source.compression() {
            Compression::None if should_compress(self.format, Compression::None) => Compression::Gzip,
            already => already,
        };
        let stem = source.name().map_or("stream", |name| stem_of(name, self.format));
        let chunk = source
            .chunk()
            .map_or_else(String::new, |chunk| format!("__{chunk:05}"));
        let attempt = attempt.map_or_else(String::new, |random| format!("__{random:08x}"));
        let (format, extension) = (self.format.wire_name(), compression.extension());
        let end = [&chunk, &attempt, ".", format, extension].concat();
        let room = LONGEST_NAME.saturating_sub(3 * "__".len() + ID_LENGTH + end.len());
        let parts = [self.database.as_str(), self.table.as_str(), stem].map(safe);
        let [database, table, stem] = fitted(room, parts);
        let id = source.id().to_string();
        BlobName::parse([&database, "__", &table, "__", &id, "__", &stem, &end].concat())
    }
}

/// The file name without folder, compression and format.
fn stem_of(name: &str, format: DataFormat) -> &str {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let (base, _) = Compression::split_extension(base);
    match base.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.eq_ignore_ascii_case(format.wire_name()) => {
            stem
        }
        _ => base,
    }
}

/// Keeps letters, digits, `.`, `_` and `-` of ASCII, turns the rest into `-`, and cuts what is too long.
fn safe(part: &str) -> Cow<'_, str> {
    let is_safe = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let safe = match part.chars().all(is_safe) {
        true => part.into(),
        false => part.replace(|letter| !is_safe(letter), "-").into(),
    };
    cut(safe, LONGEST_PART)
}

/// Cuts database, table and stem to what they may take together.
fn fitted(room: usize, [database, table, stem]: [Cow<'_, str>; 3]) -> [Cow<'_, str>; 3] {
    let left_for_stem = room.saturating_sub(database.len() + table.len());
    let stem = cut(stem, left_for_stem.max(STEM_AT_LEAST));
    let room = room.saturating_sub(stem.len());
    let left_for_database = room.saturating_sub(table.len());
    let database = cut(database, left_for_database.max(room / 2));
    let left_for_table = room.saturating_sub(database.len());
    [database, cut(table, left_for_table), stem]
}

/// Cuts a part of ASCII letters that is too long, and says so at its end.
fn cut(part: Cow<'_, str>, longest: usize) -> Cow<'_, str> {
    if part.len() <= longest {
        return part;
    }
    format!("{}{CUT}", &part[..longest.saturating_sub(CUT.len())]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-1111-4111-8111-111111111111";

    fn name(file: Option<&str>, database: &str, format: DataFormat) -> String {
        let properties = IngestionProperties::into_table(database, "t").unwrap();
        let mut source = LocalSource::from_bytes("x").with_id(ID.parse().unwrap());
        if let Some(file) = file {
            source = source.with_name(file);
        }
        BlobNaming::new(&properties, format)
            .blob_name(&source)
            .unwrap()
            .to_string()
    }

    #[test]
    fn the_name_tells_target_source_format_and_compression() {
        for (file, format, expect) in [
            (
                Some("/x/a.csv"),
                DataFormat::Csv,
                format!("db__t__{ID}__a.csv.gz"),
            ),
            (
                Some("a.csv.gz"),
                DataFormat::Csv,
                format!("db__t__{ID}__a.csv.gz"),
            ),
            (
                Some("a.csv.zip"),
                DataFormat::Csv,
                format!("db__t__{ID}__a.csv.zip"),
            ),
            (
                Some("p.parquet"),
                DataFormat::Parquet,
                format!("db__t__{ID}__p.parquet"),
            ),
            (
                Some("C:\\x\\my data.log"),
                DataFormat::Csv,
                format!("db__t__{ID}__my-data.log.csv.gz"),
            ),
            (Some(".csv"), DataFormat::Csv, format!("db__t__{ID}__.csv.csv.gz")),
            (None, DataFormat::Json, format!("db__t__{ID}__stream.json.gz")),
        ] {
            assert_eq!(name(file, "db", format), expect);
        }
    }

    #[test]
    fn s02_c90_the_name_of_a_chunk_bears_its_number_however_long_the_stem_is() {
        let properties = IngestionProperties::into_table("db", "t").unwrap();
        for (stem, expect) in [
            ("rows", "__rows".to_owned()),
            (&*"x".repeat(500), format!("__{}__trunc", "x".repeat(113))),
        ] {
            let chunk = LocalSource::from_bytes("x")
                .with_name(format!("{stem}.csv"))
                .with_chunk(2);
            let name = BlobNaming::new(&properties, DataFormat::Csv).blob_name(&chunk);
            let name = name.unwrap().to_string();
            assert!(name.ends_with(&format!("{expect}__00002.csv.gz")), "{name}");
        }
    }

    #[test]
    fn s02_c62_the_name_has_safe_characters_only() {
        assert!(name(None, "a b/ü", DataFormat::Csv).starts_with("a-b--__t__"));
        let long = name(None, &"d".repeat(500), DataFormat::Csv);
        assert!(
            long.starts_with(&format!("{}__trunc__t__", "d".repeat(113))),
            "{long}"
        );
    }
}
