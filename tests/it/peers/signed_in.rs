//! A published client that signs in at the emulator's own authority.

use kusto_emulator::Route;
use serde_json::json;
use tokio::process::Command;

use super::emulated::Emulated;
use super::peer;
use super::program::installed;

#[tokio::test]
async fn the_published_python_client_signs_in() {
    let Some(python) = installed("KUSTO_TEST_PYTHON") else {
        return;
    };
    let emulated = Emulated::signed_in().await;
    let mut command = Command::new(python);
    command
        .arg(peer("python/sign_in.py"))
        .env("REQUESTS_CA_BUNDLE", emulated.authority())
        .env("SSL_CERT_FILE", emulated.authority());
    let learned = emulated.run(command).await;
    assert_eq!(learned, json!({ "x": 1, "refused": true }));
    let requests = emulated.requests();
    let tokens = requests
        .iter()
        .filter(|request| request.route == Route::Authority);
    assert!(tokens.count() >= 2, "what it offers, and a token");
}
