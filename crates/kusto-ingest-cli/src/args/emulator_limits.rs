//! How much an emulator takes: limits of sources, of memory, and of the network's side.

use std::time::Duration;

use clap::Args;
use kusto_emulator::{Limits, ServerLimits};

use super::duration;
use super::size::Size;

const HEADING: &str = "Limits";

/// How much an emulator takes before it refuses more.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct EmulatorLimitArgs {
    /// The most uncompressed data of one source; more fails with BadRequest_FileTooLarge.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(2 << 30), help_heading = HEADING)]
    max_source_size: Size,

    /// The most rows of one source; more fail with BadRequest_FileTooLarge.
    #[arg(long, value_name = "N", default_value_t = 100_000_000, value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    max_source_rows: u64,

    /// The most memory for the rows of all tables; more fail with BadRequest_DataCapacityLimitReached.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(512 << 20), help_heading = HEADING)]
    max_stored_size: Size,

    /// The most memory for the rows that one query holds; more is LimitsExceeded.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(1 << 30), help_heading = HEADING)]
    max_query_size: Size,

    /// The most steps of one query, each about a value that is worked out; more are LimitsExceeded.
    #[arg(long, value_name = "N", default_value_t = 10_000_000_000, value_parser = clap::value_parser!(u64).range(1..), help_heading = HEADING)]
    max_query_steps: u64,

    /// The most memory for all blobs and staged blocks; more gets 413.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(4 << 30), help_heading = HEADING)]
    max_blob_size: Size,

    /// The largest body of any request; a larger one gets 413. The service's limits for each kind of request apply as
    /// well.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(256 << 20), help_heading = HEADING)]
    max_body_size: Size,

    /// The most connections at a time; one more gets 503.
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..), help_heading = HEADING)]
    max_connections: u32,

    /// The most headers of a request; more get 431.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=10_000), help_heading = HEADING)]
    max_headers: u16,

    /// The most bytes of a request's headers, at least 8KiB; more get 431.
    #[arg(long, value_name = "SIZE", default_value_t = Size::of(64 << 10), help_heading = HEADING)]
    max_header_size: Size,

    /// Time limit for the headers of a request; a slower client gets 408.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse, help_heading = HEADING)]
    max_header_time: Duration,

    /// The longest pause within a body; a slower client gets 408.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse, help_heading = HEADING)]
    max_body_pause: Duration,
}

impl EmulatorLimitArgs {
    /// The limits of sources and of what is stored of them.
    pub(crate) fn limits(&self) -> Limits {
        Limits::default()
            .with_max_raw_bytes(self.max_source_size.bytes())
            .with_max_rows(self.max_source_rows)
            .with_max_stored_bytes(self.max_stored_size.bytes())
            .with_max_query_bytes(self.max_query_size.bytes())
            .with_max_query_steps(self.max_query_steps)
    }

    /// The limits of the network's side.
    pub(crate) fn server_limits(&self) -> ServerLimits {
        let connections = usize::try_from(self.max_connections).unwrap_or(usize::MAX);
        ServerLimits::default()
            .with_max_connections(connections)
            .with_max_headers(self.max_headers.into(), self.max_header_size.in_memory())
            .with_max_body_bytes(self.max_body_size.bytes())
            .with_max_blob_bytes(self.max_blob_size.bytes())
            .with_header_timeout(self.max_header_time)
            .with_body_timeout(self.max_body_pause)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command, FromArgMatches as _};

    use super::*;

    #[test]
    fn without_options_the_limits_are_those_of_the_library() {
        let matches =
            EmulatorLimitArgs::augment_args(Command::new("emulator")).get_matches_from(["emulator"]);
        let given = EmulatorLimitArgs::from_arg_matches(&matches).expect("there are defaults");
        assert_eq!(given.limits(), Limits::default());
        assert_eq!(given.server_limits(), ServerLimits::default());
    }
}
