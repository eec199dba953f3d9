//! A readable explanation of a difference.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::io;

use super::minimise::{Shown, Starter};
use crate::run::Run;
use crate::snapshot::{Row, readable};
use crate::trace::{Check, Show, Trace};

/// The rows in which two maps differ, and their history.
pub struct Explanation {
    headline: String,
    /// The first rows that differ.
    rows: Vec<Disagreement>,
    more: usize,
    /// Changes of the first of them, oldest first.
    history: Vec<Change>,
    trace: Trace,
}

/// A row that differs.
struct Disagreement {
    path: String,
    go: String,
    gomap: String,
}

/// An operation that changed a row.
struct Change {
    operation: usize,
    line: String,
    go: String,
    gomap: String,
}

/// The rows after one operation, on both sides.
struct Sides {
    go: Rows,
    gomap: Rows,
}

type Rows = BTreeMap<String, String>;

/// The value of a missing row.
const ZERO: &str = "0";

/// Explains the difference that a short trace shows.
///
/// # Errors
/// The oracle stopped.
pub fn explain(shown: &Shown, start: Starter<'_>) -> io::Result<Explanation> {
    let mut trace = shown.trace.clone();
    let number = shown.difference.operation;
    trace.header.check = Check::Every(1);
    trace.header.show = Show {
        all: trace.ops.len() <= LONG,
        end: true,
        after: vec![number as u64],
    };
    let mut oracle = start()?;
    oracle.send(&trace.to_string());
    let mut run = Run::new(&trace);
    let mut history = Vec::new();
    let stopped = shown.difference.stopped.clone();
    for _ in 0..trace.ops.len() {
        let Some(Ok(outcome)) = run.step() else { break };
        let rows = run.report(&outcome).rows;
        let Ok(answer) = oracle.answer() else { break };
        history.push(sides(answer.rows, rows, &run, &trace));
    }
    if number > trace.ops.len() && stopped.is_none() {
        let rows = run.end().rows;
        history.push(sides(oracle.answer()?.rows, rows, &run, &trace));
    }
    Ok(Explanation::new(&trace, &history, stopped))
}

/// Traces of more operations are shown at the difference only.
const LONG: usize = 2000;

fn sides(go: Vec<Row>, gomap: Vec<Row>, run: &Run<'_>, trace: &Trace) -> Sides {
    let readable = |row: Row| {
        let value = readable(&row, &trace.header.map, run.machine().world());
        (row.path, value)
    };
    Sides {
        go: go.into_iter().map(readable).collect(),
        gomap: gomap.into_iter().map(readable).collect(),
    }
}

impl Sides {
    fn values(&self, path: &str) -> (String, String) {
        let value = |rows: &Rows| rows.get(path).map_or(ZERO, String::as_str).to_string();
        (value(&self.go), value(&self.gomap))
    }

    fn disagreements(&self) -> Vec<Disagreement> {
        let mut paths: Vec<&String> = self.go.keys().chain(self.gomap.keys()).collect();
        paths.sort_by_key(|path| (importance(path), (*path).clone()));
        paths.dedup();
        let all = paths.into_iter().map(|path| {
            let (go, gomap) = self.values(path);
            Disagreement {
                path: path.clone(),
                go,
                gomap,
            }
        });
        all.filter(|row| row.go != row.gomap).collect()
    }
}

/// Results first, then fields of maps, then buckets, then iterators.
fn importance(path: &str) -> usize {
    let first = path.chars().next().unwrap_or(' ');
    let kinds = ["result", "random"];
    kinds
        .iter()
        .position(|&kind| kind == path)
        .unwrap_or_else(|| 2 + "hmsaolbi".find(first).unwrap_or(8))
}

impl Explanation {
    fn new(trace: &Trace, history: &[Sides], stopped: Option<String>) -> Explanation {
        const ROWS: usize = 8;
        let all = history.last().map(Sides::disagreements).unwrap_or_default();
        let number = trace.ops.len();
        let mut headline = match trace.ops.get(number.wrapping_sub(1)) {
            Some(op) => format!(
                "after operation {number} of the trace below, {}",
                trace.op(op)
            ),
            None => "after no operation at all".to_string(),
        };
        if let Some(message) = stopped {
            write!(headline, ": {message}").expect("strings take any text");
        }
        Explanation {
            headline,
            history: all
                .first()
                .map_or(Vec::new(), |row| changes(trace, history, &row.path)),
            more: all.len().saturating_sub(ROWS),
            rows: all.into_iter().take(ROWS).collect(),
            trace: trace.clone(),
        }
    }

    /// The trace that shows it, to be run again.
    pub fn trace(&self) -> String {
        let mut trace = self.trace.clone();
        trace.header.show = Show::default();
        trace.to_string()
    }
}

/// The last operations that changed a row on either side.
fn changes(trace: &Trace, history: &[Sides], path: &str) -> Vec<Change> {
    const CHANGES: usize = 5;
    let mut found = Vec::new();
    let mut before = (ZERO.to_string(), ZERO.to_string());
    for (index, sides) in history.iter().enumerate() {
        let now = sides.values(path);
        if now != before {
            let op = trace.ops.get(index);
            found.push(Change {
                operation: index + 1,
                line: op.map_or("end".to_string(), |op| trace.op(op).to_string()),
                go: now.0.clone(),
                gomap: now.1.clone(),
            });
        }
        before = now;
    }
    found.split_off(found.len().saturating_sub(CHANGES))
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "gomap and Go differ {}", self.headline)?;
        for row in &self.rows {
            writeln!(
                f,
                "  {}: Go has {}, gomap has {}",
                row.path, row.go, row.gomap
            )?;
        }
        if self.more > 0 {
            writeln!(f, "  and {} more places", self.more)?;
        }
        if let Some(first) = self.rows.first() {
            writeln!(f, "what changed {} last:", first.path)?;
        }
        for change in &self.history {
            let Change {
                operation,
                line,
                go,
                gomap,
            } = change;
            writeln!(
                f,
                "  operation {operation}, {line}: Go has {go}, gomap has {gomap}"
            )?;
        }
        write!(f, "the trace that shows it:\n\n{}", self.trace())
    }
}
