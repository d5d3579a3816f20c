//! What a piece of work cost: time on the wall, and processor time of the whole process.

use std::fmt;
use std::time::Instant;

/// What the kernel counts processor time in, for everybody who reads `/proc`.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds on the wall, and of processors where the system tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: f64,
    pub(crate) cpu: Option<f64>,
}

/// Does a piece of work, and tells its cost.
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (begun, ticks) = (Instant::now(), ticks());
    let made = work();
    let wall = begun.elapsed().as_secs_f64();
    let cpu = self::ticks()
        .zip(ticks)
        .map(|(after, before)| (after - before) / TICKS_PER_SECOND);
    (made, Cost { wall, cpu })
}

/// User and system time of this process: fields 14 and 15 of `/proc/self/stat`, on Linux.
fn ticks() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets, and may hold spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let [user, system] = [fields.next()?, fields.next()?].map(|field| field.parse::<f64>().ok());
    Some(user? + system?)
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s on the wall", self.wall)?;
        match self.cpu {
            Some(cpu) => write!(f, " and {cpu:.2} s of processors"),
            None => Ok(()),
        }
    }
}

/// The value that as many are above as below.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
