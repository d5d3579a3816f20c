//! A stream of ISA-L: the one place that calls C, and keeps what C has to be promised.

#![expect(
    unsafe_code,
    reason = "ISA-L is a C library, and no binding has what blocks need: decision 18"
)]

use std::fmt;

use isal_sys::igzip_lib::{
    COMP_OK, IGZIP_DEFLATE, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT, NO_FLUSH,
    SYNC_FLUSH, isal_deflate, isal_deflate_init, isal_deflate_set_dict, isal_zstream,
};
use kusto_ingest_core::{Error, ErrorKind, Result};

/// How many bytes ISA-L is given at a time: its counts have 32 bits.
const AT_ONCE: usize = 1 << 30;

/// The levels of ISA-L that keep tables of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    One,
    Two,
    Three,
}

impl Level {
    fn number(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// The room for its tables, as ISA-L recommends it.
    fn room(self) -> u32 {
        match self {
            Self::One => ISAL_DEF_LVL1_DEFAULT,
            Self::Two => ISAL_DEF_LVL2_DEFAULT,
            Self::Three => ISAL_DEF_LVL3_DEFAULT,
        }
    }
}

/// How a call of the encoder ends.
#[derive(Clone, Copy)]
enum End {
    /// On a border of bytes; more blocks follow.
    Open,
    /// With the last block.
    Last,
}

/// A stream of raw deflate, and the memory that it works in.
///
/// Its pointers point into `tables`, or to data of its own library that never changes. Those to input and output are null
/// outside of a call; those of its writer of bits keep the place where the last output ended, and are set anew by each call
/// before it uses them.
pub(crate) struct Stream {
    state: Box<isal_zstream>,
    /// Words, for ISA-L has numbers of 64 bits and pointers in it.
    tables: Vec<u64>,
    level: Level,
}

// SAFETY: all that it reads and writes by its pointers is owned with it (`tables`), constant, or lent to the call, and ISA-L keeps nothing that belongs
// to a thread: a stream may be used by any thread, one at a time.
unsafe impl Send for Stream {}

impl Stream {
    pub(crate) fn new(level: Level) -> Self {
        // SAFETY: it is a struct of C, of numbers, arrays of numbers and pointers, for all of which zero is a value.
        let state = Box::new(unsafe { std::mem::zeroed::<isal_zstream>() });
        let tables = vec![0; (level.room() as usize).div_ceil(size_of::<u64>())];
        let mut stream = Self { state, tables, level };
        stream.start();
        stream
    }

    /// Starts anew: nothing was deflated before.
    pub(crate) fn start(&mut self) {
        // The tables are cleared by ISA-L, when it has the first bytes.
        // SAFETY: the stream is exclusively ours, and any bytes may be in it before this.
        unsafe { isal_deflate_init(&raw mut *self.state) };
        self.state.level = self.level.number();
        self.state.level_buf = self.tables.as_mut_ptr().cast();
        self.state.level_buf_size = self.level.room();
        self.state.gzip_flag = IGZIP_DEFLATE as u16;
    }

    /// Takes `window` for what came before. To be called right after [`start`](Self::start).
    pub(crate) fn set_window(&mut self, window: &[u8]) -> Result<()> {
        if window.is_empty() {
            return Ok(());
        }
        let len = u32::try_from(window.len()).map_err(|_| failed("the window is too long", -1))?;
        // SAFETY: the window is read and copied within the call, never written; `tables` is as long as was said.
        let outcome = unsafe { isal_deflate_set_dict(&raw mut *self.state, window.as_ptr().cast_mut(), len) };
        checked(outcome)
    }

    /// Deflates up to a border of bytes.
    pub(crate) fn deflate_open(&mut self, piece: &[u8], code: &mut Vec<u8>) -> Result<()> {
        self.deflate(piece, End::Open, code)
    }

    /// Deflates the rest of a source.
    pub(crate) fn deflate_last(&mut self, source: &[u8], code: &mut Vec<u8>) -> Result<()> {
        self.deflate(source, End::Last, code)
    }

    fn deflate(&mut self, bytes: &[u8], end: End, code: &mut Vec<u8>) -> Result<()> {
        let mut left = bytes;
        loop {
            let (now, rest) = left.split_at(left.len().min(AT_ONCE));
            left = rest;
            let is_end = left.is_empty();
            self.state.flush = if is_end && matches!(end, End::Open) {
                SYNC_FLUSH
            } else {
                NO_FLUSH
            } as u16;
            self.state.end_of_stream = u16::from(is_end && matches!(end, End::Last));
            self.take(now, code)?;
            if is_end {
                return Ok(());
            }
        }
    }

    /// Has ISA-L take all of `input`, and appends what it gives.
    fn take(&mut self, input: &[u8], code: &mut Vec<u8>) -> Result<()> {
        let room = (input.len() / 2 + 512).min(AT_ONCE);
        self.state.next_in = input.as_ptr().cast_mut();
        self.state.avail_in = u32::try_from(input.len()).unwrap_or(0);
        loop {
            let start = code.len();
            code.resize(start + room, 0);
            let output = &mut code[start..];
            self.state.next_out = output.as_mut_ptr();
            self.state.avail_out = u32::try_from(output.len()).unwrap_or(0);
            // SAFETY: input and output are slices that outlive the call, with their own lengths; the input is only read.
            let outcome = unsafe { isal_deflate(&raw mut *self.state) };
            let unused = self.state.avail_out as usize;
            code.truncate(start + room - unused);
            self.state.next_out = std::ptr::null_mut();
            let ended = checked(outcome);
            // Room is left only where all is taken and out.
            if ended.is_err() || unused > 0 {
                self.state.next_in = std::ptr::null_mut();
                return ended;
            }
        }
    }
}

fn checked(outcome: i32) -> Result<()> {
    match outcome {
        outcome if outcome == COMP_OK as i32 => Ok(()),
        refused => Err(failed("ISA-L refused it", refused)),
    }
}

fn failed(why: &'static str, code: i32) -> Error {
    Error::new(ErrorKind::Data, "compress the source")
        .because(why)
        .with("code", code)
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}
