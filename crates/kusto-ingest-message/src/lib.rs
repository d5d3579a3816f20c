#![doc = include_str!("../README.md")]

// How text is read and written.
mod base64_text;
mod fields;

// What clients send.
mod message;
mod token;

// What comes back.
mod error_code;
mod notification;
mod status;

// What to do about it.
mod advice;

pub use advice::advice;
pub use error_code::{ErrorCategory, IngestionErrorCode};
pub use message::{DecodedMessage, IngestionMessage, StatusLocation};
pub use notification::{FailureNotification, Report, SuccessNotification};
pub use status::{FailureStatus, OperationStatus, StatusRecord};
pub use token::IdentityToken;
