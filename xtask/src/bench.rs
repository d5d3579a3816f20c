//! `bench [NAME] [PART]`: the figures to reach, as ratios of two runs that took turns on this machine.

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use crate::native;

/// The packages that have benchmarks: whole flows, and what is measured alone.
const PACKAGES: [&str; 3] = ["kusto-ingest-tests", "kusto-ingest-decode", "kusto-fake"];

/// Runs all benchmarks, or one of them, or a part of that. What they find is printed and decides
/// nothing: timings are no tests.
pub(crate) fn run(sh: &Shell, arguments: &[&str]) -> Result<()> {
    let (chosen, part) = match arguments {
        [] => (vec!["--benches"], &[][..]),
        ["--peers", turns @ ..] => return crate::peers::bench(sh, turns),
        [option, ..] if option.starts_with('-') => {
            bail!("`bench` takes the name of a benchmark, and not `{option}`")
        }
        [name, part @ ..] => (vec!["--bench", *name], part),
    };
    // Its other engine needs more of a machine than Rust.
    let with_native = arguments.first() == Some(&"engines") && native::can_be_built()?;
    let features = with_native.then_some("--features=kusto-ingest-tests/isal");
    // Where backtraces are on, `azure_core` takes one for every header that is not there.
    let _without = sh.push_env("RUST_BACKTRACE", "0");
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    Ok(cmd!(
        sh,
        "cargo bench {packages...} {features...} {chosen...} -- {part...}"
    )
    .run()?)
}
