//! The developer's tools, and the environment that may name something better.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;
use kusto_auth::{Executor, SignIn};
use kusto_connection::{AuthMethod, ConnectionString, ManagedIdentity};
use kusto_ingest_core::{Clock, ErrorKind, Result};

use crate::script::{
    CANARY, HELP, Reply, SCOPE, Script, all_of, clock, credential, first_token, sign_in, sign_in_at, start,
};

fn cluster() -> ConnectionString {
    ConnectionString::for_cluster(HELP).expect("a cluster")
}

fn token(sign_in: SignIn) -> Result<String> {
    first_token(sign_in, HELP).map(|token| token.expose().to_owned())
}

/// Runs no tool, answers as it is told, and remembers what was to be run.
#[derive(Clone, Debug)]
struct Tool {
    status: i32,
    output: String,
    runs: Arc<Mutex<Vec<String>>>,
}

impl Tool {
    fn new(status: i32, output: impl Into<String>) -> Self {
        Self {
            status,
            output: output.into(),
            runs: Arc::default(),
        }
    }

    fn runs(&self) -> Vec<String> {
        self.runs.lock().expect("a list").clone()
    }
}

#[async_trait]
impl Executor for Tool {
    async fn run(&self, _program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let command: Vec<_> = args.iter().map(|it| it.to_string_lossy().into_owned()).collect();
        self.runs.lock().expect("a list").push(command.join(" "));
        Ok(Output {
            status: ExitStatus::from_raw(self.status << 8),
            stdout: self.output.clone().into_bytes(),
            stderr: self.output.clone().into_bytes(),
        })
    }
}

#[test]
fn the_cli_is_run_once_for_many_tokens_and_with_the_tenant_that_was_given() {
    let tool = Tool::new(
        0,
        r#"{"accessToken":"token","expires_on":4102444800,"tokenType":"Bearer"}"#,
    );
    let credentials = sign_in(&cluster().with_azure_cli(), &Script::nobody())
        .with_tenant("contoso.com")
        .with_executor(Arc::new(tool.clone()))
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, HELP);
    for _ in 0..3 {
        assert_eq!(block_on(credential.token()).expect("a token").expose(), "token");
    }
    let [run] = &tool.runs()[..] else {
        panic!("{:?}", tool.runs());
    };
    assert!(run.contains("az account get-access-token"), "{run}");
    assert!(run.contains(SCOPE) && run.contains("contoso.com"), "{run}");
}

#[test]
fn the_tenant_of_the_connection_string_reaches_every_way_that_names_none() {
    let text = format!("{HELP};Authority Id=contoso.com;Fed=true");
    let connection = ConnectionString::parse(&text).expect("a connection string");
    for method in [AuthMethod::AzureCli, AuthMethod::DeveloperTools] {
        let tool = Tool::new(127, "");
        let chosen = connection.clone().with_auth(method.clone());
        let first_of = sign_in(&connection, &Script::nobody()).with_credential_chain([method]);
        for way in [sign_in(&chosen, &Script::nobody()), first_of] {
            token(way.with_executor(Arc::new(tool.clone()))).expect_err("there is no tool");
        }
        let runs = tool.runs();
        assert!(runs.len() >= 2, "{runs:?}");
        assert!(runs.iter().all(|run| run.contains("contoso.com")), "{runs:?}");
    }
    let script = Script::new(|_, _| Reply::token("by secret"));
    let chosen = connection.with_auth(AuthMethod::Environment);
    let named = sign_in(&chosen, &script).with_variables(|name| match name {
        "AZURE_CLIENT_ID" => Some("app".to_owned()),
        "AZURE_CLIENT_SECRET" => Some(CANARY.to_owned()),
        _ => None,
    });
    assert_eq!(token(named).expect("a token"), "by secret");
    assert!(
        script.lines().iter().any(|line| line.contains("/contoso.com/")),
        "{:?}",
        script.lines()
    );
}

#[test]
fn what_a_tool_complains_about_is_said_and_what_it_prints_is_not() {
    let ask = |tool: Tool| {
        let sign_in = sign_in(&cluster().with_azure_cli(), &Script::nobody()).with_executor(Arc::new(tool));
        token(sign_in).expect_err("no token")
    };
    let complaint = ask(Tool::new(1, "Please run 'az login' to setup account."));
    assert_eq!(complaint.kind(), ErrorKind::Unauthenticated);
    assert!(complaint.to_string().contains("az login"), "{complaint}");
    let missing = ask(Tool::new(127, ""));
    assert!(missing.to_string().contains("az not found"), "{missing}");
    let garbage = ask(Tool::new(
        0,
        format!(r#"{{"accessToken":"{CANARY}","expires_on":"{CANARY}"}}"#),
    ));
    assert_eq!(garbage.kind(), ErrorKind::Protocol);
    assert!(!all_of(&garbage).contains(CANARY), "{}", all_of(&garbage));
}

#[test]
fn the_environment_names_an_application_or_nothing_and_then_the_tools_are_asked() {
    let environment = || cluster().with_auth(AuthMethod::Environment);
    let script = Script::new(|_, _| Reply::token("by secret"));
    let named = sign_in(&environment(), &script).with_variables(|name| match name {
        "AZURE_TENANT_ID" => Some("contoso.com".to_owned()),
        "AZURE_CLIENT_ID" => Some("app".to_owned()),
        "AZURE_CLIENT_SECRET" => Some(CANARY.to_owned()),
        _ => None,
    });
    assert_eq!(token(named).expect("a token"), "by secret");

    // Nobody answers where a managed identity would be.
    let script = Script::new(|_, _| Reply::Silence);
    let tool = Tool::new(
        0,
        r#"{"accessToken":"by tool","expires_on":4102444800,"tokenType":"Bearer"}"#,
    );
    let unnamed = sign_in(&environment(), &script).with_executor(Arc::new(tool));
    assert_eq!(token(unnamed).expect("a token"), "by tool");
    assert!(script.lines()[0].contains("169.254.169.254"));

    let none = sign_in(&environment(), &script).with_executor(Arc::new(Tool::new(127, "")));
    let error = token(none).expect_err("nothing worked");
    assert_eq!((error.kind(), error.is_permanent()), (ErrorKind::Timeout, false));
    assert!(error.chain().contains("managed identity") && error.chain().contains("az not found"));
}

#[test]
fn the_first_way_that_gives_a_token_is_kept_to() {
    let ways = [
        AuthMethod::AzureCli,
        AuthMethod::ManagedIdentity(ManagedIdentity::System),
    ];
    let works = r#"{"accessToken":"by tool","expires_on":4102444800,"tokenType":"Bearer"}"#;

    let tool = Tool::new(0, works);
    let script = Script::nobody();
    let by_tool = sign_in(&cluster(), &script)
        .with_credential_chain(ways.clone())
        .with_executor(Arc::new(tool));
    assert_eq!(token(by_tool).expect("a token"), "by tool");
    assert!(script.lines().is_empty(), "{:?}", script.lines());

    let tool = Tool::new(1, "Please run 'az login' to setup account.");
    let script = Script::new(|_, _| {
        Reply::json(
            200,
            r#"{"access_token":"by machine","expires_on":"4102444800","resource":"r","token_type":"Bearer"}"#,
        )
    });
    let time = clock();
    let credentials = sign_in_at(&cluster(), &script, &time)
        .with_credential_chain(ways.clone())
        .with_executor(Arc::new(tool.clone()))
        .finish()
        .expect("credentials");
    for asked in 1..=3 {
        let token = block_on(credential(&credentials, HELP).token()).expect("a token");
        // Each token is asked for, and once before it was looked whether anybody is there.
        assert_eq!((token.expose(), script.lines().len()), ("by machine", 1 + asked));
        time.advance(Duration::from_secs(60));
        credentials.invalidate_tokens();
    }
    assert_eq!(tool.runs().len(), 1, "{:?}", tool.runs());

    // Nobody answers where a managed identity would be.
    let silent = Script::new(|_, _| Reply::Silence);
    let none = sign_in(&cluster(), &silent)
        .with_credential_chain(ways)
        .with_executor(Arc::new(tool));
    let error = token(none).expect_err("nothing worked");
    // Whoever is silent now may answer later.
    assert_eq!((error.kind(), error.is_permanent()), (ErrorKind::Timeout, false));
    let said = error.chain();
    assert!(
        said.contains("az login") && said.contains("managed identity"),
        "{said}"
    );
}

/// Hangs, and tells when nobody waits for it any longer.
#[derive(Clone, Debug, Default)]
struct Hanging(Arc<Mutex<(usize, usize)>>);

struct Ends(Hanging);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.0.lock().expect("two numbers").1 += 1;
    }
}

#[async_trait]
impl Executor for Hanging {
    async fn run(&self, _program: &OsStr, _args: &[&OsStr]) -> io::Result<Output> {
        self.0.lock().expect("two numbers").0 += 1;
        let _ends = Ends(self.clone());
        std::future::pending().await
    }
}

#[test]
fn a_tool_that_hangs_is_ended_by_the_limit_of_a_token_and_not_run_again() {
    for (method, tools) in [(AuthMethod::AzureCli, 1), (AuthMethod::DeveloperTools, 1)] {
        let (time, tool) = (clock(), Hanging::default());
        let sign_in = sign_in_at(&cluster().with_auth(method), &Script::nobody(), &time)
            .with_executor(Arc::new(tool.clone()));
        let error = token(sign_in).expect_err("it hangs");
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.is_retried());
        assert_eq!(*tool.0.lock().expect("two numbers"), (tools, tools));
        assert_eq!(time.now().since(start()), Duration::from_secs(30));
    }
}

/// The Azure CLI, which is not there, or is; and the Azure Developer CLI, which always is.
#[derive(Clone, Debug, Default)]
struct TwoTools(Arc<std::sync::atomic::AtomicBool>);

#[async_trait]
impl Executor for TwoTools {
    async fn run(&self, _program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let is_cli = args
            .iter()
            .any(|arg| arg.to_string_lossy().contains("az account"));
        let is_missing = is_cli && !self.0.load(std::sync::atomic::Ordering::SeqCst);
        let output = match is_cli {
            true => r#"{"accessToken":"az","expires_on":4102444800,"tokenType":"Bearer"}"#,
            false => r#"{"token":"azd","expiresOn":"2100-01-01T00:00:00Z"}"#,
        };
        Ok(Output {
            status: ExitStatus::from_raw(if is_missing { 127 << 8 } else { 0 }),
            stdout: output.as_bytes().to_vec(),
            stderr: Vec::new(),
        })
    }
}

#[test]
fn the_tool_that_gave_a_token_is_kept_to() {
    let (time, tools) = (clock(), TwoTools::default());
    let connection = cluster().with_auth(AuthMethod::DeveloperTools);
    let credentials = sign_in_at(&connection, &Script::nobody(), &time)
        .with_executor(Arc::new(tools.clone()))
        .finish()
        .expect("credentials");
    let credential = credential(&credentials, HELP);
    for _ in 0..2 {
        assert_eq!(block_on(credential.token()).expect("a token").expose(), "azd");
        tools.0.store(true, std::sync::atomic::Ordering::SeqCst);
        credentials.invalidate_tokens();
    }
}
