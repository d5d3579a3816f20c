//! The client details for the service's logs: from the program, its environment and the connection string.

use std::env;

use kusto_connection::ConnectionString;
use kusto_ingest_core::ClientDetails;

/// The details of this program: what it says of itself, else what the connection string says, else what can be seen of
/// it: the name of its file, the user of the operating system, and the compiler that built it.
pub(crate) fn client_details(
    connection: &ConnectionString,
    application: Option<String>,
    application_version: Option<&str>,
) -> ClientDetails {
    let library = ClientDetails::this_library().with_part("Runtime.Rust", env!("KUSTO_INGEST_RUSTC_VERSION"));
    let details = match connection.client_version_for_tracing() {
        Some(version) => library.with_version_suffix(version),
        None => library,
    };
    let told = application.or_else(|| connection.application_name_for_tracing().map(str::to_owned));
    let name = told.or_else(program_name).map(|name| match application_version {
        Some(version) => format!("{name}/{version}"),
        None => name,
    });
    let user = connection.user_name_for_tracing().map(str::to_owned);
    details
        .with_application(name.unwrap_or_default())
        .with_user(user.or_else(user_name).unwrap_or_default())
}

/// The name of the program's file, without its folder and extension.
fn program_name() -> Option<String> {
    let program = env::current_exe().ok()?;
    Some(program.file_stem()?.to_string_lossy().into_owned())
}

/// The user of the operating system, with the domain where there is one.
fn user_name() -> Option<String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let user = variable("USER").or_else(|| variable("USERNAME"))?;
    Some(match variable("USERDOMAIN") {
        Some(domain) => format!("{domain}\\{user}"),
        None => user,
    })
}
