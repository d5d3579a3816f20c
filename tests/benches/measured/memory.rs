//! How much memory this process held at most, on Linux.

const MIB: f64 = 1024.0 * 1024.0;

/// Does a piece of work, and tells how many MiB were resident before, and at most meanwhile.
pub(crate) fn peak_of<T>(work: impl FnOnce() -> T) -> (T, f64, f64) {
    // The kernel forgets the peak so far.
    let _kept_where_it_may_not = std::fs::write("/proc/self/clear_refs", "5");
    let before = mebibytes("VmRSS:");
    let made = work();
    (made, before, mebibytes("VmHWM:"))
}

/// A line of `/proc/self/status`, which counts in KiB; not a number where there is none.
fn mebibytes(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    let kibibytes = found.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes.map_or(f64::NAN, |count| count * 1024.0 / MIB)
}
