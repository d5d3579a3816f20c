//! Scripts of commands, and several statements in one text.

use kusto_ingest_core::Result;

use super::texts;
use crate::kusto::world::World;

const SCRIPT: &str = ".execute database script WITH <|\n\
    //\n// Create tables\n.create-merge table A(a:string, b:string)\n//\n// Apply policies\n\
    .alter-merge table Absent policy retention softdelete = 10d\n//\n// Create functions\n\
    .create-or-alter function\n  with (skipvalidation = \"true\")\n  SampleT1(myLimit: long) {\n    A | take myLimit\n}\n";

fn script(with: &str) -> String {
    SCRIPT.replace("WITH", with)
}

#[test]
fn a_script_stops_at_its_first_failure_goes_on_or_fails_as_it_is_told() -> Result<()> {
    let world = World::new("a:string");
    let stopped = world.run(&script(""))?;
    assert_eq!(texts(&stopped, "Result"), ["Completed", "Failed"]);
    assert!(world.run(".show functions")?.rows.is_empty());

    let on = world.run(&script("with (ContinueOnErrors=true)"))?;
    assert_eq!(
        texts(&on, "CommandType"),
        ["TableCreate", "RetentionPolicyAlter", "FunctionCreateOrAlter"]
    );
    assert_eq!(texts(&on, "Result"), ["Completed", "Failed", "Completed"]);
    assert!(texts(&on, "Reason")[1].contains("Absent"));
    assert_eq!(
        texts(&on, "CommandText")[0],
        ".create-merge table A(a:string, b:string)"
    );

    let error = world.run(&script("with (ThrowOnErrors=true)")).unwrap_err();
    assert_eq!(error.code(), Some("BadRequest_EntityNotFound"));
    Ok(())
}
