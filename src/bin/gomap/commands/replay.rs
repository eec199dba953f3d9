//! `gomap replay`.

use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Map, Value as Json, json};

use super::{EraName, Failure, HeapName, read_traces};
use crate::run::{Report, Run};
use crate::snapshot::{Row, readable};
use crate::trace::Trace;

/// Run traces on the map, and print what each operation gave and the memory in the end
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files with traces; - is standard input
    #[arg(required = true)]
    traces: Vec<PathBuf>,
    /// Print JSON, a line for each trace
    #[arg(long)]
    json: bool,
    /// Print digests instead, line for line what the oracle prints
    #[arg(long, conflicts_with = "json")]
    digests: bool,
    /// Follow another era than the traces say
    #[arg(long, value_enum)]
    era: Option<EraName>,
    /// Who frees memory
    #[arg(long, value_enum, default_value = "traced")]
    heap: HeapName,
}

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(stdout().lock());
    for file in &args.traces {
        for mut trace in read_traces(file)? {
            if let Some(era) = args.era {
                trace.header.era = era.into();
            }
            if args.digests {
                digests(&trace, args, &mut out)?;
            } else {
                trace.header.show.end = true;
                let story = tell(&trace, args, &mut out)?;
                if args.json {
                    writeln!(out, "{story}")?;
                }
            }
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn digests(trace: &Trace, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let mut run = Run::new(trace, args.heap.into());
    while let Some(outcome) = run.step() {
        let outcome = outcome.map_err(|thrown| Failure(format!("fatal error: {}", thrown.0)))?;
        let report = run.report(&outcome);
        writeln!(out, "{report}")?;
    }
    writeln!(out, "{}", run.end())?;
    Ok(())
}

/// Runs a trace. With `--json`, the story is returned; else it is printed as it goes.
fn tell(trace: &Trace, args: &Args, out: &mut dyn Write) -> Result<Json, Failure> {
    let mut run = Run::new(trace, args.heap.into());
    let mut ops = Vec::new();
    if !args.json {
        writeln!(out, "{}", trace.header.map)?;
    }
    while let Some(outcome) = run.step() {
        let op = trace.op(&trace.ops[run.done() - 1]).to_string();
        let outcome = outcome.map_err(|thrown| {
            Failure(format!(
                "operation {}, {op}: fatal error: {}",
                run.done(),
                thrown.0
            ))
        })?;
        let result = readable(
            &run.result(&outcome),
            &trace.header.map,
            run.machine().world(),
        );
        let report = run.report(&outcome);
        if args.json {
            ops.push(told(&op, &result, &report, &run, trace));
            continue;
        }
        writeln!(out, "{op:<40} {result}")?;
        print_rows(&report.rows, &run, trace, out)?;
    }
    let end = run.end();
    if !args.json {
        writeln!(out, "\nmemory in the end:")?;
        print_rows(&end.rows, &run, trace, out)?;
    }
    Ok(json!({
        "map": trace.header.map.to_string(),
        "operations": ops,
        "memory": memory(&end.rows, &run, trace),
    }))
}

fn told(op: &str, result: &str, report: &Report, run: &Run<'_>, trace: &Trace) -> Json {
    let mut told = json!({ "operation": op, "result": result });
    if !report.rows.is_empty() {
        told["memory"] = memory(&report.rows, run, trace);
    }
    told
}

fn memory(rows: &[Row], run: &Run<'_>, trace: &Trace) -> Json {
    let world = run.machine().world();
    let fields = rows.iter().map(|row| {
        let value = readable(row, &trace.header.map, world);
        (row.path.clone(), Json::from(value))
    });
    Json::Object(fields.collect::<Map<String, Json>>())
}

fn print_rows(
    rows: &[Row],
    run: &Run<'_>,
    trace: &Trace,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for row in rows.iter().filter(|row| row.path != "result") {
        let value = readable(row, &trace.header.map, run.machine().world());
        writeln!(out, "  {} {value}", row.path)?;
    }
    Ok(())
}
