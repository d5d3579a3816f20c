//! What is issued, and under which addresses.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use kusto_fake::{FakeKusto, ResourceIssuer};
use kusto_ingest_core::{DatabaseName, ManualClock, Result, Timestamp};
use kusto_storage::{QueueStore, ResourceUri};

use super::world::World;

#[test]
fn every_type_is_issued_in_two_accounts_with_sas_tokens_that_need_care() -> Result<()> {
    let answer = World::new("a:string").run(".get ingestion resources")?;
    let of = |name: &str| {
        let rows = answer.rows.iter().filter(move |row| row[0] == name);
        rows.map(|row| ResourceUri::parse(row[1].as_str().expect("text")))
            .collect::<Result<Vec<_>>>()
    };
    for (name, count, accounts) in [
        ("SecuredReadyForAggregationQueue", 4, 2),
        ("TempStorage", 4, 2),
        ("FailedIngestionsQueue", 1, 1),
        ("SuccessfulIngestionsQueue", 1, 1),
        ("IngestionsStatusTable", 1, 1),
    ] {
        let issued = of(name)?;
        assert_eq!(issued.len(), count, "{name}");
        let different: BTreeSet<&str> = issued.iter().map(ResourceUri::account).collect();
        assert_eq!(different.len(), accounts, "{name}");
        for address in issued {
            let query = address.expose().query().expect("a SAS");
            assert!(query.contains("%2B") && query.ends_with("%3D"), "{name}");
            assert_eq!(address.expires(), Some(Timestamp::parse("2026-01-02")?), "{name}");
        }
    }
    Ok(())
}

#[test]
fn a_server_can_issue_below_its_own_address() -> Result<()> {
    let issuer = ResourceIssuer::paths("http://127.0.0.1:8080/")
        .with_accounts(["one"])
        .with_containers(3)
        .with_queues(1);
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let issued = FakeKusto::new(Arc::new(clock), issuer)?.issued_resources()?;
    assert_eq!((issued.containers.len(), issued.queues.len()), (3, 1));
    assert_eq!(
        issued.containers[2].redacted(),
        "http://127.0.0.1:8080/one/ingestdata-2"
    );
    assert_eq!(
        (issued.status_table.account(), issued.status_table.name()),
        ("one", "ingestionsstatus")
    );
    Ok(())
}

#[test]
fn each_account_can_have_a_status_table_and_one_can_be_elsewhere() -> Result<()> {
    let issuer = ResourceIssuer::paths("http://127.0.0.1:8080")
        .with_accounts(["one", "two"])
        .with_account_at("two", "http://127.0.0.1:9/")
        .with_status_table_in_each();
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let issued = FakeKusto::new(Arc::new(clock), issuer)?.issued_resources()?;
    let tables: Vec<String> = [&issued.status_table]
        .into_iter()
        .chain(&issued.further_status_tables)
        .map(|table| table.redacted().to_owned())
        .collect();
    assert_eq!(
        tables,
        [
            "http://127.0.0.1:8080/one/ingestionsstatus",
            "http://127.0.0.1:9/two/ingestionsstatus"
        ]
    );
    Ok(())
}

#[test]
fn sas_tokens_are_renewed_at_half_their_time_and_the_old_ones_hold_until_their_end() -> Result<()> {
    let world = World::new("a:string");
    let hours = |count: u64| Duration::from_secs(count * 60 * 60);
    let queued = |queue: &ResourceUri| block_on(QueueStore::put(world.kusto.storage(), queue, "x"));
    let first = world.kusto.issued_resources()?.queues[0].clone();
    world.clock.advance(hours(11));
    assert_eq!(world.kusto.issued_resources()?.queues[0], first);
    world.clock.advance(hours(2));
    let second = world.kusto.issued_resources()?.queues[0].clone();
    assert_ne!(first, second);
    queued(&first)?;
    queued(&second)?;
    world.clock.advance(hours(12));
    assert_eq!(queued(&first).unwrap_err().code(), Some("AuthenticationFailed"));
    queued(&second)
}

#[test]
fn the_token_is_given_out_and_shown_nowhere() -> Result<()> {
    let world = World::new("a:string");
    let table = world.run_in(&DatabaseName::net_default(), ".get kusto identity token")?;
    let token = world.kusto.identity_token();
    assert_eq!(
        table.texts("AuthorizationContext").collect::<Vec<_>>(),
        [token.expose()]
    );
    let shown = format!("{:?} {:?}", world.kusto, world.kusto.issued_resources()?);
    assert!(
        !shown.contains(token.expose()) && !shown.contains("sig="),
        "{shown}"
    );
    Ok(())
}
