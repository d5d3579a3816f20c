//! Stored functions.

use kusto_ingest_core::{ErrorKind, Result};

use super::texts;
use crate::kusto::world::World;

#[test]
fn a_function_is_created_once_altered_and_keeps_its_texts() -> Result<()> {
    let world = World::new("a:string");
    world.run(
        ".create function with (docstring = 'says', folder=\"demo\") F(n:long) { T | take n // } ' \n }",
    )?;
    assert_eq!(
        world.run(".create function F() { T }").unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    let same = world.run(".create function ifnotexists F() { T }")?;
    assert_eq!(texts(&same, "Parameters"), ["(n:long)"]);
    let altered = world.run(".create-or-alter function F(m:long) { T | where a == '}' | take m }")?;
    assert_eq!(texts(&altered, "Body"), ["{ T | where a == '}' | take m }"]);
    assert_eq!(
        (texts(&altered, "DocString"), texts(&altered, "Folder")),
        (vec!["says"], vec!["demo"])
    );
    world.run(".drop functions (F, G) ifexists")?;
    assert!(world.run(".show functions")?.rows.is_empty());
    for command in [
        ".show function F",
        ".drop function F",
        ".alter function F() { T }",
    ] {
        assert_eq!(
            world.run(command).unwrap_err().kind(),
            ErrorKind::NotFound,
            "{command}"
        );
    }
    Ok(())
}
