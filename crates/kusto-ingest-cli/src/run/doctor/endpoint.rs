//! Both endpoints: whether they are reached, are of the right kind, and let somebody in who may ingest.

use std::sync::Arc;

use kusto_ingest::ErrorKind;
use kusto_ingest::endpoint::Dataset;
use kusto_ingest::endpoint::{ManagementEndpoint, RequestProperties};

use super::Doctor;
use crate::report::{Check, Exit};

impl Doctor<'_> {
    /// Both endpoints, and the right to ingest.
    pub(super) async fn endpoints(&self) -> Vec<Check> {
        let engine = self
            .endpoint("engine", self.kusto.engine_endpoint(), "Engine")
            .await;
        let ingestion = self.kusto.data_management();
        let mut checks = engine;
        checks.extend(self.endpoint("ingestion", ingestion, "DataManagement").await);
        let resources = self.kusto.resources();
        let hop = "right to ingest";
        checks.push(
            match self
                .ask("ask for an identity token", resources.identity_token())
                .await
            {
                Ok(_) => Check::ok(hop, "the Data Management service issues resources to you"),
                Err(error) => self.failed(hop, &error),
            },
        );
        checks
    }

    /// An endpoint: the way to it, and the sign-in there.
    async fn endpoint(&self, name: &str, endpoint: Arc<dyn ManagementEndpoint>, kind: &str) -> Vec<Check> {
        let properties = RequestProperties::new();
        let asking = endpoint.execute(&self.database, ".show version", &properties);
        let (hop, sign_in) = (
            format!("{name} endpoint"),
            format!("sign-in to the {name} endpoint"),
        );
        match self.ask("ask for the version", asking).await {
            Ok(answer) => {
                let is = service_type(&answer);
                let reached = match &is {
                    Some(is) if is != kind && !self.is_one => Check::failed(
                        hop,
                        Exit::AllFailed,
                        format!("it is of the kind {is}, not {kind}"),
                        "name the cluster by its own address: https://CLUSTER.REGION.kusto.windows.net, or with ingest- before it",
                    ),
                    Some(is) => Check::ok(hop, format!("it answers, and is of the kind {is}")),
                    None => Check::ok(hop, "it answers"),
                };
                vec![
                    reached,
                    Check::ok(sign_in, "a token is accepted, or none is wanted"),
                ]
            }
            Err(error) if error.kind() == ErrorKind::Unauthenticated => match error.http_status() {
                Some(_) => vec![Check::ok(hop, "it answers"), self.failed(sign_in, &error)],
                None => vec![self.failed(sign_in, &error)],
            },
            // It knows who asks, and does not tell that person.
            Err(error) if error.kind() == ErrorKind::Forbidden => vec![
                Check::ok(hop, "it answers"),
                Check::ok(sign_in, "a token is accepted"),
            ],
            Err(error) => vec![self.failed(hop, &error)],
        }
    }
}

fn service_type(answer: &Dataset) -> Option<String> {
    let kind = answer.primary()?.value(0, "ServiceType")?.as_str()?;
    Some(kind.to_owned())
}
