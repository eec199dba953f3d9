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
                    self.tell(&trace, &mut out)?;
                }
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Runs a trace and prints what happens.
    fn tell(&self, trace: &Trace, out: &mut dyn Write) -> Result<(), Failure> {
        let mut run = Run::new(trace);
        let mut teller: Box<dyn Teller> = match self.json {
            true => Box::new(Json::default()),
            false => Box::new(Text),
        };
        teller.begin(trace, out)?;
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
            teller.operation(&op, &result, rows, out)?;
        }
        let rows = readable_rows(run.end().rows, &run, trace);
        teller.end(rows, out)
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

/// The rows of a snapshot but for the result, with values as people write them.
fn readable_rows(rows: Vec<Row>, run: &Run<'_>, trace: &Trace) -> Vec<Row> {
    let memory = rows.into_iter().filter(|row| row.path != "result");
    memory
        .map(|row| Row {
            value: readable(&row, &trace.header.map, run.machine().world()),
            path: row.path,
        })
        .collect()
}

/// A way to tell of a run.
trait Teller {
    fn begin(&mut self, trace: &Trace, out: &mut dyn Write) -> Result<(), Failure>;
    /// Tells of an operation; with the rows of its snapshot, if the trace shows it.
    fn operation(
        &mut self,
        op: &str,
        result: &str,
        rows: Vec<Row>,
        out: &mut dyn Write,
    ) -> Result<(), Failure>;
    fn end(&mut self, rows: Vec<Row>, out: &mut dyn Write) -> Result<(), Failure>;
}

struct Text;

impl Teller for Text {
    fn begin(&mut self, trace: &Trace, out: &mut dyn Write) -> Result<(), Failure> {
        Ok(writeln!(out, "{}", trace.header.map)?)
    }

    fn operation(
        &mut self,
        op: &str,
        result: &str,
        rows: Vec<Row>,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        writeln!(out, "{op:<40} {result}")?;
        print_rows(&rows, out)
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

impl Teller for Json {
    fn begin(&mut self, trace: &Trace, _: &mut dyn Write) -> Result<(), Failure> {
        self.map = trace.header.map.to_string();
        Ok(())
    }

    fn operation(
        &mut self,
        op: &str,
        result: &str,
        rows: Vec<Row>,
        _: &mut dyn Write,
    ) -> Result<(), Failure> {
        let mut told = json!({ "operation": op, "result": result });
        if !rows.is_empty() {
            told["memory"] = memory(rows);
        }
        self.operations.push(told);
        Ok(())
    }

    fn end(&mut self, rows: Vec<Row>, out: &mut dyn Write) -> Result<(), Failure> {
        let story = json!({
            "map": self.map,
            "operations": self.operations,
            "memory": memory(rows),
        });
        Ok(writeln!(out, "{story}")?)
    }
}

fn memory(rows: Vec<Row>) -> Value {
    let fields = rows
        .into_iter()
        .map(|row| (row.path, Value::from(row.value)));
    Value::Object(fields.collect())
}
