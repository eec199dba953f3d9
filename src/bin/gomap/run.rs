//! A trace in progress: runs operations, and reports each in the oracle's format.

use crate::machine::{Machine, Outcome, Thrown};
use crate::snapshot::{Row, Snapshots};
use crate::trace::{Check, Trace};

/// A trace that is being run.
pub struct Run<'a> {
    trace: &'a Trace,
    machine: Machine,
    snapshots: Snapshots,
    /// Operations done.
    done: usize,
    /// Operations from here on whose memory is not compared.
    skip: u64,
}

/// The report after an operation, or after the last.
pub struct Report {
    /// The operation's number; none at the end.
    pub number: Option<u64>,
    pub digest: u64,
    /// Whether memory is in the digest.
    pub compared: bool,
    /// Memory, if the trace shows it.
    pub rows: Vec<Row>,
}

impl<'a> Run<'a> {
    pub fn new(trace: &'a Trace) -> Run<'a> {
        let machine = Machine::new(trace);
        Run {
            trace,
            snapshots: Snapshots::new(trace, &machine),
            machine,
            done: 0,
            skip: 0,
        }
    }

    /// Operations done.
    pub fn done(&self) -> usize {
        self.done
    }

    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Runs the next operation, if there is one.
    ///
    /// # Errors
    /// The map threw.
    pub fn step(&mut self) -> Option<Result<Outcome, Thrown>> {
        let op = self.trace.ops.get(self.done)?;
        self.done += 1;
        Some(self.machine.run(op))
    }

    /// The result of the operation just done.
    pub fn result(&mut self, outcome: &Outcome) -> Row {
        let taken = self
            .snapshots
            .take(&self.machine, Some(outcome), false, true);
        taken
            .rows
            .into_iter()
            .next()
            .expect("the result comes first")
    }

    /// The report of the operation just done.
    pub fn report(&mut self, outcome: &Outcome) -> Report {
        let number = self.done as u64;
        let shown = self.trace.header.show.shows(number);
        let compared = self.due(number) || shown;
        let taken = self
            .snapshots
            .take(&self.machine, Some(outcome), compared, shown);
        self.skip = match self.trace.header.check {
            Check::Auto(words) if compared => taken.memory / words,
            _ => self.skip.saturating_sub(1),
        };
        Report {
            number: Some(number),
            digest: taken.digest,
            compared,
            rows: taken.rows,
        }
    }

    fn due(&self, number: u64) -> bool {
        match self.trace.header.check {
            Check::Auto(_) => self.skip == 0,
            Check::Every(interval) => number.is_multiple_of(interval),
            Check::From(first) => number >= first,
        }
    }

    /// The report of the end.
    pub fn end(&mut self) -> Report {
        let taken = self
            .snapshots
            .take(&self.machine, None, true, self.trace.header.show.end);
        Report {
            number: None,
            digest: taken.digest,
            compared: true,
            rows: taken.rows,
        }
    }

    /// Ends the run, and returns how many allocations the map has not freed.
    pub fn close(self) -> usize {
        self.machine.close()
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = self
            .number
            .map_or("end".to_string(), |number| number.to_string());
        if !self.rows.is_empty() {
            writeln!(f, "op {number}")?;
        }
        for row in &self.rows {
            writeln!(f, "{} {}", row.path, row.value)?;
        }
        let end = if self.number.is_none() { "end " } else { "" };
        write!(f, "{end}{:016x}", self.digest)
    }
}
