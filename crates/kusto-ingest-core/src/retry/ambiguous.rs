//! How many sends of a source may or may not have been carried out, and what that makes of its outcome.

use crate::{Error, ErrorKind, Receipt, ReceiptState, Result};

/// How many sends of a source ended without anybody knowing whether they were carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AmbiguousSends(u32);

impl AmbiguousSends {
    /// None so far.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Their number.
    #[must_use]
    pub fn count(self) -> u32 {
        self.0
    }

    /// Counts those behind an error: as its receipt says, and one for an unknown outcome without a receipt.
    pub fn count_in(&mut self, error: &Error) {
        let told = error.receipt().map_or(0, |receipt| receipt.ambiguous_sends);
        let is_unknown = error.kind() == ErrorKind::OutcomeUnknown;
        self.0 = self.0.saturating_add(told.max(u32::from(is_unknown)));
    }

    /// What a client returns for a source after these sends. A receipt tells their number beside its own. An error is of
    /// kind [`OutcomeUnknown`](ErrorKind::OutcomeUnknown) when there were any, however the last send ended, and carries
    /// the receipt that `receipt` makes of the state.
    ///
    /// # Errors
    /// The error of the result.
    pub fn conclude(
        self,
        result: Result<Receipt>,
        receipt: impl FnOnce(ReceiptState) -> Receipt,
    ) -> Result<Receipt> {
        let error = match result {
            Ok(receipt) => {
                let own = receipt.ambiguous_sends;
                return Ok(receipt.with_ambiguous_sends(own.saturating_add(self.0)));
            }
            Err(error) => unknown(self, error),
        };
        if error.kind() != ErrorKind::OutcomeUnknown {
            return Err(error);
        }
        let status = error
            .receipt()
            .and_then(|receipt| receipt.status_locator().cloned());
        let reason = error.chain();
        let receipt = receipt(ReceiptState::Unknown { status, reason });
        Err(error.with_receipt(receipt.with_ambiguous_sends(self.0)))
    }
}

/// The error of sends that ended: an unknown outcome where one of them was ambiguous, whatever the last one says.
pub(super) fn unknown(sends: AmbiguousSends, last: Error) -> Error {
    if sends.0 == 0 || last.kind() == ErrorKind::OutcomeUnknown {
        return last;
    }
    Error::new(ErrorKind::OutcomeUnknown, last.operation().to_owned())
        .because("the outcome of an earlier attempt is unknown, and the last attempt failed")
        .caused_by(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DatabaseName, SourceId, StatusLocator, TableName};

    fn receipt(state: ReceiptState) -> Receipt {
        let table = TableName::parse("T").expect("a name");
        Receipt::new(SourceId::random(), DatabaseName::net_default(), table, state)
    }

    fn after(sends: u32) -> AmbiguousSends {
        AmbiguousSends(sends)
    }

    #[test]
    fn a_receipt_tells_the_sends_before_it_beside_its_own() {
        let streamed = receipt(ReceiptState::Streamed).with_ambiguous_sends(1);
        let told = after(2)
            .conclude(Ok(streamed), receipt)
            .expect("a success stays one");
        assert_eq!((told.ambiguous_sends, told.may_be_duplicated()), (3, true));
    }

    #[test]
    fn an_error_after_an_ambiguous_send_is_an_unknown_outcome_whatever_it_says() {
        let refused = Error::new(ErrorKind::Rejected, "send").because("it is wrong");
        let alone = after(0)
            .conclude(Err(refused.clone()), receipt)
            .expect_err("it failed");
        assert_eq!(
            (alone.kind(), alone.receipt().is_none()),
            (ErrorKind::Rejected, true)
        );
        let error = after(2).conclude(Err(refused), receipt).expect_err("it failed");
        assert_eq!(
            (error.kind(), error.is_permanent()),
            (ErrorKind::OutcomeUnknown, false)
        );
        let carried = error.receipt().expect("it carries one");
        assert_eq!(carried.ambiguous_sends, 2);
        assert!(
            matches!(&carried.state, ReceiptState::Unknown { status: None, reason } if reason.contains("it is wrong")),
            "{carried:?}"
        );
    }

    #[test]
    fn what_an_errors_receipt_says_is_counted_and_its_status_kept() {
        let status = StatusLocator::new("https://h/t", SourceId::random());
        let state = ReceiptState::Unknown {
            status: Some(status.clone()),
            reason: "lost".to_owned(),
        };
        let lost = Error::new(ErrorKind::OutcomeUnknown, "send");
        let told = lost.clone().with_receipt(receipt(state).with_ambiguous_sends(3));
        let mut sends = after(1);
        for (error, count) in [(&told, 4), (&lost, 5), (&Error::new(ErrorKind::Io, "send"), 5)] {
            sends.count_in(error);
            assert_eq!(sends.count(), count);
        }
        let error = sends.conclude(Err(told), receipt).expect_err("it failed");
        let carried = error.receipt().expect("it carries one");
        assert_eq!(
            (carried.status_locator(), carried.ambiguous_sends),
            (Some(&status), 5)
        );
    }
}
