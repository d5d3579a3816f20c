//! A Kusto that lives as long as the command.

mod left_out;

use kusto_emulator::Emulator;
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::{ErrorKind, Kusto};
use kusto_ingest_decode::Schema;

use crate::args::Destination;
use crate::plan::PlannedSource;
use crate::report::{self, CommandError, Outcome, RowsOutput, State};

/// A Kusto that lives as long as the command, with the table that the sources want.
#[derive(Debug)]
pub(super) struct Embedded {
    emulator: Emulator,
    has_table: bool,
}

impl Embedded {
    /// Starts it, with a table of these columns.
    ///
    /// # Errors
    /// The system has no port for it.
    pub(super) async fn start(
        destination: &Destination,
        schema: Option<&Schema>,
    ) -> Result<Self, CommandError> {
        let (database, table) = (destination.database.clone(), destination.table.clone());
        let builder = Emulator::builder().with_database(database.clone());
        let builder = match schema {
            Some(schema) => builder.with_table(database, table, schema.clone()),
            None => builder,
        };
        let unusable = |error: kusto_ingest::Error| match error.kind() {
            ErrorKind::Unsupported | ErrorKind::InvalidInput => CommandError::unusable(&error),
            _ => CommandError::failed(&error),
        };
        Ok(Self {
            emulator: builder.start().await.map_err(unusable)?,
            has_table: schema.is_some(),
        })
    }

    pub(super) fn cluster(&self) -> String {
        self.emulator.cluster()
    }

    /// Notes how many rows are in the table because of each source. Only the queue has books of sources: what came
    /// another way is known where it is a single source, since it brought what the others did not.
    pub(super) fn count_rows(&self, destination: &Destination, outcomes: &mut [Outcome]) {
        for outcome in outcomes.iter_mut() {
            let booked = self.emulator.fake().ingestion(outcome.source_id);
            outcome.rows = match (booked, outcome.state) {
                (Some(ingestion), _) => Some(ingestion.rows),
                (None, State::Failed | State::Skipped) => Some(0),
                (None, _) => None,
            };
        }
        let fake = self.emulator.fake();
        let all = fake.row_count(&destination.database, &destination.table);
        let booked: u64 = outcomes.iter().filter_map(|outcome| outcome.rows).sum();
        let mut others = outcomes.iter_mut().filter(|outcome| outcome.rows.is_none());
        if let (Some(only), None) = (others.next(), others.next())
            && only.state == State::Succeeded
        {
            only.rows = all.checked_sub(booked);
        }
    }

    /// What was left out of the table, or stored as null, of which a service says nothing: a line for each source.
    pub(super) fn left_out(
        &self,
        destination: &Destination,
        planned: &[PlannedSource],
        outcomes: &[Outcome],
    ) -> Vec<String> {
        let names = planned.iter().map(|planned| planned.found.called());
        let ids = outcomes.iter().map(|outcome| outcome.source_id);
        left_out::told(
            &destination.table,
            &ids.zip(names).collect::<Vec<_>>(),
            &self.emulator.fake().notes(),
        )
    }

    /// The first rows of the table, when there is one: so many at most, and all for 0. They are an extra: the report stands
    /// without them.
    pub(super) async fn first_rows(
        &self,
        kusto: &Kusto,
        destination: &Destination,
        (form, limit): (RowsOutput, u64),
    ) -> Option<String> {
        if !self.has_table {
            return None;
        }
        let name = destination
            .table
            .as_str()
            .replace('\\', "\\\\")
            .replace('\'', "\\'");
        let all = self
            .emulator
            .fake()
            .row_count(&destination.database, &destination.table);
        let shown = if limit == 0 { all } else { limit };
        let query = format!("['{name}'] | take {shown}");
        let properties = RequestProperties::new().with_option("notruncation", true);
        let queries = kusto.query_endpoint();
        match queries.query(&destination.database, &query, &properties).await {
            Ok(answer) => {
                let tables: Vec<_> = answer.primary().cloned().into_iter().collect();
                let (rows, _) = report::rows(&tables, form, Some(0));
                let which = match all > shown {
                    true => format!("The first {shown} of {all} rows"),
                    false => "The rows".to_owned(),
                };
                Some(format!("\n{which} of {}:\n{rows}", destination.table))
            }
            Err(error) => {
                report::note(&error.chain());
                None
            }
        }
    }
}
