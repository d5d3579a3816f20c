//! Faults as a test in another process plans them.

use std::time::Duration;

use kusto_ingest_core::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

use crate::state::ServerState;
use crate::{FaultPreset, HttpFault, HttpFaultPlan, Route};

/// What a body may say of a fault.
const KEYS: [&str; 10] = [
    "fault", "status", "code", "bytes", "seconds", "route", "account", "name", "after", "times",
];

/// Plans what a body asks for: a preset, or a fault.
pub(super) fn add(state: &ServerState, said: &Map<String, Value>) -> Result<()> {
    let said = Said(said);
    if !said.0.contains_key("preset") {
        state.faults.plan(plan(&said)?);
        return Ok(());
    }
    said.only(&["preset"])?;
    let preset = said.text("preset")?.and_then(FaultPreset::named);
    let preset = preset.ok_or_else(|| unknown("preset", &FaultPreset::ALL.map(FaultPreset::name)))?;
    preset.inject(state)
}

/// Reads a fault; what is not said is as in [`HttpFaultPlan::new`], and `"times": 0` is for ever.
fn plan(said: &Said<'_>) -> Result<HttpFaultPlan> {
    said.only(&KEYS)?;
    let mut plan = HttpFaultPlan::new(fault(said)?);
    if let Some(word) = said.text("route")? {
        let route = Route::named(word);
        plan = plan.on(route.ok_or_else(|| unknown("route", &Route::ALL.map(|route| route.to_string())))?);
    }
    if let Some(account) = said.text("account")? {
        plan = plan.in_account(account);
    }
    if let Some(name) = said.text("name")? {
        plan = plan.named(name);
    }
    plan = plan.after(said.small("after")?.unwrap_or(0));
    Ok(match said.small("times")? {
        Some(0) => plan.forever(),
        Some(times) => plan.times(times),
        None => plan,
    })
}

fn fault(said: &Said<'_>) -> Result<HttpFault> {
    Ok(match said.text("fault")?.unwrap_or_default() {
        "status" => HttpFault::Status(said.status()?, said.code()?),
        "status-afterwards" => HttpFault::StatusAfterwards(said.status()?, said.code()?),
        "throttled" => HttpFault::Throttled(said.seconds()?),
        "reset-before-body" => HttpFault::ResetBeforeBody,
        "reset-after-bytes" => HttpFault::ResetAfterBytes(said.bytes()?),
        "response-lost" => HttpFault::ResponseLost,
        "response-truncated" => HttpFault::ResponseTruncated(said.bytes()?),
        "response-delayed" => HttpFault::ResponseDelayed(said.seconds()?),
        "delay" => HttpFault::Delay(said.seconds()?),
        _ => return Err(unknown("fault", &HttpFault::WORDS)),
    })
}

/// What a body says. What has another type than it should is refused, and not left out.
struct Said<'a>(&'a Map<String, Value>);

impl<'a> Said<'a> {
    fn only(&self, known: &[&str]) -> Result<()> {
        match self.0.keys().all(|key| known.contains(&key.as_str())) {
            true => Ok(()),
            false => Err(refuse(format!(
                "it may say {} and nothing else",
                known.join(", ")
            ))),
        }
    }

    fn status(&self) -> Result<u16> {
        let number = self.number("status")?;
        let status = number.and_then(|number| u16::try_from(number).ok());
        let status = status.filter(|status| (200..600).contains(status));
        status.ok_or_else(|| refuse("\"status\" must be a number from 200 to 599"))
    }

    fn code(&self) -> Result<String> {
        Ok(self.text("code")?.unwrap_or("InternalError").to_owned())
    }

    fn bytes(&self) -> Result<u64> {
        let bytes = self.number("bytes")?;
        bytes.ok_or_else(|| refuse("it does not say how many \"bytes\""))
    }

    fn seconds(&self) -> Result<Duration> {
        let seconds = self.number("seconds")?;
        let seconds = seconds.ok_or_else(|| refuse("it does not say how many \"seconds\""))?;
        Ok(Duration::from_secs(seconds))
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>> {
        let text = |value: &'a Value| {
            value
                .as_str()
                .ok_or_else(|| refuse(format!("\"{name}\" must be a text")))
        };
        self.0.get(name).map(text).transpose()
    }

    fn number(&self, name: &str) -> Result<Option<u64>> {
        let number = |value: &Value| {
            value
                .as_u64()
                .ok_or_else(|| refuse(format!("\"{name}\" must be a whole number")))
        };
        self.0.get(name).map(number).transpose()
    }

    fn small(&self, name: &str) -> Result<Option<u32>> {
        let small = |number| u32::try_from(number).map_err(|_| refuse(format!("\"{name}\" is too large")));
        self.number(name)?.map(small).transpose()
    }
}

fn unknown(what: &str, known: &[impl AsRef<str>]) -> Error {
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    refuse(format!("\"{what}\" is unknown; known are {}", known.join(", ")))
}

fn refuse(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, "plan the fault").because(why.into())
}
