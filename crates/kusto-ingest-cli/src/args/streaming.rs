//! The arguments of the commands that stream.

use clap::{Args, ValueEnum};
use kusto_ingest::streaming::StreamingLimits;

/// How large what is streamed may be, and where it comes from.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct BodyArgs {
    /// Multiply the streaming size limit (4 MiB) by FACTOR: 0.5 for half, 2 for twice as much. The service has its own
    /// limits.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = factor)]
    pub(crate) data_size_factor: f64,

    /// Accept only URLs of blobs, which the engine fetches by itself. URLs are streamed in this way without this, too.
    #[arg(long)]
    pub(crate) from_uri: bool,
}

/// What is done about that which a streaming request cannot carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnUnsupported {
    /// Fail before anything is sent.
    #[default]
    Error,
    /// Leave it out, and warn.
    Warn,
    /// Leave it out.
    Ignore,
}

impl BodyArgs {
    /// What is not too large.
    pub(crate) fn limits(self) -> StreamingLimits {
        let usual = StreamingLimits::new();
        // Both are small enough to be exact, and a fraction of a byte is none.
        let bytes = usual.data_bytes as f64 * self.data_size_factor;
        usual.with_data_bytes(bytes as u64)
    }
}

fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok();
    factor
        .filter(|factor| (0.001..=1000.0).contains(factor))
        .ok_or_else(|| "it is no number from 0.001 to 1000, such as 0.5 or 2".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_a_number_that_leaves_something_to_stream() {
        for (text, bytes) in [
            ("1", Some(4 << 20)),
            ("0.5", Some(2 << 20)),
            ("1000", Some(4000 << 20)),
            ("0.001", Some(4194)),
            ("0", None),
            ("-1", None),
            ("1001", None),
            ("NaN", None),
            ("inf", None),
            ("2x", None),
            ("", None),
        ] {
            let limits = factor(text).map(|data_size_factor| {
                let args = BodyArgs {
                    data_size_factor,
                    from_uri: false,
                };
                args.limits().data_bytes
            });
            assert_eq!(limits.ok(), bytes, "{text:?}");
        }
    }
}
