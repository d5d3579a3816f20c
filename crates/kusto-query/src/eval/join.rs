//! Two tables beside one another, by equal keys.

use kusto_ingest_core::Result;

use super::groups::Groups;
use super::{Needed, Stream, collect_stream, evaluate, open};
use crate::Value;
use crate::env::Env;
use crate::frame::{BATCH, Frame, Vector, cells};
use crate::plan::{Expr, Join};
use crate::syntax::JoinKind;

/// No row further on.
const NONE: u32 = u32::MAX;

/// Begins to join.
pub(super) fn open_join<'p>(join: &'p Join, needed: &Needed) -> Box<dyn Stream + 'p> {
    let (left_width, right_width) = (join.left.columns.len(), join.right.columns.len());
    let mut left = needed.get(..left_width).unwrap_or_default().to_vec();
    let mut right = needed.get(left_width..).unwrap_or_default().to_vec();
    match join.kind {
        JoinKind::RightAnti | JoinKind::RightSemi => {
            left = vec![false; left_width];
            right = needed.clone();
        }
        _ => {}
    }
    left.resize(left_width, false);
    right.resize(right_width, false);
    join.left_keys.iter().for_each(|key| key.mark(&mut left));
    join.right_keys.iter().for_each(|key| key.mark(&mut right));
    Box::new(Joined {
        join,
        left: open(&join.left, &left),
        held: 0,
        right: Some(open(&join.right, &right)),
        table: Table::default(),
        seen: Groups::new(join.left_keys.len()),
        probe: None,
        rest: None,
    })
}

/// The rows of the right side by their keys.
#[derive(Default)]
struct Table {
    rows: Frame,
    groups: Option<Groups>,
    /// The first row of every group.
    first: Vec<u32>,
    /// The next row of the same group, of every row.
    next: Vec<u32>,
    /// Which rows found one on the left.
    matched: Vec<bool>,
}

/// Rows of the left side, and how far they are joined.
struct Probe {
    frame: Frame,
    /// The first row on the right of every row.
    first: Vec<u32>,
    row: usize,
    /// Where the current row goes on.
    at: Option<u32>,
}

/// Rows of the left side, and of both sides the rows of every pair.
type Pairs = (Frame, Vec<u32>, Vec<u32>);

struct Joined<'p> {
    join: &'p Join,
    left: Box<dyn Stream + 'p>,
    right: Option<Box<dyn Stream + 'p>>,
    table: Table,
    /// The left keys so far, of a join in which each comes once.
    seen: Groups,
    probe: Option<Probe>,
    /// How many bytes of memory the rows of the left side at hand take.
    held: usize,
    /// Rows of the right side that found none on the left, once all others are through.
    rest: Option<std::vec::IntoIter<u32>>,
}

fn keys(of: &[Expr], frame: &Frame, env: &Env<'_>) -> Result<Vec<Vector>> {
    of.iter().map(|key| evaluate(key, frame, env)).collect()
}

fn has_null(keys: &[Vector], row: usize) -> bool {
    keys.iter().any(|key| key.at(row).is_null())
}

impl Table {
    fn build(mut input: Box<dyn Stream + '_>, join: &Join, env: &Env<'_>) -> Result<Self> {
        let rows = collect_stream(input.as_mut(), join.right.columns.len(), env)?;
        let keys = keys(&join.right_keys, &rows, env)?;
        let mut groups = Groups::new(keys.len());
        let numbers = groups.number(&keys, rows.rows, env)?;
        let (mut first, mut next) = (vec![NONE; groups.len()], vec![NONE; rows.rows]);
        // From the last one on, so that rows come in their order.
        for row in (0..rows.rows).rev().filter(|row| !has_null(&keys, *row)) {
            let group = numbers[row] as usize;
            next[row] = first[group];
            first[group] = u32::try_from(row).unwrap_or(NONE);
        }
        env.meter.hold(rows.rows * 9)?;
        let matched = vec![false; rows.rows];
        Ok(Self {
            rows,
            groups: Some(groups),
            first,
            next,
            matched,
        })
    }

    fn find(&self, keys: &[Vector], row: usize) -> u32 {
        if has_null(keys, row) {
            return NONE;
        }
        let group = self.groups.as_ref().and_then(|groups| groups.find(keys, row));
        group.map_or(NONE, |group| self.first[group as usize])
    }
}

impl Joined<'_> {
    /// The next rows of the left side, with where each begins on the right.
    fn begin(&mut self, env: &Env<'_>) -> Result<bool> {
        let Some(mut frame) = self.left.next(env)? else {
            return Ok(false);
        };
        env.meter.free(self.held);
        self.held = frame.size();
        env.meter.hold(self.held)?;
        let mut keys_of = keys(&self.join.left_keys, &frame, env)?;
        if self.join.kind == JoinKind::InnerUnique {
            let before = self.seen.len();
            let numbers = self.seen.number(&keys_of, frame.rows, env)?;
            let mut last = before;
            let mut kept = Vec::new();
            for (row, number) in (0_u32..).zip(&numbers) {
                if *number as usize == last {
                    last += 1;
                    kept.push(row);
                }
            }
            frame = frame.gather(&kept);
            keys_of = keys(&self.join.left_keys, &frame, env)?;
        }
        let first = (0..frame.rows)
            .map(|row| self.table.find(&keys_of, row))
            .collect();
        env.meter.step(frame.rows)?;
        self.probe = Some(Probe {
            frame,
            first,
            row: 0,
            at: None,
        });
        Ok(true)
    }

    /// Up to a batch of pairs of rows; the second is missing where the left one stands alone.
    fn pairs(&mut self, env: &Env<'_>) -> Result<Option<Pairs>> {
        let kind = self.join.kind;
        let Some(probe) = &mut self.probe else {
            return Ok(None);
        };
        let (mut left, mut right) = (Vec::new(), Vec::new());
        while probe.row < probe.frame.rows && left.len() < BATCH {
            let row = u32::try_from(probe.row).unwrap_or(NONE);
            let at = probe.at.take().unwrap_or(probe.first[probe.row]);
            let is_first = at == probe.first[probe.row];
            let is_alone = at == NONE && is_first;
            if at != NONE {
                self.table.matched[at as usize] = true;
            }
            let (emit, goes_on) = match kind {
                JoinKind::LeftAnti => (is_alone, false),
                JoinKind::LeftSemi => (at != NONE, false),
                JoinKind::LeftOuter | JoinKind::FullOuter => (is_alone || at != NONE, at != NONE),
                JoinKind::RightAnti | JoinKind::RightSemi => (false, at != NONE),
                JoinKind::Inner | JoinKind::InnerUnique | JoinKind::RightOuter => (at != NONE, at != NONE),
            };
            if emit {
                left.push(row);
                right.push(at);
            }
            let next = if goes_on {
                self.table.next[at as usize]
            } else {
                NONE
            };
            if next == NONE {
                probe.row += 1;
            } else {
                probe.at = Some(next);
            }
            if left.len() % 1024 == 1023 {
                env.meter.step(1024)?;
            }
        }
        let frame = probe.frame.clone();
        if probe.row >= probe.frame.rows {
            self.probe = None;
        }
        env.meter.step(left.len())?;
        Ok(Some((frame, left, right)))
    }

    /// Rows of the right side whose turn comes at the end.
    fn remaining(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        let wanted = match self.join.kind {
            JoinKind::RightOuter | JoinKind::FullOuter | JoinKind::RightAnti => Some(false),
            JoinKind::RightSemi => Some(true),
            _ => None,
        };
        let Some(wanted) = wanted else { return Ok(None) };
        let matched = &self.table.matched;
        let rest = self.rest.get_or_insert_with(|| {
            let rows = (0_u32..).zip(matched).filter(|(_, matched)| **matched == wanted);
            rows.map(|(row, _)| row).collect::<Vec<u32>>().into_iter()
        });
        let rows: Vec<u32> = rest.take(BATCH).collect();
        if rows.is_empty() {
            return Ok(None);
        }
        env.meter.step(rows.len())?;
        let right = self.table.rows.gather(&rows);
        if matches!(self.join.kind, JoinKind::RightAnti | JoinKind::RightSemi) {
            return Ok(Some(right));
        }
        let left = self
            .join
            .left
            .columns
            .iter()
            .map(|column| Vector::Const(Value::missing(column.scalar_type)));
        Ok(Some(Frame {
            columns: left.chain(right.columns).collect(),
            rows: rows.len(),
        }))
    }

    fn joined(&self, (frame, left, right): &Pairs) -> Frame {
        let mut columns = frame.gather(left).columns;
        let is_left_only = matches!(self.join.kind, JoinKind::LeftAnti | JoinKind::LeftSemi);
        if !is_left_only {
            for (values, column) in self.table.rows.columns.iter().zip(&self.join.right.columns) {
                let missing = Value::missing(column.scalar_type);
                let value = |row: &u32| match *row {
                    NONE => missing.clone(),
                    row => values.at(row as usize).clone(),
                };
                columns.push(Vector::of(right.iter().map(value).collect()));
            }
        }
        Frame {
            columns,
            rows: left.len(),
        }
    }
}

impl Stream for Joined<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        if let Some(right) = self.right.take() {
            self.table = Table::build(right, self.join, env)?;
        }
        let before = env.meter.passing();
        loop {
            if let Some(pairs) = self.pairs(env)? {
                let columns = self.join.left.columns.len() + self.join.right.columns.len();
                env.meter.pass(cells(pairs.1.len(), columns))?;
                return Ok(Some(self.joined(&pairs)));
            }
            env.meter.set_passing(before);
            if !self.begin(env)? {
                return self.remaining(env);
            }
        }
    }
}
