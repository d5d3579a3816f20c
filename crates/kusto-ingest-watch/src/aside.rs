//! Files that are moved away: those that are done, and those that failed, each with a reason.

use std::io;
use std::path::{Path, PathBuf};

use kusto_ingest_core::{Error, SourceId, Timestamp, redact};
use kusto_ingest_tokio::FileState;
use kusto_ingest_tokio::internal::create_private_file;
use serde_json::json;

use crate::scan::FoundFile;

/// Why a file is where it was.
#[derive(Debug)]
pub(crate) enum NotMoved {
    /// It is gone, or not what it was.
    Changed,
    Failed(io::Error),
}

/// Moves a file below a folder, under the path that it had. What has that path already stays: the file gets its id as well.
pub(crate) async fn move_below(file: &FoundFile, folder: &Path, id: SourceId) -> Result<PathBuf, NotMoved> {
    let metadata = tokio::fs::symlink_metadata(&file.path).await;
    if !metadata.is_ok_and(|metadata| FileState::of(&metadata) == file.state) {
        return Err(NotMoved::Changed);
    }
    let place = free_place(file, folder, id).await.map_err(NotMoved::Failed)?;
    tokio::fs::rename(&file.path, &place)
        .await
        .map_err(NotMoved::Failed)?;
    Ok(place)
}

/// Where a file may be put below a folder; the folders on the way there are made.
async fn free_place(file: &FoundFile, folder: &Path, id: SourceId) -> io::Result<PathBuf> {
    let place = folder.join(&file.below);
    if let Some(parent) = place.parent() {
        tokio::fs::create_dir_all(parent).await?;
    }
    Ok(match tokio::fs::try_exists(&place).await? {
        false => place,
        true => with_ending(&place, &id.to_string()),
    })
}

/// Why a file is set aside.
#[derive(Debug)]
pub(crate) struct Reason<'r> {
    pub(crate) id: SourceId,
    pub(crate) error: &'r Error,
    /// Whether an earlier attempt was sent, and nobody knows whether it arrived.
    pub(crate) may_be_ingested: bool,
    pub(crate) at: Timestamp,
}

/// Writes down why a file failed, for its user alone, beside the place that it is moved to.
pub(crate) async fn write_reason(file: &FoundFile, folder: &Path, reason: &Reason<'_>) -> io::Result<()> {
    let Reason {
        id,
        error,
        may_be_ingested,
        at,
    } = reason;
    let place = free_place(file, folder, *id).await?;
    let reason = json!({
        "source": redact(&file.path.display().to_string()),
        "source_id": id,
        "at": at,
        "kind": format!("{:?}", error.kind()),
        "code": error.code(),
        "message": redact(&error.chain()),
        "may_be_ingested": may_be_ingested,
    });
    let path = with_ending(&place, "reason.json");
    let text = format!("{reason:#}\n");
    let write = move || {
        use std::io::Write as _;
        create_private_file(&path)?.write_all(text.as_bytes())
    };
    tokio::task::spawn_blocking(write)
        .await
        .map_err(io::Error::other)?
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(".");
    path.push(ending);
    path.into()
}
