//! Rows in order, all of them or the first ones.

use std::cmp::Ordering;

use kusto_ingest_core::Result;

use super::{Stream, evaluate};
use crate::env::Env;
use crate::frame::{BATCH, Collected, Frame, Vector};
use crate::plan::Key;

/// Rows in order. Where only the first are wanted, others are forgotten on the way.
pub(super) struct Sort<'p> {
    input: Option<Box<dyn Stream + 'p>>,
    keys: &'p [Key],
    width: usize,
    most: Option<usize>,
    sorted: Frame,
    from: usize,
}

impl<'p> Sort<'p> {
    pub(super) fn new(
        input: Box<dyn Stream + 'p>,
        keys: &'p [Key],
        width: usize,
        most: Option<usize>,
    ) -> Self {
        Self {
            input: Some(input),
            keys,
            width,
            most,
            sorted: Frame::default(),
            from: 0,
        }
    }

    fn sort(&self, mut input: Box<dyn Stream + 'p>, env: &Env<'_>) -> Result<Frame> {
        // The keys stand behind the columns.
        let mut rows = Collected::new(self.width + self.keys.len());
        let mut held = 0;
        let keep = self.most.unwrap_or(usize::MAX);
        let before = env.meter.passing();
        while let Some(mut frame) = input.next(env)? {
            for key in self.keys {
                let values = evaluate(&key.value, &frame_of(&frame, self.width), env)?;
                frame.columns.push(values);
            }
            if self.most.is_some() && frame.rows > keep {
                frame = self.ordered(&frame, keep, env)?;
            }
            let size = frame.size();
            env.meter.set_passing(before);
            env.meter.hold(size)?;
            held += size;
            rows.push(frame);
            if rows.len() > keep.saturating_mul(2).saturating_add(BATCH) {
                let best = self.ordered(&rows.into_frame(), keep, env)?;
                env.meter.free(held);
                held = best.size();
                env.meter.hold(held)?;
                rows = Collected::new(self.width + self.keys.len());
                rows.push(best);
            }
        }
        let mut sorted = self.ordered(&rows.into_frame(), keep, env)?;
        sorted.columns.truncate(self.width);
        Ok(sorted)
    }

    fn ordered(&self, frame: &Frame, keep: usize, env: &Env<'_>) -> Result<Frame> {
        let mut order: Vec<u32> = (0..u32::try_from(frame.rows).unwrap_or(u32::MAX)).collect();
        env.meter.step(frame.rows.saturating_mul(4))?;
        let keys: Vec<(&Vector, &Key)> = frame.columns[self.width..].iter().zip(self.keys).collect();
        let compare = |left: &u32, right: &u32| {
            let by_key =
                |(values, key): &(&Vector, &Key)| by_key(values, key, *left as usize, *right as usize);
            let by_keys = keys.iter().map(by_key).find(|order| order.is_ne());
            by_keys.unwrap_or(Ordering::Equal).then_with(|| left.cmp(right))
        };
        if keep > 0 && keep < order.len() {
            order.select_nth_unstable_by(keep - 1, compare);
        }
        order.truncate(keep);
        order.sort_unstable_by(compare);
        Ok(frame.gather(&order))
    }
}

/// The columns that the rows had before their keys were put behind them.
fn frame_of(frame: &Frame, width: usize) -> Frame {
    Frame {
        columns: frame.columns[..width].to_vec(),
        rows: frame.rows,
    }
}

fn by_key(values: &Vector, key: &Key, left: usize, right: usize) -> Ordering {
    let (left, right) = (values.at(left), values.at(right));
    match (left.is_null(), right.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) if key.nulls_first => Ordering::Less,
        (true, false) => Ordering::Greater,
        (false, true) if key.nulls_first => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) if key.ascending => left.order(right),
        (false, false) => right.order(left),
    }
}

impl Stream for Sort<'_> {
    fn next(&mut self, env: &Env<'_>) -> Result<Option<Frame>> {
        if let Some(input) = self.input.take() {
            self.sorted = self.sort(input, env)?;
        }
        let rows = (self.sorted.rows - self.from).min(BATCH);
        if rows == 0 {
            return Ok(None);
        }
        let from = self.from;
        self.from += rows;
        Ok(Some(self.sorted.slice(from, rows)))
    }
}
