//! What is there before a test begins: scripts of commands, and files named after their tables.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use kusto_endpoint::{ManagementEndpoint, RequestProperties};
use kusto_fake::FakeKusto;
use kusto_ingest_core::{DataFormat, DatabaseName, Error, ErrorKind, Result, TableName};
use kusto_storage::{BlobName, BlobStore};

use crate::Emulator;

impl Emulator {
    /// Runs a script of commands, each on a line of its own with those that continue it.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for text in which no command is, such as data.
    ///
    /// That of the first command that fails; those before it have been run.
    pub async fn run_script(&self, database: &DatabaseName, script: &str) -> Result<()> {
        run_script(self.fake(), database, script).await
    }

    /// Has what a script or a folder says from now on, and brings it back at each [`reset`](Self::reset).
    ///
    /// A file is a script. Of a folder, files `*.kql` are run first, in the order of their names; every other file goes into
    /// the table that it is named after, such as `Weather.csv` or `Weather.json.gz`, in the format of its extension and
    /// without a header. Folders in it are databases.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what cannot be read or has no format, and the service's own.
    pub async fn seed(&self, database: &DatabaseName, path: &Path) -> Result<()> {
        seed(self.fake(), database, path).await
    }
}

async fn run_script(fake: &FakeKusto, database: &DatabaseName, script: &str) -> Result<()> {
    let mut lines = script
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty());
    if lines.clone().any(|line| !line.starts_with("//")) && !lines.any(|line| line.starts_with('.')) {
        return Err(Error::new(ErrorKind::InvalidInput, "run the script")
            .because("it has text and no command; a command begins with a dot"));
    }
    let command = format!(".execute database script with (ThrowOnErrors=true) <|\n{script}");
    fake.execute(database, &command, &RequestProperties::new())
        .await?;
    Ok(())
}

/// As [`Emulator::seed`], also where nothing serves yet.
pub(crate) async fn seed(fake: &FakeKusto, database: &DatabaseName, path: &Path) -> Result<()> {
    if !path.is_dir() {
        let script = read(path).await?;
        let script = String::from_utf8(script).map_err(|_| refuse(path, "it is not UTF-8"))?;
        run_script(fake, database, &script)
            .await
            .map_err(|error| error.with("script", path.display()))?;
        fake.set_start();
        return Ok(());
    }
    let (folders, files): (Vec<_>, Vec<_>) = listed(path).await?.into_iter().partition(|path| path.is_dir());
    let is_script = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "kql");
    let (scripts, data): (Vec<_>, Vec<_>) = files.into_iter().partition(is_script);
    for script in scripts {
        Box::pin(seed(fake, database, &script)).await?;
    }
    for file in data {
        load(fake, database, &file).await?;
    }
    for folder in folders {
        let name = folder
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let database = DatabaseName::parse(name)?;
        fake.create_database(&database);
        Box::pin(seed(fake, &database, &folder)).await?;
    }
    fake.set_start();
    Ok(())
}

/// Ingests a file into the table that it is named after.
async fn load(fake: &FakeKusto, database: &DatabaseName, file: &Path) -> Result<()> {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let table = TableName::parse(name.split('.').next().unwrap_or_default())?;
    let format = DataFormat::from_name(name).ok_or_else(|| refuse(file, "its extension names no format"))?;
    let issued = fake.issued_resources()?;
    let container = issued
        .containers
        .first()
        .ok_or_else(|| refuse(file, "there is no container"))?;
    let blob = BlobName::parse(name)?;
    let body = Bytes::from(read(file).await?);
    fake.storage().put(container, &blob, body).await?;
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    let command = format!(
        ".ingest into table ['{}'] (h'{}') with (format='{}')",
        quoted(table.as_str()),
        quoted(container.blob(&blob)?.expose()),
        format,
    );
    let ran = fake.execute(database, &command, &RequestProperties::new()).await;
    ran.map_err(|error| error.with("file", file.display()))?;
    Ok(())
}

/// What is in a folder, by name; what begins with a dot is left out.
async fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder.to_owned();
    blocking(move || {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))? {
            let entry = entry.map_err(|error| unreadable(&folder, error))?;
            if !entry.file_name().to_string_lossy().starts_with('.') {
                paths.push(entry.path());
            }
        }
        paths.sort();
        Ok(paths)
    })
    .await
}

async fn read(file: &Path) -> Result<Vec<u8>> {
    let file = file.to_owned();
    blocking(move || std::fs::read(&file).map_err(|error| unreadable(&file, error))).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Error::new(ErrorKind::Io, "seed the emulator")))
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    refuse(path, "it cannot be read").caused_by(error)
}

fn refuse(path: &Path, why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, "seed the emulator")
        .because(why)
        .with("path", path.display())
}
