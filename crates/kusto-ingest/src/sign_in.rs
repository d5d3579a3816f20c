//! Which connection strings this version can use.

use kusto_connection::{AuthMethod, ConnectionString};
use kusto_ingest_core::{Error, ErrorKind, Result};

use crate::builder::unreadable;

/// Lets through what needs no sign-in: a loopback address, or a connection string that says so.
pub(crate) fn check(connection: &ConnectionString) -> Result<()> {
    let method = connection
        .auth_method()
        .map_err(|error| unreadable("read the sign-in of the connection string", error))?;
    match method {
        AuthMethod::Anonymous => Ok(()),
        AuthMethod::Unspecified if connection.is_loopback() => Ok(()),
        method => Err(Error::new(ErrorKind::Unauthenticated, "sign in")
            .with("cluster", connection.data_source())
            .with("method", method.name())
            .because(
                "this version does not sign in yet; it reaches the emulator at a loopback address, \
                 and clusters that need no sign-in when the connection string says Fed=false",
            )),
    }
}
