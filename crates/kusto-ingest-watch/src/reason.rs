//! Files that say why others were set aside.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

/// What is added behind the name of a file that is set aside, and a point.
pub(crate) const ENDING: &str = "reason.json";

/// A field of such a file that others do not have.
pub(crate) const MAY_BE_INGESTED: &str = "may_be_ingested";

/// The longest of such a file, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Whether a file is one that a watch has written beside a file which it set aside, to say why: `….reason.json`. It blocks.
#[must_use]
pub fn is_reason(path: &Path) -> bool {
    let name = path.to_str().and_then(|text| text.strip_suffix(ENDING));
    name.is_some_and(|name| name.ends_with('.'))
        && read_reason(path).is_ok_and(|reason| reason.get(MAY_BE_INGESTED).is_some())
}

fn read_reason(path: &Path) -> io::Result<serde_json::Value> {
    let reason = File::open(path)?.take(LONGEST);
    serde_json::from_reader(BufReader::new(reason)).map_err(io::Error::other)
}
