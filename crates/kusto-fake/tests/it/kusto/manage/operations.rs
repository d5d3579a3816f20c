//! Operations: asynchronous commands, what they would have answered, and how they are cancelled.

use kusto_ingest_core::{ErrorKind, Result};

use super::texts;
use crate::kusto::world::World;

#[test]
fn an_operation_that_has_not_begun_is_cancelled_and_one_that_has_ended_is_not() -> Result<()> {
    let world = World::new("a:string");
    world.kusto.pause_ingestion();
    let started = world.run(".set-or-append async T <| T")?;
    let id = texts(&started, "OperationId")[0].to_owned();
    assert_eq!(
        texts(&world.run(&format!(".show operations ({id})"))?, "State"),
        ["Scheduled"]
    );
    let cancelled = world.run(&format!(".cancel operation {id} with (reason='enough')"))?;
    assert_eq!(texts(&cancelled, "CancellationState"), ["Canceled successfully"]);
    assert_eq!(
        (texts(&cancelled, "Operation"), texts(&cancelled, "ReasonPhrase")),
        (vec!["TableSetOrAppend"], vec!["enough"])
    );
    world.kusto.resume_ingestion();
    assert_eq!(
        texts(&world.run(&format!(".show operations {id}"))?, "State"),
        ["Canceled"]
    );
    let again = world.run(&format!(".cancel operation {id}"))?;
    assert_eq!(texts(&again, "CancellationState"), ["Cancel failed"]);
    for command in [".cancel operation", ".show operation"] {
        let details = if command.starts_with(".show") {
            " details"
        } else {
            ""
        };
        let command = format!("{command} 74be27de-1e4e-49d9-b579-fe0b331d3642{details}");
        assert_eq!(
            world.run(&command).unwrap_err().kind(),
            ErrorKind::NotFound,
            "{command}"
        );
    }
    Ok(())
}

#[test]
fn an_operation_that_fails_says_why_and_keeps_no_details() -> Result<()> {
    let world = World::new("a:string");
    let started = world.run(".append async Absent <| T")?;
    let id = texts(&started, "OperationId")[0].to_owned();
    let shown = world.run(&format!(".show operations {id}"))?;
    assert_eq!(texts(&shown, "State"), ["Failed"]);
    assert!(texts(&shown, "Status")[0].contains("Absent"), "{shown:?}");
    let error = world.run(&format!(".show operation {id} details")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

#[test]
fn who_may_do_what_is_kept_and_shown_and_everybody_may_do_everything() -> Result<()> {
    let world = World::new("a:string");
    world.run(".add database db viewers ('aadapp=a;t', 'aaduser=b') 'the readers'")?;
    let shown = world.run(".show database db principals")?;
    assert_eq!(
        texts(&shown, "PrincipalFQN"),
        ["aaduser=everybody", "aadapp=a;t", "aaduser=b"]
    );
    assert_eq!(texts(&shown, "Role")[1], "Database db Viewer");
    world.run(".drop database db viewers ('aadapp=a;t')")?;
    world.run(".set database db viewers ('aaduser=c') skip-results")?;
    let shown = world.run(".show database db principals")?;
    assert_eq!(texts(&shown, "PrincipalFQN"), ["aaduser=everybody", "aaduser=c"]);
    let access = |table: &str| {
        world.run(&format!(".show principal access with (principal = 'aadapp=a;t', accesstype='ingest', database='db', table='{table}')"))
    };
    assert_eq!(access("T")?.rows[0][2], true);
    assert_eq!(access("Absent").unwrap_err().kind(), ErrorKind::NotFound);
    Ok(())
}
