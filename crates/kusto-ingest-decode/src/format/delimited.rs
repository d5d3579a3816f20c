//! Delimited formats: csv, tsv, tsve, psv, scsv, sohsv.

use std::io::BufRead;
use std::ops::ControlFlow;

use kusto_ingest_core::{DataFormat, Result, ValidationImplications, ValidationOptions};
use memchr::{memchr, memchr2, memchr3};

use crate::code::{CLOSING_QUOTE_MISSING, TOO_LARGE, WRONG_NUMBER_OF_FIELDS, failure, unreadable};
use crate::output::Output;
use crate::record::{Fields, LARGEST_RECORD, Record};
use crate::{DecodeOptions, WarningKind};

/// How a delimited format is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    separator: u8,
    /// Whether a backslash escapes what follows; then quotes mean nothing.
    escapes: bool,
}

impl Dialect {
    /// The dialect of a format, when it is a delimited one.
    pub(crate) fn of(format: DataFormat) -> Option<Self> {
        let (separator, escapes) = match format {
            DataFormat::Csv => (b',', false),
            DataFormat::Tsv => (b'\t', false),
            DataFormat::Tsve => (b'\t', true),
            DataFormat::Psv => (b'|', false),
            DataFormat::Scsv => (b';', false),
            DataFormat::Sohsv => (1, false),
            _ => return None,
        };
        Some(Self { separator, escapes })
    }
}

/// Makes every record a row, as strictly as the policy says.
pub(crate) fn decode(
    input: &mut impl BufRead,
    dialect: Dialect,
    options: &DecodeOptions,
    output: &mut Output<'_>,
) -> Result<ControlFlow<()>> {
    let (is_checked, is_fatal) = match options.validation_policy {
        None => (true, false),
        Some(policy) => (
            policy.options == ValidationOptions::ValidateCsvInputConstantColumns,
            policy.implications == ValidationImplications::Fail,
        ),
    };
    let mut reader = Delimited::new(input, dialect);
    let mut fields = Fields::default();
    let mut expected = None;
    if options.ignore_first_record && reader.read(&mut fields)? {
        output.skip_header();
    }
    while reader.read(&mut fields)? {
        output.line = reader.record_line;
        let found = fields.len();
        if expected.is_none() && output.see_width(found).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let expected = *expected.get_or_insert(found);
        let flow = match found == expected || !is_checked {
            true => output.record(&Record::Fields(&fields)),
            false if is_fatal => {
                let why = format!(
                    "the record at line {} has {found} fields, the first one has {expected}",
                    reader.record_line
                );
                return Err(failure(WRONG_NUMBER_OF_FIELDS, why));
            }
            false => output.leave_out(WarningKind::WrongNumberOfFields { expected, found }),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Reads records one by one. Empty lines are skipped.
pub(crate) struct Delimited<R> {
    input: R,
    dialect: Dialect,
    /// The line that is being read, from 1.
    line: u64,
    /// The line on which the last record started.
    pub(crate) record_line: u64,
}

/// The state of the reader within a field.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// Behind a quote in a quoted field: the end of the field, or the first half of an escaped quote.
    Quote,
    Escape,
}

impl<R: BufRead> Delimited<R> {
    pub(crate) fn new(input: R, dialect: Dialect) -> Self {
        Self {
            input,
            dialect,
            line: 1,
            record_line: 1,
        }
    }

    /// Reads the next record into `fields`; false at the end.
    pub(crate) fn read(&mut self, fields: &mut Fields) -> Result<bool> {
        loop {
            fields.clear();
            self.skip_line_feeds()?;
            self.record_line = self.line;
            let (any, is_blank) = self.read_line(fields)?;
            if !(any && is_blank) {
                return Ok(any);
            }
        }
    }

    /// Skips empty lines, of which a source may have billions.
    fn skip_line_feeds(&mut self) -> Result<()> {
        loop {
            let chunk = self.input.fill_buf().map_err(unreadable)?;
            let blank = chunk.iter().take_while(|byte| **byte == b'\n').count();
            let is_whole = blank == chunk.len();
            self.input.consume(blank);
            self.line += blank as u64;
            if blank == 0 || !is_whole {
                return Ok(());
            }
        }
    }

    /// Reads to the end of a record: whether there was anything, and whether it was an empty line.
    fn read_line(&mut self, fields: &mut Fields) -> Result<(bool, bool)> {
        let mut state = State::Start;
        let mut any = false;
        let mut was_quoted = false;
        loop {
            let chunk = self.input.fill_buf().map_err(unreadable)?;
            if chunk.is_empty() {
                return match state {
                    _ if !any => Ok((false, false)),
                    State::Quoted => Err(failure(
                        CLOSING_QUOTE_MISSING,
                        format!(
                            "the quote of the record at line {} is never closed",
                            self.record_line
                        ),
                    )),
                    _ => Ok((true, finish(fields, state, was_quoted))),
                };
            }
            any = true;
            let mut used = 0;
            let mut ended = false;
            while used < chunk.len() {
                if matches!(state, State::Start | State::Plain) {
                    let plain = plain(self.dialect, state, &chunk[used..], fields);
                    used += plain.used;
                    state = plain.state;
                } else if state == State::Quoted {
                    let rest = &chunk[used..];
                    let run = &rest[..memchr(b'"', rest).unwrap_or(rest.len())];
                    fields.extend(run);
                    used += run.len();
                    self.line += line_feeds(run);
                }
                let Some(&byte) = chunk.get(used) else { break };
                used += 1;
                self.line += u64::from(byte == b'\n');
                if byte == b'\n' && !matches!(state, State::Quoted | State::Escape) {
                    ended = true;
                    break;
                }
                state = step(self.dialect, state, byte, fields);
                was_quoted |= state == State::Quoted;
            }
            self.input.consume(used);
            if ended {
                return Ok((true, finish(fields, state, was_quoted)));
            }
            if fields.size() > LARGEST_RECORD {
                let why = format!("the record at line {} is larger than 64 MiB", self.record_line);
                return Err(failure(TOO_LARGE, why));
            }
        }
    }
}

/// Closes the last field; whether the record is an empty line.
fn finish(fields: &mut Fields, state: State, was_quoted: bool) -> bool {
    match state {
        State::Plain => fields.drop_return(),
        State::Escape => fields.push(b'\\'),
        State::Start | State::Quoted | State::Quote => {}
    }
    fields.close();
    fields.seal();
    fields.is_one_empty() && !was_quoted
}

/// How many bytes were read that need no decision, and the state behind them.
struct Plain {
    used: usize,
    state: State,
}

/// The fast path: reads unquoted fields up to the end of the record, a quote, a backslash, or the end of the bytes.
/// Most records need nothing else.
fn plain(dialect: Dialect, from: State, bytes: &[u8], fields: &mut Fields) -> Plain {
    // The first byte of the field, and the first one that is not looked at.
    let (mut first, mut used) = (0, 0);
    let mut state = from;
    loop {
        let rest = &bytes[used..];
        if state == State::Start && !dialect.escapes && rest.first() == Some(&b'"') {
            break;
        }
        let end = match dialect.escapes {
            true => memchr3(dialect.separator, b'\n', b'\\', rest),
            false => memchr2(dialect.separator, b'\n', rest),
        };
        let length = end.unwrap_or(rest.len());
        used += length;
        if length > 0 {
            state = State::Plain;
        }
        if end.is_none_or(|end| rest[end] != dialect.separator) {
            break;
        }
        fields.extend(&bytes[first..used]);
        fields.close();
        used += 1;
        first = used;
        state = State::Start;
    }
    fields.extend(&bytes[first..used]);
    Plain { used, state }
}

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Takes one byte that does not end the record.
fn step(dialect: Dialect, state: State, byte: u8, fields: &mut Fields) -> State {
    let keep = |fields: &mut Fields, state| {
        fields.push(byte);
        state
    };
    match state {
        State::Quoted if byte == b'"' => State::Quote,
        State::Quoted => keep(fields, State::Quoted),
        State::Quote if byte == b'"' => keep(fields, State::Quoted),
        State::Escape => {
            fields.push(match byte {
                b't' => b'\t',
                b'n' => b'\n',
                b'r' => b'\r',
                other => other,
            });
            State::Plain
        }
        State::Start | State::Plain | State::Quote if byte == dialect.separator => {
            fields.close();
            State::Start
        }
        State::Start if byte == b'"' && !dialect.escapes => State::Quoted,
        State::Start | State::Plain if byte == b'\\' && dialect.escapes => State::Escape,
        State::Start | State::Plain | State::Quote => keep(fields, State::Plain),
    }
}
