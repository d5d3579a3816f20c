//! A client's program in a process of its own, and what it costs, as Linux counts it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

/// What the kernel counts processor time in, for everybody who reads `/proc`.
const TICKS_PER_SECOND: f64 = 100.0;

/// A program that ingests when it is asked to; ended when dropped.
pub(crate) struct Process {
    child: Child,
    asked: ChildStdin,
    said: BufReader<ChildStdout>,
    wall: f64,
    cpu: f64,
}

impl Process {
    /// Starts it, and waits for its first ingestion.
    pub(crate) fn start(command: &mut Command) -> Self {
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the client is installed");
        let asked = child.stdin.take().expect("it is a pipe");
        let said = BufReader::new(child.stdout.take().expect("it is a pipe"));
        let mut process = Self {
            child,
            asked,
            said,
            wall: 0.0,
            cpu: 0.0,
        };
        process.hear("ready");
        process.wall = begun.elapsed().as_secs_f64();
        process.cpu = process.cpu_of_threads();
        process
    }

    /// Seconds from its start to its first ingestion: on the wall, and of processors.
    pub(crate) fn start_cost(&self) -> (f64, f64) {
        (self.wall, self.cpu)
    }

    /// Has it do something, to the end.
    pub(crate) fn ask(&mut self, what: &str) {
        writeln!(self.asked, "{what}").expect("it listens");
        self.hear("done");
    }

    fn hear(&mut self, word: &str) {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("it speaks");
        assert_eq!(line.trim_end(), word, "the client has failed");
    }

    /// Seconds of processors so far, user and system, of all its threads.
    pub(crate) fn cpu(&self) -> f64 {
        let stat = self.file("stat");
        // The second field is the program's name in brackets, and may hold spaces; 14 and 15 are wanted.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks = fields.split_ascii_whitespace().skip(11).take(2);
        ticks.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND
    }

    /// The same of the threads that live, finer than the ticks of the kernel's clock.
    fn cpu_of_threads(&self) -> f64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let spent = tasks.into_iter().flatten().flatten().filter_map(|task| {
            let statistics = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            statistics.split(' ').next()?.parse::<f64>().ok()
        });
        spent.sum::<f64>() / 1e9
    }

    /// How many MiB were resident at most.
    pub(crate) fn peak(&self) -> f64 {
        let status = self.file("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kibibytes.map_or(f64::NAN, |count| count / 1024.0)
    }

    /// Has the kernel forget the peak so far.
    pub(crate) fn forget_peak(&self) {
        let _kept_where_it_may_not = std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if the process has ended by itself.
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}
