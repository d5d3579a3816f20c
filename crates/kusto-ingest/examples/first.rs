//! The program of the README: a table, two rows, what became of them, and how many there are now.
//!
//! `kusto-ingest emulator --port 8080 --database Samples`, and `cargo run -p kusto-ingest --example first`
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use kusto_ingest::status::PollSchedule;
use kusto_ingest::{
    IngestClientExt, IngestionProperties, Kusto, LocalSource, ReportLevel, ReportMethod, Result,
};

#[tokio::main]
async fn main() -> Result<()> {
    ingest("http://localhost:8080").await
}

async fn ingest(cluster: &str) -> Result<()> {
    let kusto = Kusto::connect(cluster)?;
    let create = ".create-merge table Weather (at:datetime, wind:real)";
    kusto.command("Samples", create).await?;

    let source = LocalSource::from_bytes("2012-01-01,4.7\n2012-01-02,4.5\n").with_name("weather.csv");
    let properties = IngestionProperties::into_table("Samples", "Weather")?
        .with_flush_immediately()
        .with_reporting(ReportLevel::FailuresAndSuccesses, ReportMethod::Table);
    let receipt = kusto.queued().ingest(source, &properties).await?;
    println!("{} is {}", receipt.source_id, receipt.state);

    let record = kusto.wait_for(&receipt, &PollSchedule::interactive()).await?;
    println!("{} is {}", receipt.source_id, record.into_result()?.status);
    let counted = kusto.query("Samples", "Weather | count").await?;
    if let Some(table) = counted.primary() {
        println!("rows: {:?}", table.rows);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kusto_emulator::Emulator;
    use kusto_ingest::properties::DatabaseName;

    use super::ingest;

    /// This file from the first `use` to the tests.
    fn program() -> &'static str {
        let file = include_str!("first.rs");
        let (start, end) = (file.find("\nuse ").expect("it uses"), file.find("\n#[cfg(test)]"));
        file[start..end.expect("tests follow")].trim()
    }

    #[tokio::test]
    async fn the_program_of_the_readme_ingests_two_rows() {
        let samples = DatabaseName::parse("Samples").expect("a name");
        let emulator = Emulator::builder()
            .with_database(samples)
            .start()
            .await
            .expect("a free port");
        ingest(&emulator.cluster()).await.expect("it runs to its end");
        let kusto = kusto_ingest::Kusto::connect(&emulator.cluster()).expect("an address");
        let counted = kusto
            .query("Samples", "Weather | count")
            .await
            .expect("the table is there");
        assert_eq!(counted.tables[0].rows[0][0], 2);
    }

    #[tokio::test]
    async fn what_fails_is_returned_and_says_what_it_was() {
        let emulator = Emulator::start().await.expect("a free port");
        let error = ingest(&emulator.cluster())
            .await
            .expect_err("there is no such database");
        assert!(format!("{error:?}").contains("Samples"), "{error:?}");
    }

    #[test]
    fn both_readmes_show_this_program() {
        for (which, readme) in [
            ("the crate's", include_str!("../README.md")),
            ("the workspace's", include_str!("../../../README.md")),
        ] {
            assert!(readme.contains(program()), "{which} differs from:\n{}", program());
        }
    }
}
