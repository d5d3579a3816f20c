//! A clock that expects to be asked. Its runtime has no name, and is not asked for.

use std::time::Duration;

use async_trait::async_trait;

use super::Clock;
use crate::Timestamp;

mockall::mock! {
    /// A [`Clock`] that expects to be asked for the time.
    #[derive(Debug)]
    pub Clock {}

    #[async_trait]
    impl Clock for Clock {
        fn now(&self) -> Timestamp;
        fn monotonic(&self) -> Duration;
        async fn sleep(&self, duration: Duration);
    }
}
