//! What depends on the environment of a process is tested in a process of its own: this very program, once more.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use kusto_auth::{CloudSettings, FixedCloud, SignIn};
use kusto_connection::{AuthMethod, ConnectionString, ManagedIdentity};
use kusto_transport_hyper::{HyperTransport, Proxy, TransportOptions};
use tokio::process::Command;

use super::authority::{Authority, token};
use super::{CANARY, clock, credential};

const METHOD: &str = "KUSTO_TEST_METHOD";
const AUTHORITY: &str = "KUSTO_TEST_AUTHORITY";
const ROOT: &str = "KUSTO_TEST_ROOT";

/// The child's part: one token, which must be the one that the parent has prepared.
#[tokio::test]
#[ignore = "is run by the tests below, in a process of its own"]
async fn the_child_signs_in() {
    let variable = |name| std::env::var(name).expect("the parent sets it");
    let method = match variable(METHOD).as_str() {
        "managed identity" => AuthMethod::ManagedIdentity(ManagedIdentity::System),
        "pipelines" => AuthMethod::AzurePipelines {
            tenant: "contoso.com".to_owned(),
            client_id: "app".to_owned(),
            service_connection_id: "connection".to_owned(),
            access_token: CANARY.into(),
        },
        "developer tools" => AuthMethod::DeveloperTools,
        _ => AuthMethod::AzureCli,
    };
    let connection = ConnectionString::for_cluster("https://help.kusto.windows.net")
        .expect("a cluster")
        .with_auth(method);
    let options = TransportOptions::new()
        .with_proxy(Proxy::None)
        .with_extra_roots(variable(ROOT));
    let transport = HyperTransport::new(options).expect("a transport").as_transport();
    let sign_in = SignIn::new(&connection, transport, Arc::new(clock()))
        .expect("a sign-in")
        .with_cloud(Arc::new(FixedCloud::new(CloudSettings::public())))
        .with_authority_host(&variable(AUTHORITY))
        .expect("a login endpoint");
    let credential = credential(sign_in, &connection);
    for _ in 0..3 {
        let token = credential
            .token()
            .await
            .unwrap_or_else(|error| panic!("{}", error.chain()));
        assert_eq!(token.expose(), "from the parent");
    }
}

/// This program, to run one ignored test of it and nothing else.
pub(crate) fn myself(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command
}

/// Runs the child with these variables. It succeeds if it got the token.
async fn child(authority: &Authority, method: &str, variables: &[(&str, &str)]) -> Output {
    myself("sign_in::child::the_child_signs_in")
        .env(METHOD, method)
        .env(AUTHORITY, authority.url().replace("http://", "https://"))
        .env(ROOT, authority.root_pem())
        .envs(variables.iter().copied())
        .output()
        .await
        .expect("it runs")
}

pub(crate) fn succeeded(output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn the_identity_of_an_app_service_is_found_by_the_environment() {
    let authority = Authority::start_plain(|_| {
        let answer = r#"{"access_token":"from the parent","expires_on":"4102444800","token_type":"Bearer","resource":"r"}"#;
        (200, answer.to_owned())
    });
    let endpoint = format!("{}/msi/token", authority.url());
    let variables = [
        ("IDENTITY_ENDPOINT", endpoint.as_str()),
        ("IDENTITY_HEADER", CANARY),
    ];
    succeeded(&child(&authority, "managed identity", &variables).await);
    let [asked] = &authority.asked()[..] else {
        panic!("more than one request");
    };
    assert_eq!(
        asked.line,
        "GET /msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fkusto.kusto.windows.net"
    );
    assert_eq!(asked.headers["x-identity-header"], CANARY);
}

#[tokio::test]
async fn a_pipeline_trades_its_own_token_for_an_assertion_and_that_for_a_token() {
    let authority = Authority::start(|asked| {
        if asked.line.starts_with("POST /oidc") {
            (200, r#"{"oidcToken":"assertion"}"#.to_owned())
        } else {
            token("from the parent")
        }
    });
    let endpoint = format!("{}/oidc", authority.url());
    succeeded(
        &child(
            &authority,
            "pipelines",
            &[("SYSTEM_OIDCREQUESTURI", endpoint.as_str())],
        )
        .await,
    );
    let [oidc, entra] = &authority.asked()[..] else {
        panic!("not two requests");
    };
    assert!(
        oidc.line.contains("serviceConnectionId=connection"),
        "{}",
        oidc.line
    );
    assert_eq!(oidc.headers["authorization"], format!("Bearer {CANARY}"));
    assert_eq!(entra.line, "POST /contoso.com/oauth2/v2.0/token");
    assert_eq!(entra.form["client_assertion"], "assertion");
}

/// A tool of that name, which writes down how it was called and prints a token.
#[cfg(unix)]
fn fake_az(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::create_dir_all(folder).expect("a folder");
    let script = "#!/bin/sh\necho \"$@\" >> \"$(dirname \"$0\")/calls\"\n\
         echo '{\"accessToken\":\"from the parent\",\"expires_on\":4102444800,\"tokenType\":\"Bearer\"}'\n";
    let tool = folder.join("az");
    std::fs::write(&tool, script).expect("a script");
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}

#[cfg(unix)]
#[tokio::test]
async fn the_cli_on_the_path_is_run_once_for_many_tokens() {
    let authority = Authority::start(|_| panic!("nobody is asked"));
    let path = std::env::var("PATH").unwrap_or_default();
    for method in ["cli", "developer tools"] {
        let folder =
            std::env::temp_dir().join(format!("kusto-az-{}-{method}", std::process::id()).replace(' ', "-"));
        fake_az(&folder);
        let path = format!("{}:{path}", folder.display());
        succeeded(&child(&authority, method, &[("PATH", path.as_str())]).await);
        let calls = std::fs::read_to_string(folder.join("calls")).expect("it was called");
        assert_eq!(
            calls,
            "account get-access-token -o json --scope https://kusto.kusto.windows.net/.default\n"
        );
        std::fs::remove_dir_all(&folder).expect("the folder");
    }
    assert!(authority.all_asked().is_empty());
}
