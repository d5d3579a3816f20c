//! The emulator's page in a real browser, as a person uses it with keys alone.

use serde_json::{Value, json};
use tokio::process::Command;

use super::emulated::Emulated;
use super::program::{installed, succeeded};

/// What a browser has seen of the page of an emulator; `None` where none is installed.
async fn seen(emulated: &Emulated, has_certificate: bool) -> Option<Value> {
    let folder = installed("KUSTO_TEST_PAGE")?;
    let browser = std::env::var_os("KUSTO_TEST_BROWSER").expect("it is set as well");
    let mut command = Command::new("node");
    command
        .arg(folder.join("look.js"))
        .arg(emulated.cluster())
        .arg(browser);
    if has_certificate {
        command.env("NODE_EXTRA_CA_CERTS", emulated.authority());
    }
    let saw = succeeded(command).await;
    Some(serde_json::from_str(&saw).expect("JSON"))
}

fn expected() -> Value {
    json!({
        "title": "Kusto emulator",
        "rows": ["1x", "2y"],
        "charts": {
            "columnchart": "columnchart of a by b",
            "barchart": "barchart of a by b",
            "piechart": "piechart of a by b",
            "timechart": "timechart of a by at",
        },
        "unnamed": 0,
        "elsewhere": [],
        "complaints": [],
    })
}

#[tokio::test]
async fn the_emulators_page_is_used_in_a_browser_by_keys_alone() {
    let emulated = Emulated::plain().await;
    if let Some(saw) = seen(&emulated, false).await {
        assert_eq!(saw, expected());
    }
}

#[tokio::test]
async fn the_page_signs_in_where_the_emulator_wants_it() {
    let emulated = Emulated::signed_in().await;
    if let Some(saw) = seen(&emulated, true).await {
        assert_eq!(saw, expected());
    }
}
