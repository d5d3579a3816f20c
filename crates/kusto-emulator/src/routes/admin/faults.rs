//! Faults as a test in another process plans them.

use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

use crate::state::ServerState;
use crate::{FaultPreset, HttpFault, HttpFaultPlan, Route};

/// Plans what a body asks for: a preset, or a fault.
pub(super) fn add(state: &ServerState, said: &Map<String, Value>) -> Result<()> {
    let Some(preset) = said.get("preset") else {
        state.faults.plan(plan(said)?);
        return Ok(());
    };
    let preset = preset.as_str().and_then(FaultPreset::named);
    let preset = preset.ok_or_else(|| {
        let names: Vec<&str> = FaultPreset::ALL.map(FaultPreset::name).to_vec();
        refuse("\"preset\" is unknown").with("presets", names.join(", "))
    })?;
    preset.inject(state)
}

/// Reads `{"fault", "status"|"bytes"|"seconds", "code", "route", "account", "name", "after", "times"}`; what is not
/// said is as in [`HttpFaultPlan::new`], and `"times": 0` is for ever.
pub(super) fn plan(said: &Map<String, Value>) -> Result<HttpFaultPlan> {
    let text = |name: &str| said.get(name).and_then(Value::as_str);
    let number = |name: &str| said.get(name).and_then(Value::as_u64);
    let small = |name: &str| number(name).and_then(|number| u32::try_from(number).ok());

    let mut plan = HttpFaultPlan::new(fault(&text, &number)?);
    if let Some(word) = text("route") {
        plan = plan.on(Route::named(word).ok_or_else(|| refuse("\"route\" is unknown"))?);
    }
    if let Some(account) = text("account") {
        plan = plan.in_account(account);
    }
    if let Some(name) = text("name") {
        plan = plan.named(name);
    }
    plan = plan.after(small("after").unwrap_or(0));
    Ok(match small("times") {
        Some(0) => plan.forever(),
        Some(times) => plan.times(times),
        None => plan,
    })
}

fn fault<'a>(
    text: &impl Fn(&str) -> Option<&'a str>,
    number: &impl Fn(&str) -> Option<u64>,
) -> Result<HttpFault> {
    let bytes = number("bytes").ok_or_else(|| refuse("it does not say how many bytes"));
    match text("fault") {
        Some(word @ ("status" | "status-afterwards")) => {
            let status = number("status").and_then(|status| u16::try_from(status).ok());
            let status = status.filter(|status| (200..600).contains(status));
            let status = status.ok_or_else(|| refuse("\"status\" is missing"))?;
            let code = text("code").unwrap_or("InternalError").to_owned();
            Ok(match word {
                "status" => HttpFault::Status(status, code),
                _ => HttpFault::StatusAfterwards(status, code),
            })
        }
        Some("reset-before-body") => Ok(HttpFault::ResetBeforeBody),
        Some("reset-after-bytes") => Ok(HttpFault::ResetAfterBytes(bytes?)),
        Some("response-lost") => Ok(HttpFault::ResponseLost),
        Some("response-truncated") => Ok(HttpFault::ResponseTruncated(bytes?)),
        Some(word @ ("delay" | "response-delayed" | "throttled")) => {
            let seconds = number("seconds").ok_or_else(|| refuse("it does not say how many seconds"))?;
            let seconds = Duration::from_secs(seconds);
            Ok(match word {
                "delay" => HttpFault::Delay(seconds),
                "response-delayed" => HttpFault::ResponseDelayed(seconds),
                _ => HttpFault::Throttled(seconds),
            })
        }
        _ => Err(refuse("\"fault\" is unknown")),
    }
}

fn refuse(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, "plan the fault").because(why)
}
