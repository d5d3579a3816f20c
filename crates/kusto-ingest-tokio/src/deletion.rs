//! Deletes a file that was ingested, and no other.

mod claimed;
mod duplicates;
mod interrupted;

use std::path::Path;

use kusto_ingest_core::Result;

use self::claimed::ClaimedFile;
use crate::file_state::FileState;
use crate::runtime;

pub use duplicates::find_duplicate;
pub use interrupted::interrupted_deletions;

const DELETE: &str = "delete the ingested file";

/// Deletes a file, if it is still what was read.
///
/// It is moved to a name of its own in its folder, looked at there, and deleted. So whatever is put in its place
/// meanwhile stays. A file that turns out to be another than was read gets its name back, unless something else has
/// that name by then: nothing is ever overwritten, and the error tells where the file is. Only bytes that a program
/// writes in the very moment of the deletion, through a handle that it holds already, are lost.
///
/// A symbolic link is not deleted, and neither is what it leads to.
///
/// # Errors
/// [`ErrorKind::SourceNotReadable`](kusto_ingest_core::ErrorKind::SourceNotReadable) when it has changed since;
/// [`SourceNotFound`](kusto_ingest_core::ErrorKind::SourceNotFound) when it is gone already;
/// [`Forbidden`](kusto_ingest_core::ErrorKind::Forbidden) when the folder does not allow it;
/// [`Unsupported`](kusto_ingest_core::ErrorKind::Unsupported) for a symbolic link, and outside of a tokio runtime. All
/// name the path.
///
/// # Cancel safety
/// A deletion that has begun goes on to its end when the future is dropped. [`interrupted_deletions`] finds files that
/// a process left behind which was stopped in the middle of a deletion.
pub async fn delete_if_unchanged(path: impl AsRef<Path>, read: FileState) -> Result<()> {
    let path = path.as_ref().to_owned();
    let delete = move || {
        claimed::check(&path, read)?;
        ClaimedFile::take(&path)?.delete(read)
    };
    runtime::blocking(DELETE, delete).await?
}
