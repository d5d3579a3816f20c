//! Blobs as paths of a Data Lake.

use serde_json::{Value, json};

use crate::client::{World, below};

#[tokio::test]
async fn a_path_is_made_appended_to_and_read_as_a_blob_after_it_was_flushed() {
    let world = World::start().await;
    let at = |query: &str| below(&world.container(0), "/folder/a.csv", query);
    let patch = async |query: &str, body: &'static str| {
        let answer = world.send("PATCH", &at(query), &[], body).await;
        (answer.status, answer.header("x-ms-error-code").map(str::to_owned))
    };
    assert_eq!(
        patch("action=append&position=0", "1,").await,
        (404, Some("PathNotFound".to_owned()))
    );
    let made = world
        .send("PUT", &at("resource=file"), &[("if-none-match", "*")], "")
        .await;
    assert_eq!(made.status, 201);
    let again = world
        .send("PUT", &at("resource=file"), &[("if-none-match", "*")], "")
        .await;
    assert_eq!(
        (again.status, again.header("x-ms-error-code")),
        (409, Some("PathAlreadyExists"))
    );
    assert_eq!(patch("action=append&position=0", "1,").await, (202, None));
    assert_eq!(
        patch("action=append&position=9", "x").await,
        (400, Some("InvalidFlushPosition".to_owned()))
    );
    assert_eq!(patch("action=append&position=2", "2\n").await, (202, None));
    assert_eq!(
        patch("action=flush&position=3", "").await,
        (400, Some("InvalidFlushPosition".to_owned()))
    );
    assert_eq!(
        world.send("GET", &at(""), &[], "").await.text(),
        "",
        "nothing is flushed yet"
    );
    assert_eq!(patch("action=flush&position=4", "").await, (200, None));
    assert_eq!(world.send("GET", &at(""), &[], "").await.text(), "1,2\n");
    assert_eq!(
        patch("action=append&position=4&flush=true", "3\n").await,
        (202, None)
    );
    assert_eq!(world.send("GET", &at(""), &[], "").await.text(), "1,2\n3\n");
}

#[tokio::test]
async fn paths_are_listed_as_folders_or_all_of_them() {
    let world = World::start().await;
    for name in ["/f/a", "/f/g/b", "/c"] {
        world
            .send("PUT", &below(&world.container(1), name, "resource=file"), &[], "")
            .await;
    }
    world
        .send(
            "PUT",
            &below(&world.container(1), "/f/g", "resource=directory"),
            &[],
            "",
        )
        .await;
    let list = async |query: &str| {
        let query = format!("resource=filesystem&{query}");
        let answer = world
            .send("GET", &below(&world.container(1), "", &query), &[], "")
            .await
            .json();
        let names = answer["paths"]
            .as_array()
            .expect("paths")
            .iter()
            .map(|path| path["name"].clone());
        (names.collect::<Value>(), answer)
    };
    assert_eq!(
        list("recursive=true").await.0,
        json!(["c", "f/a", "f/g", "f/g/b"])
    );
    let (names, answer) = list("recursive=false&directory=f").await;
    assert_eq!(names, json!(["f/a", "f/g"]));
    assert_eq!(answer["paths"][1]["isDirectory"], "true");
}
