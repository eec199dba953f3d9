//! Shortens a trace that shows a difference.

use std::io;
use std::time::{Duration, Instant};

use super::compare::{Difference, compare};
use super::oracle::Oracle;
use crate::coverage::Coverage;
use crate::trace::{Check, Op, Trace};

/// Starts oracles, one after the other: one that was left in the middle of a trace cannot be used again.
pub type Starter<'a> = &'a dyn Fn() -> io::Result<Oracle>;

/// A trace that shows a difference, and where.
pub struct Shown {
    pub trace: Trace,
    pub difference: Difference,
}

/// Searches for short traces with a difference.
pub struct Minimiser<'a> {
    start: Starter<'a>,
    oracle: Option<Oracle>,
    deadline: Instant,
    /// Called occasionally, with the length of the shortest trace so far.
    progress: &'a dyn Fn(usize),
}

impl<'a> Minimiser<'a> {
    pub fn new(start: Starter<'a>, time: Duration, progress: &'a dyn Fn(usize)) -> Minimiser<'a> {
        Minimiser {
            start,
            oracle: None,
            deadline: Instant::now() + time,
            progress,
        }
    }

    /// The shortest trace found that starts like `trace` and differs, which `trace` does where `difference` says.
    ///
    /// # Errors
    /// No oracle can be started.
    pub fn minimise(mut self, trace: &Trace, difference: Difference) -> io::Result<Shown> {
        let mut shortest = Shown {
            trace: cut(trace, &difference),
            difference,
        };
        shortest.trace.header.check = Check::From(shortest.difference.equal_after as u64 + 1);
        if let Some(shorter) = self.try_trace(&shortest.trace)? {
            shortest = shorter;
        }
        let mut chunk = shortest.trace.ops.len().div_ceil(2);
        while chunk > 0 && Instant::now() < self.deadline {
            let before = shortest.trace.ops.len();
            shortest = self.without_chunks(shortest, chunk)?;
            let shorter = shortest.trace.ops.len() < before;
            if !shorter || chunk > shortest.trace.ops.len() {
                chunk /= 2;
            }
        }
        Ok(shortest)
    }

    /// Leaves out chunks of that length, from the end to the start.
    fn without_chunks(&mut self, mut shortest: Shown, chunk: usize) -> io::Result<Shown> {
        let mut end = shortest.trace.ops.len();
        while end > 0 && Instant::now() < self.deadline {
            end = end.min(shortest.trace.ops.len());
            let start = end.saturating_sub(chunk);
            let mut attempt = shortest.trace.clone();
            attempt.ops.drain(start..end);
            drop_lost_iterators(&mut attempt.ops);
            attempt.header.check = Check::Every(check_interval(&attempt));
            if let Some(shorter) = self.try_trace(&attempt)? {
                shortest = shorter;
                (self.progress)(shortest.trace.ops.len());
            }
            end = start;
        }
        Ok(shortest)
    }

    /// The trace up to its first difference, if it has one.
    fn try_trace(&mut self, trace: &Trace) -> io::Result<Option<Shown>> {
        let mut oracle = match self.oracle.take() {
            Some(oracle) => oracle,
            None => (self.start)()?,
        };
        let mut unnoted = Coverage::default();
        let found = compare(trace, &mut oracle, &mut unnoted, &mut |_| {});
        match found {
            None => {
                self.oracle = Some(oracle);
                Ok(None)
            }
            Some(difference) => Ok(Some(Shown {
                trace: cut(trace, &difference),
                difference,
            })),
        }
    }
}

/// Short traces are compared after every operation.
fn check_interval(trace: &Trace) -> u64 {
    const SHORT: usize = 2000;
    1 + (trace.ops.len() / SHORT) as u64
}

/// The operations up to the difference.
fn cut(trace: &Trace, difference: &Difference) -> Trace {
    let mut cut = trace.clone();
    cut.ops.truncate(difference.operation);
    cut
}

/// Leaves out operations on iterators that were not begun.
fn drop_lost_iterators(ops: &mut Vec<Op>) {
    let mut alive = Vec::new();
    ops.retain(|op| match op {
        Op::Iter(id) => {
            alive.push(*id);
            true
        }
        Op::Next(id) => alive.contains(id),
        Op::Drop(id) => {
            let known = alive.contains(id);
            alive.retain(|other| other != id);
            known
        }
        _ => true,
    });
}
