//! Commands of ingestion: what is issued for it, and the ingest commands themselves.

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::args::Args;
use super::grammar::CommandSpec;
use super::session::{Action, TableRef, action};
use crate::RequestKind;
use crate::answer::table_of;
use crate::ingest_command;

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(
        ".get ingestion resources",
        RequestKind::IngestionResources,
        resources,
    ),
    CommandSpec::new(
        ".show ingestion resources",
        RequestKind::IngestionResources,
        resources,
    ),
    CommandSpec::new(".get kusto identity token", RequestKind::IdentityToken, token),
    CommandSpec::new(".create tempstorage", RequestKind::TempStorage, temp_storage),
    CommandSpec::new(".show export containers", RequestKind::TempStorage, containers),
    CommandSpec::new(
        ".ingest {async} into table TABLE ('uri', …) {with (…)}",
        RequestKind::Ingest,
        ingest,
    ),
    CommandSpec::new(
        ".ingest inline {into table TABLE with (…)} <| data",
        RequestKind::IngestInline,
        ingest_inline,
    ),
    CommandSpec::new(
        ".ingest csv stream {into table TABLE} <| base64",
        RequestKind::IngestInline,
        ingest_csv,
    ),
    CommandSpec::new(
        ".ingest compressed csv stream {into table TABLE} <| base64",
        RequestKind::IngestInline,
        ingest_csv,
    ),
    CommandSpec::new(
        ".clear table TABLE cache streamingingestion schema",
        RequestKind::ClearSchemaCache,
        clear_of_table,
    ),
    CommandSpec::new(
        ".clear database cache streamingingestion schema",
        RequestKind::ClearSchemaCache,
        clear_of_database,
    ),
    CommandSpec::new(
        ".refresh database DATABASE table TABLE cache ingestionbatchingpolicy",
        RequestKind::Change,
        refresh_of_table,
    ),
    CommandSpec::new(
        ".refresh database DATABASE cache ingestionbatchingpolicy",
        RequestKind::Change,
        refresh_of_database,
    ),
];

fn resources(_args: &mut Args<'_>) -> Result<Action> {
    action(|session| session.kusto.resource_table())
}

fn token(_args: &mut Args<'_>) -> Result<Action> {
    action(|session| Ok(session.kusto.token_table()))
}

fn temp_storage(_args: &mut Args<'_>) -> Result<Action> {
    action(|session| session.kusto.container_table(1))
}

fn containers(_args: &mut Args<'_>) -> Result<Action> {
    action(|session| session.kusto.container_table(usize::MAX))
}

fn ingest(args: &mut Args<'_>) -> Result<Action> {
    let ingest = ingest_command::from_blobs(&mut args.lexer)?;
    action(move |session| session.kusto.ingest(session, ingest))
}

fn ingest_inline(args: &mut Args<'_>) -> Result<Action> {
    let ingest = ingest_command::inline(&mut args.lexer)?;
    action(move |session| session.kusto.ingest(session, ingest))
}

fn ingest_csv(args: &mut Args<'_>) -> Result<Action> {
    let ingest = ingest_command::stream(&mut args.lexer)?;
    action(move |session| session.kusto.ingest(session, ingest))
}

fn clear_of_table(args: &mut Args<'_>) -> Result<Action> {
    let table = args.table()?;
    action(move |session| {
        // Nothing is cached here; that the table is missing is told all the same.
        let database = table.database.as_deref().unwrap_or(&session.database);
        session.catalog(|catalog| catalog.table(database, &table.table).map(drop))?;
        Ok(nodes())
    })
}

fn clear_of_database(_args: &mut Args<'_>) -> Result<Action> {
    action(|_| Ok(nodes()))
}

fn nodes() -> crate::AnswerTable {
    table_of(&[("NodeId", ScalarType::String), ("Status", ScalarType::String)])
        .with_row(["Fake", "Succeeded"])
}

/// What is changed here is obeyed at once.
fn refresh_of_table(args: &mut Args<'_>) -> Result<Action> {
    let (database, table) = (args.name()?, args.name()?);
    let table = TableRef {
        database: Some(database),
        table,
    };
    action(move |session| {
        session.table(&table, |_, _| Ok(()))?;
        Ok(nodes())
    })
}

fn refresh_of_database(args: &mut Args<'_>) -> Result<Action> {
    let database = args.name()?;
    action(move |session| {
        session.database(Some(&database), |_| Ok(()))?;
        Ok(nodes())
    })
}
