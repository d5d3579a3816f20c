//! How a connection is closed without a response.

use std::error::Error as StdError;
use std::fmt;

/// How a connection is closed without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disconnect {
    Close,
    Reset,
}

impl fmt::Display for Disconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl StdError for Disconnect {}
