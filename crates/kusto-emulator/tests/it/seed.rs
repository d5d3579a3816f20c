//! Seeds: scripts and files that are there before a test begins, and again after a reset.

use std::path::Path;

use kusto_emulator::Emulator;
use kusto_ingest_core::DatabaseName;

struct Folder(std::path::PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("kusto-emulator-seed-{}", uuid::Uuid::new_v4()));
        for (name, text) in files {
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
            std::fs::write(file, text).expect("it can be written");
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

async fn seeded(path: &Path) -> kusto_ingest_core::Result<Emulator> {
    let emulator = Emulator::start().await?;
    emulator.seed(&DatabaseName::net_default(), path).await?;
    Ok(emulator)
}

fn count(emulator: &Emulator, database: &str, table: &str) -> usize {
    emulator.rows(database, table).expect("names").len()
}

#[tokio::test]
async fn a_folder_has_scripts_files_named_after_tables_and_databases() {
    let folder = Folder::new(&[
        (
            "tables.kql",
            "// two tables\n.create table Weather (day:datetime, wind:real)\n\n.create table ['my table'] (a:string)\n",
        ),
        ("Weather.csv", "2026-01-01,1.5\n2026-01-02,2\n"),
        ("my table.json", "{\"a\":\"x\"}\n"),
        ("Other/tables.kql", ".create table T (n:long)\n"),
        ("Other/T.tsv", "1\n2\n3\n"),
        (".hidden", "nothing"),
    ]);
    let emulator = seeded(&folder.0).await.expect("it is good");
    assert_eq!(count(&emulator, "NetDefaultDB", "Weather"), 2);
    assert_eq!(count(&emulator, "NetDefaultDB", "my table"), 1);
    assert_eq!(count(&emulator, "Other", "T"), 3);
    emulator
        .query("NetDefaultDB", ".drop table Weather")
        .expect("it is there");
    emulator.reset().await;
    assert_eq!(count(&emulator, "NetDefaultDB", "Weather"), 2);
}

#[tokio::test]
async fn what_cannot_be_seeded_is_named() {
    for (files, why) in [
        (&[("T.csv", "1\n")][..], "T.csv"),
        (&[("a.kql", ".create table T (n:word)\n")], "a.kql"),
        (&[("T.nothing", "1\n")], "T.nothing"),
    ] {
        let folder = Folder::new(files);
        let error = seeded(&folder.0).await.expect_err("it is bad");
        assert!(error.chain().contains(why), "{why}: {}", error.chain());
    }
    let error = seeded(Path::new("/no/such/file.kql"))
        .await
        .expect_err("it is not there");
    assert!(error.chain().contains("cannot be read"), "{}", error.chain());
}
