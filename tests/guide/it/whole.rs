//! The lists that the tables are written from are whole: they have what the definitions in the sources have.

use std::fmt::Debug;

use kusto_ingest::connection::Keyword;
use kusto_ingest::mapping::Transform;
use kusto_ingest::status::{FailureStatus, OperationStatus};
use kusto_ingest::{DataFormat, ErrorKind};

use crate::source::{text, variants};

/// Compares an enum with a list of its values. `Other` with a word is for what is not known, and is in no list.
fn is_whole<T: Debug>(file: &str, name: &str, list: impl Iterator<Item = T>) {
    let source = text(file);
    let mut defined = variants(&source, name);
    if source.contains("\n    Other(") {
        defined.retain(|variant| *variant != "Other");
    }
    let listed: Vec<String> = list.map(|value| format!("{value:?}")).collect();
    let missing = defined
        .iter()
        .filter(|it| !listed.iter().any(|listed| listed == *it));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new(), "{name}");
    assert_eq!(defined.len(), listed.len(), "{name}: {listed:?}");
}

#[test]
fn every_list_has_all_that_is_defined() {
    is_whole(
        "kusto-ingest-core/src/error/kind.rs",
        "ErrorKind",
        ErrorKind::all(),
    );
    is_whole("kusto-ingest-core/src/format.rs", "DataFormat", DataFormat::all());
    is_whole(
        "kusto-ingest-core/src/mapping/column.rs",
        "Transform",
        Transform::known(),
    );
    is_whole("kusto-connection/src/keyword.rs", "Keyword", Keyword::all());
    let message = "kusto-ingest-message/src/status.rs";
    is_whole(message, "OperationStatus", OperationStatus::known());
    is_whole(message, "FailureStatus", FailureStatus::known());
}

#[test]
fn variants_are_read_from_a_definition() {
    let source = "pub enum A {\n    /// B.\n    C,\n    #[x]\n    D(E),\n    F {\n        /// G.\n        g: H,\n    },\n}\n\npub enum I {\n    J,\n}\n";
    assert_eq!(variants(source, "A"), ["C", "D", "F"]);
}
