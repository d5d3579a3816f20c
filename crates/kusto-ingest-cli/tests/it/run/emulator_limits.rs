//! `emulator --max-…`: what is beyond a limit fails with a code, and leaves the others alone.

use std::io::{Read as _, Write as _};

use super::emulator::Served;
use crate::setup::command::run;
use crate::setup::folder::{Folder, gzip};

/// What is answered to these bytes, until the connection is closed.
fn answered(served: &Served, bytes: &str) -> String {
    let address = served.cluster().replace("http://localhost", "127.0.0.1");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    stream.write_all(bytes.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn limits_of_sources_and_of_memory_are_set_with_units() {
    let folder = Folder::new("limits");
    let wide = folder.write("wide.csv", "x".repeat(3000));
    let many = folder.write("many.csv", "1\n2\n3\n");
    let fine = folder.write("fine.csv", "1\n");
    for (limit, file, code) in [
        (["--max-source-size", "2KiB"], &wide, "BadRequest_FileTooLarge"),
        (["--max-source-rows", "2"], &many, "BadRequest_FileTooLarge"),
        (
            ["--max-stored-size", "1KB"],
            &wide,
            "BadRequest_DataCapacityLimitReached",
        ),
    ] {
        let served = Served::start(&["--table", "T(a:string)", limit[0], limit[1]]);
        let into = ["-d", "NetDefaultDB", "-t", "T", "--wait", "--output", "json"];
        let ingest =
            |file: &str| run(&[&["ingest", file, "--cluster", served.cluster()], &into[..]].concat());
        assert_eq!(
            ingest(file).ended(5, "Failed")["error"]["code"],
            code,
            "{limit:?}"
        );
        ingest(&fine).ended(0, "Succeeded");
    }
}

#[test]
fn limits_of_the_networks_side_are_set_with_units() {
    // Those of time have an emulator of their own: what is about something else may take its time.
    let sizes = ["--max-headers", "3", "--max-header-size", "8KiB"];
    let small = Served::start(&[&sizes[..], &["--max-body-size", "1KiB"]].concat());
    let hasty = Served::start(&["--max-header-time", "200ms", "--max-body-pause", "200ms"]);
    let post = "POST /v1/rest/mgmt HTTP/1.1\r\nhost: localhost\r\n";
    for (served, bytes, status) in [
        (&small, format!("{post}a: b\r\nc: d\r\ne: f\r\n\r\n"), "431"),
        (&small, format!("{post}a: {}\r\n\r\n", "x".repeat(9000)), "431"),
        (&small, format!("{post}content-length: 2000\r\n\r\n"), "413"),
        (&hasty, post.to_owned(), "408"),
        (&hasty, format!("{post}content-length: 9\r\n\r\nhalf"), "408"),
    ] {
        let answer = answered(served, &bytes);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{status}: {answer}"
        );
    }
    let served = Served::start(&["--max-connections", "1"]);
    let address = served.cluster().replace("http://localhost", "127.0.0.1");
    let _first = std::net::TcpStream::connect(address).expect("it listens");
    let second = answered(&served, "");
    assert!(second.starts_with("HTTP/1.1 503 "), "{second}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_source_that_unpacks_a_thousandfold_fails_with_a_code_and_takes_no_memory() {
    let folder = Folder::new("bomb");
    let row = format!("{},{}\n", "a".repeat(5_000), "b".repeat(5_000));
    let packed = gzip(row.repeat(7_000));
    assert!(
        packed.len() < 1 << 20,
        "70 MB out of less than one: {}",
        packed.len()
    );
    let bomb = folder.write("bomb.csv.gz", packed);
    let fine = folder.write("fine.csv", "x,y\n");
    let served = Served::start(&["--table", "T(a:string,b:string)", "--max-stored-size", "64MiB"]);
    let into = ["-d", "NetDefaultDB", "-t", "T", "--wait", "--output", "json"];
    let ingest = |file: &str| run(&[&["ingest", file, "--cluster", served.cluster()], &into[..]].concat());
    for _ in 0..2 {
        let error = &ingest(&bomb).ended(5, "Failed")["error"];
        assert_eq!(error["code"], "BadRequest_DataCapacityLimitReached");
        ingest(&fine).ended(0, "Succeeded");
    }
    let status = format!("/proc/{}/status", served.child.id());
    let status = std::fs::read_to_string(status).expect("it runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak
        .and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .expect("linux tells it");
    assert!(peak < 64 << 10, "{peak} KiB for what was refused");
}
