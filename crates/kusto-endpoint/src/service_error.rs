//! The error a Kusto endpoint answers with, read however little of it came.

mod kind;
mod text;

pub(crate) use text::{private_parts, shown};

use kusto_ingest_core::{Error, ErrorKind, Idempotency, RequestOutcome};
use serde_json::Value;

use crate::json;

/// The error a Kusto endpoint answers with, the *OneApi error*.
///
/// Reading it never fails: what is no such error becomes one with what text there was. Texts are kept to 4 KiB,
/// and addresses in them end before their SAS.
#[doc(alias = "OneApiError")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The service's word for it, such as `BadRequest_TableNotExist`.
    pub code: Option<String>,
    /// What happened, in general.
    pub message: Option<String>,
    /// What happened, in particular: the text that helps.
    #[doc(alias = "@message")]
    pub description: Option<String>,
    /// The name of the exception behind it.
    #[doc(alias = "@type")]
    pub exception: Option<String>,
    /// Whether the same request would fail again, where the service says.
    #[doc(alias = "@permanent")]
    pub permanent: Option<bool>,
    /// The service's name for what it did.
    pub activity_id: Option<String>,
    /// The client's name for the request.
    pub client_request_id: Option<String>,
    /// The error behind this one.
    pub inner: Option<Box<Self>>,
}

impl ServiceError {
    /// Reads the body of an answer that is no success.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        match json::read(body) {
            Ok(value @ Value::Object(_)) => Self::from_value(&value),
            Ok(Value::String(text)) => Self::from_text(&text),
            _ => Self::from_text(&String::from_utf8_lossy(body)),
        }
    }

    /// Reads JSON that is an error, or holds one.
    #[must_use]
    pub fn from_value(value: &Value) -> Self {
        let error = value
            .get("error")
            .filter(|error| error.is_object())
            .unwrap_or(value);
        let text = |names: &[&str]| {
            let found = names.iter().find_map(|name| error.get(*name)?.as_str());
            found.filter(|text| !text.trim().is_empty()).map(shown)
        };
        let context = |name: &str| {
            let id = shown(error.get("@context")?.get(name)?.as_str()?);
            (!id.is_empty()).then_some(id)
        };
        Self {
            code: text(&["code", "Code"]),
            message: text(&["message", "Message", "error"]),
            description: text(&["@message"]),
            exception: text(&["@type"]),
            permanent: error.get("@permanent").and_then(Value::as_bool),
            activity_id: context("activityId"),
            client_request_id: context("clientRequestId"),
            inner: error
                .get("innererror")
                .filter(|inner| inner.is_object())
                .map(|inner| Box::new(Self::from_value(inner))),
        }
    }

    /// Reads a text, which may begin with the service's word for the error.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let text = text::title(text).unwrap_or(text).trim();
        let code = text.split_once(':').map(|(code, _)| code).filter(|code| {
            code.contains('_')
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        Self {
            code: code.map(shown),
            message: Some(shown(text)).filter(|text| !text.is_empty()),
            ..Self::default()
        }
    }

    /// Removes the secrets of the request from the texts, since a service may repeat them. Other words stay: they tell
    /// the caller what is wrong.
    pub(crate) fn redact_request(&mut self, request: &str) {
        for part in private_parts(request) {
            self.redact_words(&shown(part));
        }
    }

    /// Takes these words out of the texts.
    pub(crate) fn redact_words(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        for text in [&mut self.message, &mut self.description].into_iter().flatten() {
            *text = text.replace(words, "…");
        }
        if let Some(inner) = &mut self.inner {
            inner.redact_words(words);
        }
    }

    /// The error for the client: its kind, the service's word on permanence, and the text that helps.
    ///
    /// The same code may come with any status, and the same status for transient and permanent failures: so the
    /// service's `@permanent` decides, and only without it the status.
    #[must_use]
    pub fn into_error(self, operation: &'static str, status: u16) -> Error {
        self.into_error_of(Idempotency::Idempotent, operation, status)
    }

    /// As [`into_error`](Self::into_error), for a request of this idempotency. Its outcome is unknown where the status
    /// leaves it open, unless the service says that the request failed permanently or was not begun.
    pub(crate) fn into_error_of(
        self,
        idempotency: Idempotency,
        operation: &'static str,
        status: u16,
    ) -> Error {
        let mut kind = kind::kind(&self, status);
        let permanent = kind::is_permanent(&self, kind, status);
        let is_definite = permanent || kind == ErrorKind::Throttled;
        if !is_definite && idempotency.is_unknown_after(RequestOutcome::Status(status)) {
            kind = ErrorKind::OutcomeUnknown;
        }
        let mut error = Error::new(kind, operation).with_permanence(permanent);
        let told = self.description.or(self.message);
        if kind == ErrorKind::WrongEndpoint {
            error = kind::wrong_endpoint(error, told.as_deref().unwrap_or_default());
        } else if let Some(told) = &told {
            error = error.because(told.clone());
        } else {
            error = error.because(kind::without_words(status));
        }
        if let Some(code) = self.code {
            error = error.with_code(code);
        }
        // An answer of status 200 that tells of a failure is none that the status told of.
        if status != 200 {
            error = error.with_http_status(status);
        }
        for (name, id) in [
            ("activity id", self.activity_id),
            ("client request id", self.client_request_id),
        ] {
            if let Some(id) = id {
                error = error.with(name, id);
            }
        }
        match self.inner {
            Some(inner) => inner.explain(error, told.as_deref().unwrap_or_default(), operation),
            None => error,
        }
    }

    /// Adds this error as the cause, unless the outer one has said it all.
    fn explain(self, outer: Error, said: &str, operation: &'static str) -> Error {
        let told = self.description.or(self.message).unwrap_or_default();
        if told.is_empty() || said.contains(&told) {
            return outer;
        }
        let mut cause = Error::new(outer.kind(), operation).because(told);
        if let Some(code) = self.code {
            cause = cause.with_code(code);
        }
        outer.caused_by(cause)
    }
}

/// The error of a success whose body is none of Kusto's, such as a sign-in page's: somebody answered, and whether the
/// service was asked is not known.
pub(crate) fn foreign_success(operation: &'static str, body: &[u8]) -> Error {
    let why = "it was answered with success, by what is no answer of Kusto's";
    Error::new(ErrorKind::OutcomeUnknown, operation).because(with_title(why, body))
}

/// A reason, and what a page says of itself where the body is one.
pub(crate) fn with_title(why: &str, body: &[u8]) -> String {
    match text::title(&String::from_utf8_lossy(body)).map(shown) {
        Some(title) if !title.is_empty() => format!("{why}: {title}"),
        _ => why.to_owned(),
    }
}
