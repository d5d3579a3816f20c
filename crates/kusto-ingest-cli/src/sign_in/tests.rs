//! Who decides how to sign in: a table.

use clap::Parser as _;

use super::*;

/// Only its sign-in matters.
#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    sign_in: SignInArgs,
}

const CLUSTER: &str = "https://help.kusto.windows.net";

/// What is decided for a cluster, with arguments and variables as `NAME=value`, or why not.
fn decided(cluster: &str, arguments: &str, variables: &str) -> Result<Choice, String> {
    let connection = ConnectionString::parse(cluster).unwrap();
    let line = Line::try_parse_from(["it"].into_iter().chain(arguments.split_whitespace())).unwrap();
    let variable = |name: &str| {
        variables
            .split_whitespace()
            .find_map(|it| it.strip_prefix(name)?.strip_prefix('='))
            .map(str::to_owned)
    };
    let said = connection.auth_method().unwrap();
    choose(&connection, &said, &line.sign_in, &variable).map_err(|error| {
        assert_eq!(error.exit, report::Exit::Usage);
        error.message
    })
}

#[test]
fn where_nobody_says_how_this_machine_wants_none_and_others_the_cli_or_a_managed_identity() {
    let first_of = |identity| {
        Ok(Choice::Chain([
            AuthMethod::AzureCli,
            AuthMethod::ManagedIdentity(identity),
        ]))
    };
    assert_eq!(decided("http://127.0.0.1:1", "", ""), Ok(Choice::AsSaid));
    assert_eq!(
        decided("http://localhost:1", "", "AZURE_CLIENT_ID=a"),
        Ok(Choice::AsSaid)
    );
    assert_eq!(decided(CLUSTER, "", ""), first_of(ManagedIdentity::System));
    let by_id = || first_of(ManagedIdentity::ClientId("a".to_owned()));
    assert_eq!(decided(CLUSTER, "--client-id a", "AZURE_CLIENT_ID=b"), by_id());
    assert_eq!(decided(CLUSTER, "", "AZURE_CLIENT_ID=a"), by_id());
}

#[test]
fn arguments_complete_what_is_open_and_go_before_the_environment() {
    let by = |method| Ok(Choice::By(method));
    let open = format!("{CLUSTER};Fed=true;tid=contoso.com");
    let device_code = |tenant: &str| AuthMethod::DeviceCode {
        tenant: Some(tenant.to_owned()),
    };
    assert_eq!(
        decided(CLUSTER, "--auth az-cli", "KUSTO_AUTH=none"),
        by(AuthMethod::AzureCli)
    );
    assert_eq!(decided(CLUSTER, "", "KUSTO_AUTH=none"), by(AuthMethod::Anonymous));
    assert_eq!(decided(&open, "", ""), Ok(Choice::AsSaid));
    assert_eq!(
        decided(&open, "--auth developer-tools", ""),
        by(AuthMethod::DeveloperTools)
    );
    assert_eq!(
        decided(&open, "--auth device-code", ""),
        by(device_code("contoso.com"))
    );
    assert_eq!(
        decided(&open, "--auth device-code --tenant-id other.com", ""),
        by(device_code("other.com"))
    );
    assert_eq!(
        decided(CLUSTER, "--auth managed-identity --client-id a", ""),
        by(AuthMethod::ManagedIdentity(ManagedIdentity::ClientId(
            "a".to_owned()
        )))
    );
}

#[test]
fn the_environment_completes_the_method_that_an_argument_names() {
    let by = |method| Ok(Choice::By(method));
    let application = "AZURE_CLIENT_ID=a AZURE_TENANT_ID=contoso.com";
    assert_eq!(
        decided(
            CLUSTER,
            "--auth client-secret --client-id b",
            &format!("{application} AZURE_CLIENT_SECRET=s")
        ),
        by(AuthMethod::ClientSecret {
            tenant: "contoso.com".to_owned(),
            client_id: "b".to_owned(),
            secret: "s".into(),
        })
    );
    assert_eq!(
        decided(
            CLUSTER,
            "--auth workload-identity",
            &format!("{application} AZURE_FEDERATED_TOKEN_FILE=/f")
        ),
        by(AuthMethod::WorkloadIdentity {
            tenant: Some("contoso.com".to_owned()),
            client_id: Some("a".to_owned()),
            token_file: Some("/f".into()),
        })
    );
    let pipeline = "AZURESUBSCRIPTION_TENANT_ID=contoso.com AZURESUBSCRIPTION_CLIENT_ID=a \
                    AZURESUBSCRIPTION_SERVICE_CONNECTION_ID=c SYSTEM_ACCESSTOKEN=s";
    assert_eq!(
        decided(CLUSTER, "--auth pipelines", pipeline),
        by(AuthMethod::AzurePipelines {
            tenant: "contoso.com".to_owned(),
            client_id: "a".to_owned(),
            service_connection_id: "c".to_owned(),
            access_token: "s".into(),
        })
    );
}

#[test]
fn a_connection_string_that_says_how_is_believed_and_not_contradicted() {
    let application = format!("{CLUSTER};AppClientId=a;AppKey=hush;tid=contoso.com");
    assert_eq!(decided(&application, "", ""), Ok(Choice::AsSaid));
    assert_eq!(
        decided(&application, "--auth client-secret", ""),
        Ok(Choice::AsSaid)
    );
    for (cluster, arguments, variables, both) in [
        (&*application, "--auth az-cli", "", ["client secret", "--auth"]),
        (
            &application,
            "",
            "KUSTO_AUTH=token",
            ["client secret", "KUSTO_AUTH"],
        ),
        (
            &application,
            "--client-id b",
            "",
            ["client secret", "--client-id"],
        ),
        (
            &format!("{CLUSTER};UserToken=hush"),
            "--auth none",
            "",
            ["user token", "none"],
        ),
        (
            &format!("{CLUSTER};Fed=false"),
            "--auth az-cli",
            "",
            ["no sign-in", "az-cli"],
        ),
        (
            &format!("{CLUSTER};Fed=true"),
            "--auth none",
            "",
            ["user prompt", "none"],
        ),
        (
            &format!("{CLUSTER};Fed=true;User ID=u"),
            "--auth az-cli",
            "",
            ["user prompt", "az-cli"],
        ),
    ] {
        let why = decided(cluster, arguments, variables).unwrap_err();
        assert!(
            both.iter().all(|word| why.contains(word)) && !why.contains("hush"),
            "{why}"
        );
    }
}

#[test]
fn what_is_missing_is_named_at_once_and_what_says_nothing_is_refused() {
    for (arguments, variables, words) in [
        (
            "--auth client-secret",
            "",
            ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"],
        ),
        (
            "--auth client-certificate",
            "",
            ["--tenant-id", "--client-id", "--certificate-file"],
        ),
        (
            "--auth workload-identity",
            "",
            ["--tenant-id", "--client-id", "AZURE_FEDERATED_TOKEN_FILE"],
        ),
        (
            "--auth pipelines",
            "",
            ["--tenant-id", "SERVICE_CONNECTION_ID", "SYSTEM_ACCESSTOKEN"],
        ),
        ("--auth token", "", ["--token-file", "KUSTO_TOKEN", "token"]),
        (
            "",
            "KUSTO_AUTH=interactive",
            ["KUSTO_AUTH", "browser", "device-code"],
        ),
        ("", "KUSTO_AUTH=azcli", ["KUSTO_AUTH", "az-cli", "none"]),
        ("--token-file f", "", ["--token-file", "--auth", "token"]),
        (
            "--client-secret-file f",
            "",
            ["--client-secret-file", "--auth", "client-secret"],
        ),
        (
            "--auth az-cli --client-id a",
            "",
            ["--client-id", "az-cli", "nothing"],
        ),
        (
            "--auth token --tenant-id a",
            "",
            ["--tenant-id", "token", "nothing"],
        ),
    ] {
        let why = decided(CLUSTER, arguments, variables).unwrap_err();
        assert!(words.iter().all(|word| why.contains(word)), "{arguments}: {why}");
    }
}
