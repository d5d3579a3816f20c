//! The jobs of the guide, of Kubernetes and of Azure Container Apps: each starts with just what its manifest gives it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::blocks::blocks;
use super::guide;
use crate::setup::command::{end, kusto_ingest, start};
use crate::setup::folder::Folder;
use crate::setup::kusto::Kusto;

/// What a manifest gives to the container that runs the command.
#[derive(Debug)]
struct Job {
    /// The page, and the line of the block.
    place: String,
    arguments: Vec<String>,
    variables: BTreeMap<String, String>,
    /// The folders that its volumes are mounted at.
    mounts: Vec<String>,
    manifest: String,
}

/// The items of a list in one line, without quotes: `[a, "b"]`.
fn items(list: &str) -> Vec<String> {
    let inner = list.trim().trim_start_matches('[').trim_end_matches(']');
    let items = inner.split(", ").map(|item| item.trim().trim_matches('"'));
    items.map(str::to_owned).collect()
}

/// A key of a mapping in one line: `- {name: A, value: "B"}`.
fn entry<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let inner = line.trim().strip_prefix("- {")?.strip_suffix('}')?;
    let mut entries = inner
        .split(", ")
        .filter_map(|entry| entry.trim().split_once(": "));
    let (_, value) = entries.find(|(name, _)| *name == key)?;
    Some(value.trim().trim_matches('"'))
}

impl Job {
    fn read(place: String, manifest: &str) -> Option<Self> {
        let arguments = manifest
            .lines()
            .find_map(|line| line.trim().strip_prefix("args: "))?;
        let env = manifest.split("env:\n").nth(1).unwrap_or_default();
        let env = env.lines().map_while(|line| {
            let name = entry(line, "name")?;
            Some((name.to_owned(), entry(line, "value")?.to_owned()))
        });
        let mounts = manifest.lines().filter_map(|line| entry(line, "mountPath"));
        Some(Self {
            place,
            arguments: items(arguments),
            variables: env.collect(),
            mounts: mounts.map(str::to_owned).collect(),
            manifest: manifest.to_owned(),
        })
    }
}

/// All jobs of all pages.
fn jobs() -> Vec<Job> {
    let pages = fs::read_dir(guide()).expect("there is a guide");
    let pages = pages.map(|page| page.expect("it is listed").path());
    let mut jobs = Vec::new();
    for path in pages.filter(|path| path.extension().is_some_and(|it| it == "md")) {
        let text = fs::read_to_string(&path).expect("it is text");
        for block in blocks(&text).into_iter().filter(|block| block.is("yaml")) {
            let place = format!("{}:{}", path.display(), block.line);
            jobs.extend(Job::read(place, &block.code));
        }
    }
    jobs
}

impl Job {
    /// The command with just that, beside an emulator, which wants no sign-in. What is mounted is in a folder of this test.
    fn command(&self, folder: &Folder, cluster: &str) -> Command {
        let here = |argument: String, mount: &String| {
            argument.replace(&format!("{mount}/"), &format!("{}{mount}/", folder.path()))
        };
        let mut arguments = self.arguments.iter();
        let mut command = kusto_ingest(&[]);
        while let Some(argument) = arguments.next() {
            match argument.strip_prefix("--auth") {
                Some("") => drop(arguments.next()),
                Some(_) => {}
                None => drop(command.arg(self.mounts.iter().fold(argument.clone(), here))),
            }
        }
        for (name, value) in &self.variables {
            let value = if name == "KUSTO_CLUSTER" { cluster } else { value };
            command.env(name, value.replace("PART", "3"));
        }
        if self.manifest.contains("completionMode: Indexed") {
            command.env("JOB_COMPLETION_INDEX", "3");
        }
        command
    }

    /// The paths among its arguments.
    fn paths(&self) -> impl Iterator<Item = &str> {
        let arguments = self.arguments.iter();
        let values =
            arguments.map(|argument| argument.split_once('=').map_or(&**argument, |(_, value)| value));
        values.filter(|value| value.starts_with('/') && value.matches('/').count() > 1)
    }
}

#[test]
fn every_job_of_the_guide_does_its_work_with_what_its_manifest_gives_it() {
    let jobs = jobs();
    assert_eq!(jobs.len(), 3, "{jobs:#?}");
    let kusto = Kusto::with(&["Samples.Weather(at:datetime,wind:real)"]);
    let blob = kusto.put_blob("0.csv", "2012-01-01,4.7\n");
    // So many that each of the parts has some.
    let list: Vec<String> = (0..200)
        .map(|number| blob.replace("0.csv", &format!("{number}.csv")))
        .collect();
    for job in jobs {
        for path in job.paths() {
            let is_mounted = job
                .mounts
                .iter()
                .any(|mount| path.starts_with(&format!("{mount}/")));
            assert!(is_mounted, "{}: nothing is mounted at {path}", job.place);
        }
        let folder = Folder::new("guide/jobs");
        folder.write("data/day.csv", "2012-01-01,4.7\n");
        folder.write("sources/list", list.join("\n"));
        folder.write("journals/there", "");
        let output = end(start(&mut job.command(&folder, &kusto.cluster)));
        assert_eq!(output.code, 0, "{}: {output:?}", job.place);
    }
}

#[test]
fn a_job_with_an_identity_that_was_assigned_names_it() {
    let assigned = jobs()
        .into_iter()
        .filter(|job| job.manifest.contains("userAssignedIdentities:"));
    let assigned: Vec<Job> = assigned.collect();
    assert_eq!(assigned.len(), 1, "{assigned:#?}");
    for job in assigned {
        let names_it = job.variables.contains_key("AZURE_CLIENT_ID")
            || job
                .arguments
                .iter()
                .any(|argument| argument.starts_with("--client-id"));
        assert!(names_it, "{} asks for the identity of the system", job.place);
    }
}
