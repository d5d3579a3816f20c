//! How a command signs in: what the connection string says, what the arguments add, and what is usual otherwise.

#[cfg(feature = "object-store")]
mod bucket;
mod listed;
mod listing;
mod method;
mod network;
mod secret;
mod storage;

pub(crate) use listed::{BlobFacts, Listed, ListedObject};
pub(crate) use listing::Listing;
pub(crate) use network::knock;
pub(crate) use storage::Containers;

use std::sync::Arc;
use std::time::Duration;

use kusto_ingest::auth::{AuthMethod, DeviceCodePrompt, ManagedIdentity};
use kusto_ingest::clock::TokioClock;
use kusto_ingest::connection::ConnectionString;
use kusto_ingest::{Error, ErrorKind, Kusto, KustoBuilder};

use crate::args::{
    Address, AskArgs, InFlight, IngestJob, LimitArgs, NetworkArgs, Protocol, Route, SignInArgs, SignInMethod,
    Target, Variables,
};
use crate::report::{self, CommandError};

/// The variable that says how to sign in where the arguments do not.
const KUSTO_AUTH: &str = "KUSTO_AUTH";

/// Where the guide explains it.
const PAGE: &str = "docs/guide/sign-in.md";

/// A cluster, and whether it learns who asks.
#[derive(Debug)]
pub(crate) struct ClusterSession {
    pub(crate) kusto: Kusto,
    /// How many sources are under way, of which the retries of this cluster are told.
    pub(crate) in_flight: InFlight,
    is_anonymous: bool,
}

/// How a cluster is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access<'a> {
    pub(crate) sign_in: &'a SignInArgs,
    pub(crate) network: &'a NetworkArgs,
    pub(crate) limits: LimitArgs,
    pub(crate) protocol: Protocol,
}

impl<'a> Access<'a> {
    /// As a command is to have it that only asks.
    pub(crate) fn asking(args: &'a AskArgs) -> Self {
        Self {
            sign_in: &args.sign_in,
            network: &args.network,
            limits: LimitArgs {
                retry_for: args.retry_for,
                ..LimitArgs::default()
            },
            protocol: Protocol::default(),
        }
    }

    /// Tries again for so long, where nothing was said.
    pub(crate) fn or_retry_for(self, limit: Duration) -> Self {
        let limits = LimitArgs {
            retry_for: self.limits.retry_for.or(Some(limit)),
            ..self.limits
        };
        Self { limits, ..self }
    }
}

/// Opens the cluster that a job is for; none where it is to have one of its own.
///
/// # Errors
/// As [`ClusterSession::open`].
pub(crate) fn open(
    job: &IngestJob,
    target: &Target,
    variables: Variables<'_>,
) -> Result<Option<ClusterSession>, CommandError> {
    let Target::Cluster(address) = target else {
        return Ok(None);
    };
    let access = Access {
        sign_in: &job.into.sign_in,
        network: &job.into.network,
        limits: job.route.limits(),
        protocol: job.route.protocol(),
    };
    ClusterSession::open(address, access, variables).map(Some)
}

impl ClusterSession {
    /// Reads what there is to know. Nothing is sent, but secrets are read from where they are.
    ///
    /// # Errors
    /// What cannot be used, contradicts each other, or is missing.
    pub(crate) fn open(
        address: &Address,
        access: Access<'_>,
        variables: Variables<'_>,
    ) -> Result<Self, CommandError> {
        let args = access.sign_in;
        let unreadable = |error| {
            let error = Error::new(ErrorKind::InvalidInput, "read the connection string").caused_by(error);
            CommandError::unusable(&error)
        };
        let connection = address.connection()?;
        if address.is_argument && connection.expose() != connection.to_string() {
            report::warning(
                "whoever lists the processes of this machine can read the secret in --cluster: \
                 set KUSTO_CLUSTER in its place",
            );
        }
        let said = connection.auth_method().map_err(unreadable)?;
        let choice = choose(&connection, &said, args, variables)?;
        let is_anonymous = choice.is_anonymous(&said);
        let builder = choice
            .builder(connection, args.tenant_id.clone())
            .with_device_code(show);
        let builder = network::set(access.network, builder)?;
        Self::connected(
            builder.with_protocol(access.protocol.option()),
            access.limits,
            is_anonymous,
        )
    }

    /// One that wants no sign-in.
    pub(crate) fn of_embedded(cluster: &str, route: &Route) -> Result<Self, CommandError> {
        let builder = Kusto::builder(cluster)?.with_protocol(route.protocol().option());
        Self::connected(builder, route.limits(), true)
    }

    fn connected(builder: KustoBuilder, limits: LimitArgs, is_anonymous: bool) -> Result<Self, CommandError> {
        let in_flight = InFlight::new(Arc::new(TokioClock::new()));
        Ok(Self {
            kusto: limits.set(builder, &in_flight).connect()?,
            in_flight,
            is_anonymous,
        })
    }

    /// What may help where the service wants to know who asks.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        self.is_anonymous
            .then_some("no sign-in was tried: choose one by --auth, or in the connection string")
    }

    /// Says what may help, where the service refused for want of a sign-in.
    pub(crate) fn explain(&self, error: &Error) {
        if error.kind() == ErrorKind::Unauthenticated {
            self.hint().iter().for_each(|hint| report::note(hint));
        }
    }
}

/// Who decides how to sign in.
#[derive(Debug, PartialEq)]
enum Choice {
    /// The connection string, or nobody on this machine.
    AsSaid,
    /// The arguments.
    By(AuthMethod),
    /// Nobody: these are tried.
    Chain([AuthMethod; 2]),
}

impl Choice {
    fn is_anonymous(&self, said: &AuthMethod) -> bool {
        match self {
            Self::AsSaid => !said.sends_token(),
            Self::By(method) => !method.sends_token(),
            Self::Chain(_) => false,
        }
    }

    /// What builds it. The tenant of the arguments is for ways that name none themselves; that of the connection string
    /// stays in it.
    fn builder(self, connection: ConnectionString, tenant: Option<String>) -> KustoBuilder {
        let builder = match self {
            Self::AsSaid => return KustoBuilder::new(connection),
            Self::By(method) => KustoBuilder::new(connection.with_auth(method)),
            Self::Chain(methods) => KustoBuilder::new(connection)
                .with_sign_in(|sign_in| Ok(sign_in.with_credential_chain(methods))),
        };
        match tenant {
            Some(tenant) => builder.with_sign_in(|sign_in| Ok(sign_in.with_tenant(tenant))),
            None => builder,
        }
    }
}

/// Decides who decides.
///
/// # Errors
/// The connection string and the arguments contradict each other, or something is missing.
fn choose(
    connection: &ConnectionString,
    said: &AuthMethod,
    args: &SignInArgs,
    variables: Variables<'_>,
) -> Result<Choice, CommandError> {
    let (way, origin) = match args.auth {
        Some(way) => (Some(way), "--auth"),
        None => (way_of_environment(variables)?, KUSTO_AUTH),
    };
    // `Fed=true` alone says that somebody signs in, and not how.
    let is_open = match said {
        AuthMethod::Unspecified => true,
        AuthMethod::UserPrompt { login_hint: None, .. } => way.is_some_and(|way| way != SignInMethod::None),
        _ => false,
    };
    if !is_open {
        return match way {
            Some(way) if !way.is(said) => Err(CommandError::usage(format!(
                "the connection string says how to sign in ({}), and {origin} says otherwise ({way})",
                said.name()
            ))
            .with_page(PAGE)),
            _ => refuse_details(said, args).map(|()| Choice::AsSaid),
        };
    }
    args.refuse_strangers(way)?;
    match way {
        Some(way) => method::find(way, connection, args, variables).map(Choice::By),
        None if connection.is_loopback() => Ok(Choice::AsSaid),
        None => {
            let identity = match args.client_id.clone().or_else(|| variables("AZURE_CLIENT_ID")) {
                Some(id) => ManagedIdentity::ClientId(id),
                None => ManagedIdentity::System,
            };
            Ok(Choice::Chain([
                AuthMethod::AzureCli,
                AuthMethod::ManagedIdentity(identity),
            ]))
        }
    }
}

fn way_of_environment(variables: Variables<'_>) -> Result<Option<SignInMethod>, CommandError> {
    variables(KUSTO_AUTH)
        .map(|text| text.trim().parse())
        .transpose()
        .map_err(|why: String| {
            CommandError::usage(format!("{KUSTO_AUTH} cannot be used: {why}")).with_page(PAGE)
        })
}

/// What the connection string says wholly needs no more words, and could only be contradicted.
fn refuse_details(said: &AuthMethod, args: &SignInArgs) -> Result<(), CommandError> {
    match args.details().first() {
        Some(detail) => Err(CommandError::usage(format!(
            "the connection string says how to sign in ({}), so that {detail} cannot be used",
            said.name()
        ))
        .with_page(PAGE)),
        None => Ok(()),
    }
}

/// Shows a user the code to enter. The words are those of the authority.
fn show(prompt: &DeviceCodePrompt) {
    let message: String = prompt.message.chars().filter(|it| !it.is_control()).collect();
    report::prompt(&message);
}

#[cfg(test)]
mod tests;
