//! `gomap replay`.

use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{EraName, Failure, MemoryName, read_traces};
use crate::run::Run;
use crate::snapshot::{Row, readable};
use crate::trace::Trace;

/// Run traces on the map, and print what each operation gave and the memory in the end.
#[derive(Args)]
pub struct Replay {
    /// Files with traces; - is standard input.
    #[arg(required = true)]
    traces: Vec<PathBuf>,
    /// Print JSON, a line for each trace.
    #[arg(long)]
    json: bool,
    /// Print digests instead, line for line what the oracle prints.
    #[arg(long, conflicts_with = "json")]
    digests: bool,
    /// Follow another era than the traces say.
    #[arg(long, value_enum)]
    era: Option<EraName>,
    /// Treat discarded memory otherwise than the traces say.
    #[arg(long, value_enum)]
    memory: Option<MemoryName>,
}

impl Replay {
    pub fn run(&self) -> Result<(), Failure> {
        let mut out = BufWriter::new(stdout().lock());
        for file in &self.traces {
            for mut trace in read_traces(file)? {
                if let Some(era) = self.era {
                    trace.header.era = era.into();
                }
                if let Some(memory) = self.memory {
                    trace.header.memory = memory.into();
                }
                if self.digests {
                    digests(&trace, &mut out)?;
                } else {
                    trace.header.show.end = true;
                    self.print(&trace, &mut out)?;
                }
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Runs a trace and prints what happens.
    fn print(&self, trace: &Trace, out: &mut dyn Write) -> Result<(), Failure> {
        let mut run = Run::new(trace);
        let mut format: Box<dyn Format> = match self.json {
            true => Box::new(Json::default()),
            false => Box::new(Text),
        };
        format.begin(trace, out)?;
        while let Some(outcome) = run.step() {
            let number = run.done();
            let op = trace.op(&trace.ops[number - 1]).to_string();
            let outcome =
                outcome.map_err(|thrown| format!("operation {number}, {op}: {thrown}"))?;
            let result = readable(
                &run.result(&outcome),
                &trace.header.map,
                run.machine().world(),
            );
            let rows = readable_rows(run.report(&outcome).rows, &run, trace);
            format.operation(Done { op, result, rows }, out)?;
        }
        let rows = readable_rows(run.end().rows, &run, trace);
        format.end(rows, out)
    }
}

fn digests(trace: &Trace, out: &mut dyn Write) -> Result<(), Failure> {
    let mut run = Run::new(trace);
    while let Some(outcome) = run.step() {
        let outcome = outcome.map_err(|thrown| thrown.to_string())?;
        writeln!(out, "{}", run.report(&outcome))?;
    }
    writeln!(out, "{}", run.end())?;
    Ok(())
}

/// The rows of a snapshot except the result, with readable values.
fn readable_rows(rows: Vec<Row>, run: &Run<'_>, trace: &Trace) -> Vec<Row> {
    let memory = rows.into_iter().filter(|row| row.path != "result");
    memory
        .map(|row| Row {
            value: readable(&row, &trace.header.map, run.machine().world()),
            path: row.path,
        })
        .collect()
}

/// An operation, its result, and the rows of its snapshot if the trace shows it.
struct Done {
    op: String,
    result: String,
    rows: Vec<Row>,
}

/// An output format.
trait Format {
    fn begin(&mut self, trace: &Trace, out: &mut dyn Write) -> Result<(), Failure>;
    fn operation(&mut self, done: Done, out: &mut dyn Write) -> Result<(), Failure>;
    fn end(&mut self, rows: Vec<Row>, out: &mut dyn Write) -> Result<(), Failure>;
}

struct Text;

impl Format for Text {
    fn begin(&mut self, trace: &Trace, out: &mut dyn Write) -> Result<(), Failure> {
        Ok(writeln!(out, "{}", trace.header.map)?)
    }

    fn operation(&mut self, done: Done, out: &mut dyn Write) -> Result<(), Failure> {
        writeln!(out, "{:<40} {}", done.op, done.result)?;
        print_rows(&done.rows, out)
    }

    fn end(&mut self, rows: Vec<Row>, out: &mut dyn Write) -> Result<(), Failure> {
        writeln!(out, "\nmemory in the end:")?;
        print_rows(&rows, out)
    }
}

fn print_rows(rows: &[Row], out: &mut dyn Write) -> Result<(), Failure> {
    for row in rows {
        writeln!(out, "  {} {}", row.path, row.value)?;
    }
    Ok(())
}

/// An object on one line.
#[derive(Default)]
struct Json {
    map: String,
    operations: Vec<Value>,
}

impl Format for Json {
    fn begin(&mut self, trace: &Trace, _: &mut dyn Write) -> Result<(), Failure> {
        self.map = trace.header.map.to_string();
        Ok(())
    }

    fn operation(&mut self, done: Done, _: &mut dyn Write) -> Result<(), Failure> {
        let mut operation = json!({ "operation": done.op, "result": done.result });
        if !done.rows.is_empty() {
            operation["memory"] = memory(done.rows);
        }
        self.operations.push(operation);
        Ok(())
    }

    fn end(&mut self, rows: Vec<Row>, out: &mut dyn Write) -> Result<(), Failure> {
        let run = json!({
            "map": self.map,
            "operations": self.operations,
            "memory": memory(rows),
        });
        Ok(writeln!(out, "{run}")?)
    }
}

fn memory(rows: Vec<Row>) -> Value {
    let fields = rows
        .into_iter()
        .map(|row| (row.path, Value::from(row.value)));
    Value::Object(fields.collect())
}
