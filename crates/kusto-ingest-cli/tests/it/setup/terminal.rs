//! A terminal for a command, and all that a person reads there.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;
use std::thread;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Runs a command whose output and errors both go to a terminal so many columns wide, and tells its exit code and what
/// is read there, without the marks by which colours and the live line are made.
pub(crate) fn run_at_terminal(command: &mut Command, columns: u16) -> (i32, String) {
    let (code, said) = run_at_raw_terminal(command, columns);
    (code, plain(&said))
}

/// The same, with these marks.
pub(crate) fn run_at_raw_terminal(command: &mut Command, columns: u16) -> (i32, String) {
    let there = "the system has terminals";
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect(there);
    grantpt(&master).expect(there);
    unlockpt(&master).expect(there);
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&master, size).expect(there);
    let name = ptsname(&master, Vec::new()).expect(there);
    let name = std::ffi::OsStr::from_bytes(name.as_bytes());
    let terminal = File::options().read(true).write(true).open(name).expect(there);
    command
        .stdout(terminal.try_clone().expect(there))
        .stderr(terminal);
    let mut child = command.spawn().expect("the binary was built");
    // The command holds the terminal's only other end, so that its end is the end of what is read.
    command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let reader = thread::spawn(move || {
        let (mut master, mut said) = (File::from(master), Vec::new());
        let mut part = [0; 4096];
        // A terminal that nobody holds open any more cannot be read: that is its end.
        while let Ok(read @ 1..) = master.read(&mut part) {
            said.extend(&part[..read]);
        }
        said
    });
    let code = child.wait().expect("it ends").code().unwrap_or(-1);
    let said = reader.join().expect("it reads to the end");
    (code, String::from_utf8_lossy(&said).into_owned())
}

/// A text without escape sequences.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        let end = after.find(|next: char| next.is_ascii_alphabetic());
        rest = end.map_or("", |end| &after[end + 1..]);
    }
    plain.push_str(rest);
    plain.replace("\r\n", "\n")
}
