//! `gomap diff`.

use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use maptype::Era;

use super::{EraName, Failure, HeapName, read_traces};
use crate::coverage::Coverage;
use crate::diff::{Comparer, Explanation, oracle_path};
use crate::generate::{Suite, generate};
use crate::machine::Ownership;
use crate::trace::Trace;

/// Run traces on gomap and on a real Go map, and compare every byte of both
///
/// The oracles, programs that run traces in real Go, are made by tests/go/build. The exit status is 1 if there is a
/// difference.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files with traces; - is standard input
    #[arg(required_unless_present = "suite")]
    traces: Vec<PathBuf>,
    /// Compare generated traces as well: of every shape of map, by every path, under every sort of hash
    #[arg(long)]
    suite: bool,
    /// Operations of generated traces, in each era
    #[arg(long, default_value_t = 1_000_000, requires = "suite")]
    ops: u64,
    /// Start of the generated traces
    #[arg(long, default_value_t = 1, requires = "suite")]
    seed: u64,
    /// Fail if the traces did not reach every case that --coverage lists
    #[arg(long)]
    complete: bool,
    /// List what the traces reached
    #[arg(long)]
    coverage: bool,
    /// The eras to compare in [default: the traces' own; of generated ones go119 and go123]
    #[arg(long, value_enum)]
    era: Vec<EraName>,
    /// Who frees memory on gomap's side [default: traced and owned, in turn]
    #[arg(long, value_enum)]
    heap: Option<HeapName>,
    /// Where the oracles are
    #[arg(long, default_value = "target/go")]
    oracles: PathBuf,
    /// Traces at a time
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Seconds to look for a shorter trace that shows a difference
    #[arg(long, default_value_t = 60)]
    patience: u64,
    /// Write the trace that shows a difference to this file as well
    #[arg(long)]
    save: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let batches = batches(args)?;
    let mut coverage = Coverage::default();
    let (mut traces, mut ops) = (0, 0);
    for batch in &batches {
        let comparison = Comparison::new(args, batch);
        comparison.run()?;
        if let Some(difference) = comparison
            .difference
            .into_inner()
            .expect("no thread panicked")
        {
            return differs(args, &difference);
        }
        coverage += &comparison
            .coverage
            .into_inner()
            .expect("no thread panicked");
        traces += comparison.done.into_inner();
        ops += comparison.progress.position();
    }
    println!("no difference in {ops} operations of {traces} traces");
    if args.coverage {
        println!("{coverage}");
    }
    let clones = batches.iter().any(|batch| batch.era == Era::Go123);
    let missed = coverage.missed(clones);
    if args.complete && !missed.is_empty() {
        return Err(Failure(format!("not reached: {}", missed.join("; "))));
    }
    Ok(ExitCode::SUCCESS)
}

fn differs(args: &Args, difference: &Explanation) -> Result<ExitCode, Failure> {
    println!("{difference}");
    if let Some(file) = &args.save {
        fs::write(file, difference.trace())
            .map_err(|error| Failure(format!("{}: {error}", file.display())))?;
    }
    Ok(ExitCode::FAILURE)
}

/// Traces to compare in one era.
struct Batch {
    era: Era,
    traces: Vec<Trace>,
    suite: Option<Suite>,
}

fn batches(args: &Args) -> Result<Vec<Batch>, Failure> {
    let mut traces = Vec::new();
    for file in &args.traces {
        traces.extend(read_traces(file)?);
    }
    let eras = [Era::Go112, Era::Go119, Era::Go123];
    let wanted = |era| args.era.iter().any(|&name| Era::from(name) == era);
    let batch = |era| {
        let own = |trace: &&Trace| args.era.is_empty() && trace.header.era == era;
        let generated = if args.era.is_empty() {
            era != Era::Go112
        } else {
            wanted(era)
        };
        Batch {
            era,
            traces: traces
                .iter()
                .filter(|trace| own(trace) || wanted(era))
                .cloned()
                .collect(),
            suite: (args.suite && generated).then(|| Suite::new(args.seed, era)),
        }
    };
    let mut batches: Vec<Batch> = eras.into_iter().map(batch).collect();
    batches.retain(|batch| batch.suite.is_some() || !batch.traces.is_empty());
    for batch in &mut batches {
        for trace in &mut batch.traces {
            trace.header.era = batch.era;
        }
    }
    Ok(batches)
}

/// A batch being compared, by several threads.
struct Comparison<'a> {
    args: &'a Args,
    batch: &'a Batch,
    /// The next trace to take.
    next: AtomicU64,
    /// Operations taken so far.
    taken: AtomicU64,
    done: AtomicU64,
    stop: AtomicBool,
    difference: Mutex<Option<Explanation>>,
    coverage: Mutex<Coverage>,
    progress: ProgressBar,
}

impl<'a> Comparison<'a> {
    fn new(args: &'a Args, batch: &'a Batch) -> Comparison<'a> {
        let given: usize = batch.traces.iter().map(|trace| trace.ops.len()).sum();
        let generated = if batch.suite.is_some() { args.ops } else { 0 };
        Comparison {
            args,
            batch,
            next: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            done: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            difference: Mutex::default(),
            coverage: Mutex::default(),
            progress: progress_bar(given as u64 + generated),
        }
    }

    fn run(&self) -> Result<(), Failure> {
        let worked: Result<Vec<()>, Failure> = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.args.jobs.max(1))
                .map(|_| scope.spawn(|| self.work()))
                .collect();
            let join = |worker: thread::ScopedJoinHandle<'_, _>| worker.join().expect("no panic");
            workers.into_iter().map(join).collect()
        });
        self.progress.finish_and_clear();
        worked.map(|_| ())
    }

    fn work(&self) -> Result<(), Failure> {
        let program = oracle_path(&self.args.oracles, self.batch.era);
        let patience = Duration::from_secs(self.args.patience);
        let mut comparer = Comparer::new(&program, patience)?;
        while !self.stop.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(trace) = self.trace(index) else {
                break;
            };
            let found = comparer.compare(
                &trace,
                self.ownership(index),
                &mut |ops| self.progress.inc(ops),
                &|ops| {
                    self.progress
                        .set_message(format!("a difference in {ops} operations"))
                },
            );
            let found = found.inspect_err(|_| self.stop.store(true, Ordering::Relaxed))?;
            self.done.fetch_add(1, Ordering::Relaxed);
            if let Some(explanation) = found {
                self.stop.store(true, Ordering::Relaxed);
                *self.difference.lock().expect("no thread panicked") = Some(explanation);
            }
        }
        *self.coverage.lock().expect("no thread panicked") += &comparer.coverage;
        Ok(())
    }

    /// Trace number `index`: first those given, then generated ones.
    fn trace(&self, index: u64) -> Option<Trace> {
        let given = self.batch.traces.len() as u64;
        if index < given {
            return Some(self.batch.traces[index as usize].clone());
        }
        let suite = self.batch.suite.as_ref()?;
        let mut plan = suite.plan(index - given);
        let before = self.taken.fetch_add(plan.ops as u64, Ordering::Relaxed);
        let left = self.args.ops.checked_sub(before).filter(|&left| left > 0)?;
        plan.ops = plan.ops.min(left as usize);
        Some(generate(&plan))
    }

    fn ownership(&self, index: u64) -> Ownership {
        match self.args.heap {
            Some(name) => name.into(),
            None if index % 2 == 0 => Ownership::Traced,
            None => Ownership::Owned,
        }
    }
}

fn progress_bar(ops: u64) -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = "{bar:30} {human_pos} of {human_len} operations, {per_sec}, {eta} left {msg}";
    ProgressBar::with_draw_target(Some(ops), target)
        .with_style(ProgressStyle::with_template(style).expect("a template"))
}
