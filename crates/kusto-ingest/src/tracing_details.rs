//! Who ingests, as the service's logs will say: in the headers of requests, and in the messages on the queue.

use kusto_connection::ConnectionString;

/// The same details for the two places where they are told.
pub(crate) struct Tracing {
    pub(crate) headers: kusto_endpoint::ClientDetails,
    pub(crate) message: kusto_ingest_message::ClientDetails,
}

impl Tracing {
    /// What the program says of itself, else what the connection string says.
    pub(crate) fn new(
        connection: &ConnectionString,
        application: Option<String>,
        version: Option<String>,
    ) -> Self {
        let mut headers = kusto_endpoint::ClientDetails::default();
        let mut message = kusto_ingest_message::ClientDetails::this_library();
        if let Some(user) = connection.user_name_for_tracing() {
            headers = headers.with_user(user);
        }
        let name = application.or_else(|| connection.application_name_for_tracing().map(str::to_owned));
        if let Some(name) = name {
            let shown = match version {
                Some(version) => format!("{name}/{version}"),
                None => name,
            };
            headers = headers.with_application(shown.clone());
            message = message.with_application(shown);
        }
        Self { headers, message }
    }
}
