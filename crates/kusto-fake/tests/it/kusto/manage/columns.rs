//! Commands about single columns.

use kusto_ingest_core::{ErrorKind, Result};

use super::texts;
use crate::kusto::world::World;

#[test]
fn a_column_is_renamed_dropped_and_given_another_type() -> Result<()> {
    let world = World::new("a:string, b:long, c:long");
    world.ingest(&world.blob("b.csv", "x,1,2\n"), &world.properties());
    world.run(".rename column T.a to name")?;
    world.run(".drop column db.T.b")?;
    world.run(".alter column T.c type=string")?;
    assert_eq!(
        texts(&world.run(".show table T cslschema")?, "Schema"),
        ["name:string,c:string"]
    );
    assert_eq!(
        world.rows(),
        ["x|"],
        "the values of the column whose type was changed are lost"
    );
    world.run(".drop column T.absent ifexists")?;
    for command in [
        ".drop column T.absent",
        ".rename column T.absent to x",
        ".alter column T.absent type=int",
    ] {
        assert_eq!(
            world.run(command).unwrap_err().kind(),
            ErrorKind::NotFound,
            "{command}"
        );
    }
    let error = world.run(".rename column T.c to name").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    Ok(())
}

#[test]
fn columns_swap_their_names_and_keep_what_is_said_of_them() -> Result<()> {
    let world = World::new("a:string, b:string");
    world.run(".alter table T column-docstrings (a:'first', b:'second')")?;
    world.run(".rename columns a=T.b, b=T.a")?;
    let schema = world.run(".show table T schema as json")?;
    let json = texts(&schema, "Schema")[0];
    assert!(
        json.contains(r#"{"Name":"b","Type":"System.String","CslType":"string","DocString":"first"}"#),
        "{json}"
    );
    world.run(".alter-merge table T column-docstrings (b:'other')")?;
    let schema = world.run(".show table T schema as json")?;
    let json = texts(&schema, "Schema")[0];
    assert!(
        json.contains("other") && json.contains("second") && !json.contains("first"),
        "{json}"
    );
    Ok(())
}
