//! `kusto-ingest doctor`: every hop between this machine and the table, looked at by harmless calls.

mod endpoint;
mod names;
mod network;
mod storage;
mod table;

use std::future::Future;
use std::time::Duration;

use kusto_ingest::clock::{Timestamp, within};
use kusto_ingest::endpoint::RequestProperties;
use kusto_ingest::properties::DatabaseName;
use kusto_ingest::{Error, ErrorKind, Kusto, Result};

use crate::args::{DoctorArgs, Variables, database, table};
use crate::report::{self, Check, CommandError, Exit, Output};
use crate::sign_in::{Access, ClusterSession};

/// How long each question may take.
const LIMIT: Duration = Duration::from_secs(15);

/// How long a question is asked again where it fails in passing: there are many of them.
const RETRY_FOR: Duration = Duration::from_secs(2);

/// By how much clocks may differ before SAS tokens and sign-ins are refused.
const SKEW: Duration = Duration::from_secs(60);

/// The database that every cluster has, for questions about no database of the user's.
const ANY_DATABASE: &str = "NetDefaultDB";

/// Looks at every hop, and prints a line for each.
///
/// # Errors
/// Arguments that cannot be used.
pub(crate) async fn run(
    args: DoctorArgs,
    variables: Variables<'_>,
) -> std::result::Result<Exit, CommandError> {
    let address = args.ask.address(variables)?;
    let connection = address.connection()?;
    let session = ClusterSession::open(
        &address,
        Access::asking(&args.ask).or_retry_for(RETRY_FOR),
        variables,
    )?;
    let place = match database(args.database.as_deref(), Some(&address), variables) {
        Ok(database) => Some((database, table(args.table.as_deref(), variables).ok())),
        Err(error) if args.database.is_some() => return Err(error),
        Err(_) => None,
    };
    let any = DatabaseName::parse(ANY_DATABASE).map_err(|error| CommandError::unusable(&error))?;
    let asked_in = place.as_ref().map_or(any, |(database, _)| database.clone());
    let hosts = (connection.engine_endpoint(), connection.ingestion_endpoint());
    let is_one =
        matches!(&hosts, (Ok(engine), Ok(ingestion)) if engine.url().host() == ingestion.url().host());
    let doctor = Doctor {
        kusto: &session.kusto,
        is_one,
        database: asked_in,
        hint: session.hint(),
    };
    let proxy = network::proxy(&args.ask.network, variables);
    let mut checks = vec![network::look_at_proxy(proxy.as_deref()).await];
    checks.extend(names::look(&connection, proxy.is_some()).await);
    let tls = doctor.tls(&connection, &args.ask.network).await;
    let is_cut_off = checks[0].is_failed() || tls.iter().all(Check::is_failed);
    checks.extend(tls);
    if is_cut_off {
        let why = "they are not asked: there is no way to them";
        checks.push(Check::skipped("endpoints, storage and table", why));
        return told(&checks, args.output);
    }
    checks.extend(doctor.endpoints().await);
    checks.extend(doctor.clock().await);
    checks.extend(doctor.storage().await);
    match place {
        Some((_, Some(table))) => checks.extend(doctor.table(&table, args.mapping_ref.as_deref()).await),
        _ => checks.push(Check::skipped(
            "table",
            "no database and table are named: give -d and -t",
        )),
    }
    told(&checks, args.output)
}

fn told(checks: &[Check], output: Output) -> std::result::Result<Exit, CommandError> {
    report::print(&report::checkup(checks, output))?;
    Ok(report::exit_of_checkup(checks))
}

/// All that questions are asked with.
struct Doctor<'a> {
    kusto: &'a Kusto,
    /// Whether both endpoints are one, as those of an emulator.
    is_one: bool,
    database: DatabaseName,
    /// What may help where the service wants to know who asks.
    hint: Option<&'static str>,
}

impl Doctor<'_> {
    /// Asks within the limit.
    async fn ask<T>(&self, what: &'static str, asking: impl Future<Output = Result<T>> + Send) -> Result<T> {
        within(&*self.kusto.clock(), LIMIT, what, asking).await
    }

    /// What a failure of a hop means, and what helps.
    fn failed(&self, hop: impl Into<String>, error: &Error) -> Check {
        let exit = match error.kind() {
            ErrorKind::Unauthenticated | ErrorKind::Forbidden => Exit::SignIn,
            ErrorKind::Connection
            | ErrorKind::Io
            | ErrorKind::Timeout
            | ErrorKind::Throttled
            | ErrorKind::Unavailable
            | ErrorKind::NoResources => Exit::Unavailable,
            _ => Exit::AllFailed,
        };
        Check::failed(hop, exit, error.chain(), self.remedy(error))
    }

    fn remedy(&self, error: &Error) -> String {
        let chain = error.chain().to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| chain.contains(word));
        let database = &self.database;
        match error.kind() {
            ErrorKind::Unauthenticated => self.hint.map_or_else(
                || "sign in anew, or another way (--auth); look at the tenant and at the clock of this machine".to_owned(),
                str::to_owned,
            ),
            ErrorKind::Forbidden => format!(
                "an administrator lets you ingest: .add database ['{database}'] ingestors ('aaduser=…' or 'aadapp=…')"
            ),
            _ if lacks_database(error) => format!("create the database {database}, or name another one by -d"),
            ErrorKind::WrongEndpoint => "name the cluster by its engine or ingestion address, https://CLUSTER.REGION.kusto.windows.net".to_owned(),
            _ if says(&["407", "proxy", "tunnel"]) => {
                "have the proxy let it pass; name it with its user by HTTPS_PROXY or --proxy, or none by --proxy none".to_owned()
            },
            _ if says(&["certificate", "tls", "handshake"]) => {
                "trust the authority that signs for your proxy: --ca-file FILE.pem".to_owned()
            }
            _ if says(&["dns", "lookup", "resolve"]) => {
                "look at the cluster's name; behind a private endpoint, its names must resolve in your network".to_owned()
            }
            ErrorKind::Connection | ErrorKind::Io | ErrorKind::Timeout => {
                "let this machine reach it over port 443, or name a proxy by --proxy".to_owned()
            }
            ErrorKind::Throttled | ErrorKind::Unavailable => "try again later; the cluster may be stopped or overloaded".to_owned(),
            _ => "see the words of the service".to_owned(),
        }
    }

    /// Whether this machine and the service agree on the time.
    async fn clock(&self) -> Vec<Check> {
        let hop = "clock";
        let (queries, properties) = (self.kusto.query_endpoint(), RequestProperties::new());
        let asking = queries.query(&self.database, "print now()", &properties);
        let answer = self.ask("ask for the time", asking).await;
        let told = answer.ok().and_then(|answer| {
            let cell = answer.primary()?.rows.first()?.first()?.as_str()?;
            Timestamp::parse(cell).ok()
        });
        let Some(theirs) = told else {
            return vec![Check::skipped(hop, "the service does not tell the time to you")];
        };
        let ours = self.kusto.clock().now();
        let off = ours.since(theirs).max(theirs.since(ours));
        vec![match off > SKEW {
            true => Check::failed(
                hop,
                Exit::AllFailed,
                format!("this machine is {off:.0?} off the service"),
                "set the clock of this machine: SAS tokens and sign-ins are refused by it",
            ),
            false => Check::ok(
                hop,
                format!("this machine agrees with the service ({off:.1?} apart)"),
            ),
        }]
    }
}

/// Whether the service has no database of the name that it was asked in.
fn lacks_database(error: &Error) -> bool {
    error.code().is_some_and(|code| code.contains("DatabaseNotExist"))
}
