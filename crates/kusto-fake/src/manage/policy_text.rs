//! What a command says of a policy: JSON, or words of its own.

use kusto_ingest_core::{Result, Timespan};
use serde_json::{Value as Json, json};

use super::args::Args;
use crate::catalog::PolicyKind;
use crate::refusal::refused;

/// Reads the value of a policy.
///
/// # Errors
/// `BadRequest_SyntaxError` for what is neither JSON nor the words of this policy; `General_BadRequest` for JSON that is
/// none, or of another form.
pub(super) fn read(args: &mut Args<'_>, kind: &PolicyKind) -> Result<Json> {
    if let Some(text) = args.lexer.string() {
        return from_json(kind, &text);
    }
    if args.lexer.keyword("null") {
        return Ok(Json::Null);
    }
    match kind.word {
        "streamingingestion" => switch(args, "enable", "disable").map(|on| json!({ "IsEnabled": on })),
        "ingestiontime" | "restricted_view_access" => {
            switch(args, "true", "false").map(|on| json!({ "IsEnabled": on }))
        }
        "row_level_security" => {
            let on = switch(args, "enable", "disable")?;
            let query = args.text("the query as a string")?;
            Ok(json!({ "IsEnabled": on, "Query": query }))
        }
        "retention" => retention(args),
        "caching" => caching(args),
        "roworder" => row_order(args),
        _ => Err(args.lexer.expected("the policy as a string")),
    }
}

fn from_json(kind: &PolicyKind, text: &str) -> Result<Json> {
    let policy: Json = serde_json::from_str(text).map_err(|error| {
        refused("General_BadRequest", "the policy is no JSON").with("column", error.column())
    })?;
    let is_list = kind.word == "update" || kind.word == "managed_identity";
    let fits = policy.is_null()
        || if is_list {
            policy.is_array()
        } else {
            policy.is_object()
        };
    match fits {
        true => Ok(policy),
        false if is_list => Err(refused("General_BadRequest", "the policy must be a JSON array")),
        false => Err(refused("General_BadRequest", "the policy must be a JSON object")),
    }
}

fn switch(args: &mut Args<'_>, on: &str, off: &str) -> Result<bool> {
    if args.lexer.keyword(on) {
        return Ok(true);
    }
    match args.lexer.keyword(off) {
        true => Ok(false),
        false => Err(args
            .lexer
            .expected(&format!("{on}, {off} or the policy as a string"))),
    }
}

/// `softdelete = 10d recoverability = enabled`.
fn retention(args: &mut Args<'_>) -> Result<Json> {
    let mut policy = serde_json::Map::new();
    loop {
        if args.lexer.keyword("softdelete") {
            args.mark('=', "= and a timespan")?;
            policy.insert("SoftDeletePeriod".to_owned(), timespan(args)?.into());
        } else if args.lexer.keyword("recoverability") {
            args.mark('=', "= and enabled or disabled")?;
            let on = switch(args, "enabled", "disabled")?;
            policy.insert(
                "Recoverability".to_owned(),
                if on { "Enabled" } else { "Disabled" }.into(),
            );
        } else if policy.is_empty() {
            return Err(args
                .lexer
                .expected("softdelete=, recoverability= or the policy as a string"));
        } else {
            return Ok(policy.into());
        }
    }
}

/// `hot = 30d, hot_window = datetime(…) .. datetime(…)`.
fn caching(args: &mut Args<'_>) -> Result<Json> {
    let mut policy = serde_json::Map::new();
    let mut windows = Vec::new();
    loop {
        if args.lexer.keyword("hot") {
            args.mark('=', "= and a timespan")?;
            let span = timespan(args)?;
            policy.insert("DataHotSpan".to_owned(), span.clone().into());
            policy.insert("IndexHotSpan".to_owned(), span.into());
        } else if args.lexer.keyword("hotdata") {
            args.mark('=', "= and a timespan")?;
            policy.insert("DataHotSpan".to_owned(), timespan(args)?.into());
        } else if args.lexer.keyword("hotindex") {
            args.mark('=', "= and a timespan")?;
            policy.insert("IndexHotSpan".to_owned(), timespan(args)?.into());
        } else if args.lexer.keyword("hot_window") {
            args.mark('=', "= and a window")?;
            let from = moment(args)?;
            args.mark('.', "two dots")?;
            args.mark('.', "two dots")?;
            windows.push(json!({ "MinValue": from, "MaxValue": moment(args)? }));
        } else {
            return Err(args.lexer.expected("hot=, hot_window= or the policy as a string"));
        }
        if !args.lexer.mark(',') && !args.lexer.peek_word().starts_with("hot") {
            break;
        }
    }
    if !windows.is_empty() {
        policy.insert("HotWindows".to_owned(), windows.into());
    }
    Ok(policy.into())
}

/// `(column asc, column desc)`.
fn row_order(args: &mut Args<'_>) -> Result<Json> {
    let mut columns = Vec::new();
    args.mark('(', "columns in parentheses, or the policy as a string")?;
    while !args.lexer.mark(')') {
        let column = args.lexer.name();
        let column = column.ok_or_else(|| args.lexer.expected("the name of a column"))?;
        let ascending = !args.lexer.keyword("desc");
        if ascending {
            args.lexer.keyword("asc");
        }
        columns.push(json!({ "ColumnName": column, "IsAscending": ascending }));
        if !args.lexer.mark(',') && !args.lexer.is_at(')') {
            return Err(args.lexer.expected("a comma or the closing parenthesis"));
        }
    }
    Ok(json!({ "ColumnSortings": columns }))
}

/// A timespan as policies have it: `10d` becomes `10.00:00:00`.
fn timespan(args: &mut Args<'_>) -> Result<String> {
    let mut lexer = args.lexer;
    let inner = (lexer.keyword("timespan") || lexer.keyword("time"))
        .then(|| lexer.parentheses())
        .flatten();
    let text = match inner {
        Some(inner) => inner.trim_matches(['(', ')', ' ']),
        None => {
            lexer = args.lexer;
            lexer.scalar()
        }
    };
    let span = in_units(text).or_else(|| Timespan::parse(text));
    let span = span.ok_or_else(|| args.lexer.expected("a timespan"))?;
    args.lexer = lexer;
    Ok(span.to_string())
}

fn in_units(text: &str) -> Option<Timespan> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        "d" | "day" | "days" => 86_400,
        "h" | "hour" | "hours" => 3600,
        "m" | "min" | "minute" | "minutes" => 60,
        "s" | "sec" | "second" | "seconds" => 1,
        _ => return None,
    };
    let ticks = number.checked_mul(seconds)?.checked_mul(10_000_000)?;
    Some(Timespan::from_ticks(ticks))
}

fn moment(args: &mut Args<'_>) -> Result<String> {
    let inner = args
        .lexer
        .keyword("datetime")
        .then(|| args.lexer.parentheses())
        .flatten();
    let inner = inner.ok_or_else(|| args.lexer.expected("datetime(…)"))?;
    Ok(inner.trim_matches(['(', ')', ' ', '\'', '"']).to_owned())
}
