//! How much this Kusto takes before it refuses more.

/// How much a [`FakeKusto`](crate::FakeKusto) takes. All of it is in the memory of the process; so what is beyond a limit
/// fails with a code, and what was there before stays.
///
/// ```
/// use kusto_fake::Limits;
///
/// let limits = Limits::default().with_max_rows(1_000_000).with_max_stored_bytes(64 << 20);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of uncompressed data that one source may have; 2 GiB. More is `BadRequest_FileTooLarge`.
    pub max_raw_bytes: u64,
    /// The most rows that one source may have; 100 million. More is `BadRequest_FileTooLarge`.
    pub max_rows: u64,
    /// The most bytes of memory that the rows of all tables may take; 512 MiB. More is
    /// `BadRequest_DataCapacityLimitReached`.
    pub max_stored_bytes: u64,
    /// The most bytes of memory for rows that one query may hold; 1 GiB. More is `LimitsExceeded`.
    pub max_query_bytes: u64,
    /// The most steps of one query, each about a value that is worked out; 10 billion. More is `LimitsExceeded`.
    pub max_query_steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_raw_bytes: 2 << 30,
            max_rows: 100_000_000,
            max_stored_bytes: 512 << 20,
            max_query_bytes: 1 << 30,
            max_query_steps: 10_000_000_000,
        }
    }
}

impl Limits {
    /// Takes so many bytes of uncompressed data of one source.
    #[must_use]
    pub fn with_max_raw_bytes(self, bytes: u64) -> Self {
        Self {
            max_raw_bytes: bytes,
            ..self
        }
    }

    /// Takes so many rows of one source.
    #[must_use]
    pub fn with_max_rows(self, rows: u64) -> Self {
        Self {
            max_rows: rows,
            ..self
        }
    }

    /// Takes so many bytes of rows in all tables together.
    #[must_use]
    pub fn with_max_stored_bytes(self, bytes: u64) -> Self {
        Self {
            max_stored_bytes: bytes,
            ..self
        }
    }

    /// Lets one query hold so many bytes of rows.
    #[must_use]
    pub fn with_max_query_bytes(self, bytes: u64) -> Self {
        Self {
            max_query_bytes: bytes,
            ..self
        }
    }

    /// Lets one query take so many steps.
    #[must_use]
    pub fn with_max_query_steps(self, steps: u64) -> Self {
        Self {
            max_query_steps: steps,
            ..self
        }
    }
}
