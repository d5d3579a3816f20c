//! `kusto-ingest emulator`: a local emulator, until somebody ends it.

use std::collections::HashMap;

use kusto_emulator::Emulator;
use kusto_ingest::properties::{DatabaseName, TableName};
use kusto_ingest_decode::Schema;
use serde::Serialize;

use super::interrupt::Interrupt;
use crate::args::EmulatorArgs;
use crate::report::{self, CommandError, Exit};

/// The first line on standard output, once it listens.
#[derive(Serialize)]
struct Ready<'a> {
    cluster: String,
    databases: Vec<&'a str>,
    tables: Vec<String>,
}

/// The variables by which clients of Go, Python (two of its libraries) and Node believe a further authority.
const CA_VARIABLES: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// Serves until SIGINT, SIGTERM or SIGHUP.
///
/// # Errors
/// Arguments that cannot be used, a port that is taken.
pub(crate) async fn run(args: EmulatorArgs) -> Result<Exit, CommandError> {
    let mut databases = databases(&args)?;
    let mut builder = Emulator::builder()
        .with_port(args.port)
        .with_limits(args.limits.limits())
        .with_server_limits(args.limits.server_limits());
    for database in &databases {
        builder = builder.with_database(database.clone());
    }
    let mut tables = Tables::default();
    let asked_for = databases.clone();
    for spec in &args.tables {
        let (database, table, schema) = spec.place(&asked_for)?;
        if !tables.add(&database, &table, schema)? {
            continue;
        }
        // The name of a database has no case.
        let name = database.as_str().to_lowercase();
        if databases
            .iter()
            .all(|known| known.as_str().to_lowercase() != name)
        {
            databases.push(database.clone());
        }
        builder = builder.with_table(database, table, schema.clone());
    }
    builder = args.start.set(args.tls.set(builder));
    if args.hold {
        builder = builder.with_ingestion_paused();
    }
    let first = databases.first().cloned();
    let first = first.unwrap_or_else(DatabaseName::net_default);
    for seed in &args.start.seeds {
        builder = builder.with_seed(first.clone(), seed);
    }
    // Before anybody is told that it is ready, so that it ends well from then on.
    let mut interrupt = Interrupt::listen()?;
    let emulator = builder
        .start()
        .await
        .map_err(|error| CommandError::unusable(&error))?;
    prepare(&args, &emulator).await?;
    if args.start.print_env {
        print_variables(&args, &emulator)?;
    } else {
        let (databases, tables) = present(&emulator, &databases, tables);
        print_ready(&emulator, &databases, tables)?;
    }
    interrupt.pressed().await;
    emulator.shutdown().await;
    Ok(Exit::Done)
}

/// The tables that are made.
#[derive(Default)]
struct Tables {
    columns: HashMap<(String, TableName), String>,
    /// As the first line has them.
    shown: Vec<String>,
}

impl Tables {
    /// Takes a table, and says whether it is new.
    fn add(
        &mut self,
        database: &DatabaseName,
        table: &TableName,
        schema: &Schema,
    ) -> Result<bool, CommandError> {
        let columns = schema.to_string();
        // The name of a database has no case.
        let name = (database.as_str().to_lowercase(), table.clone());
        match self.columns.get(&name) {
            Some(known) if *known == columns => Ok(false),
            Some(known) => Err(CommandError::usage(format!(
                "--table names {database}.{table} twice, with the columns ({known}) and ({columns}): name it once"
            ))),
            None => {
                self.shown.push(format!("{database}.{table}({columns})"));
                self.columns.insert(name, columns);
                Ok(true)
            }
        }
    }
}

/// What goes wrong and lies on the disk before anybody is told that it is ready.
async fn prepare(args: &EmulatorArgs, emulator: &Emulator) -> Result<(), CommandError> {
    emulator
        .save()
        .await
        .map_err(|error| CommandError::unusable(&error))?;
    for preset in args.start.presets() {
        emulator
            .inject(preset)
            .map_err(|error| CommandError::unusable(&error))?;
    }
    if let Some(warning) = args.start.warning() {
        report::warning(warning);
    }
    if let Some((file, certificate)) = args.tls.tls_ca.as_ref().zip(emulator.certificate_authority()) {
        std::fs::write(file, certificate).map_err(|error| {
            CommandError::usage(format_args!("{} cannot be written: {error}", file.display()))
        })?;
    }
    Ok(())
}

/// Variables for a shell, in single quotes.
fn print_variables(args: &EmulatorArgs, emulator: &Emulator) -> Result<(), CommandError> {
    let mut variables = vec![("KUSTO_CLUSTER", emulator.cluster())];
    if let Some(file) = &args.tls.tls_ca {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let file = file.display().to_string();
        variables.extend(CA_VARIABLES.map(|name| (name, file.clone())));
    }
    let lines = variables
        .iter()
        .map(|(name, value)| format!("export {name}='{}'", value.replace('\'', "'\\''")));
    tolerant(report::print(&lines.collect::<Vec<_>>().join("\n")))
}

/// The databases and tables that are there: those that were asked for, and behind them what seeds and a folder have brought.
fn present(emulator: &Emulator, databases: &[DatabaseName], tables: Tables) -> (Vec<String>, Vec<String>) {
    let mut databases: Vec<String> = databases.iter().map(|name| name.as_str().to_owned()).collect();
    let (mut shown, asked_for) = (tables.shown, tables.columns);
    for found in emulator.fake().table_summaries() {
        let name = found.database.to_lowercase();
        let is_asked_for =
            |(database, table): &(String, TableName)| *database == name && table.as_str() == found.table;
        if !asked_for.keys().any(is_asked_for) {
            shown.push(format!("{}.{}({})", found.database, found.table, found.schema));
        }
        if databases.iter().all(|known| known.to_lowercase() != name) {
            databases.push(found.database);
        }
    }
    (databases, shown)
}

/// One line of JSON.
fn print_ready(emulator: &Emulator, databases: &[String], tables: Vec<String>) -> Result<(), CommandError> {
    let ready = Ready {
        cluster: emulator.cluster(),
        databases: databases.iter().map(String::as_str).collect(),
        tables,
    };
    let ready = serde_json::to_string(&ready).map_err(|error| CommandError::new(Exit::Bug, error))?;
    tolerant(report::print(&ready))
}

/// Whoever chose the port need not read it here.
fn tolerant(printed: Result<(), CommandError>) -> Result<(), CommandError> {
    match printed {
        Err(error) if error.exit == Exit::ClosedPipe => Ok(()),
        printed => printed,
    }
}

/// The databases that were asked for; without any, the one that is always there.
fn databases(args: &EmulatorArgs) -> Result<Vec<DatabaseName>, CommandError> {
    if args.databases.is_empty() {
        return Ok(vec![DatabaseName::net_default()]);
    }
    let names = args.databases.iter().map(|name| DatabaseName::parse(&**name));
    names
        .collect::<Result<_, _>>()
        .map_err(|error| CommandError::unusable(&error))
}
