//! `gomap diff`.

use std::fs;
use std::io::{self, IsTerminal, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use maptype::Era;

use super::{EraName, Failure, MemoryName, read_traces};
use crate::coverage::Coverage;
use crate::diff::{Comparer, Explanation, oracle_path};
use crate::generate::{Suite, generate};
use crate::trace::{Memory, Op, Trace};

/// Run traces on gomap and on a real Go map, and compare every byte of both.
///
/// The oracles, programs that run traces in real Go, are made by tests/go/build. The exit status is 1 if there is a
/// difference.
#[derive(Args)]
pub struct Diff {
    /// Files with traces; - is standard input.
    #[arg(required_unless_present = "suite")]
    traces: Vec<PathBuf>,
    /// Compare generated traces as well: of every shape of map, by every path, under every sort of hash.
    #[arg(long)]
    suite: bool,
    /// Operations of generated traces, in each era.
    #[arg(long, default_value_t = 1_000_000, requires = "suite")]
    ops: u64,
    /// Start of the generated traces.
    #[arg(long, default_value_t = 1, requires = "suite")]
    seed: u64,
    /// Fail if the traces did not reach every case that --coverage lists.
    #[arg(long)]
    complete: bool,
    /// List what the traces reached.
    #[arg(long)]
    coverage: bool,
    /// The eras to compare in [default: the traces' own; of generated ones go119 and go123].
    #[arg(long, value_enum)]
    era: Vec<EraName>,
    /// Treat discarded memory otherwise than the traces say [default of generated ones: both, in turn].
    #[arg(long, value_enum)]
    memory: Option<MemoryName>,
    /// Where the oracles are.
    #[arg(long, default_value = "target/go")]
    oracles: PathBuf,
    /// Traces at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Seconds to look for a shorter trace that shows a difference.
    #[arg(long, default_value_t = 60)]
    patience: u64,
    /// Write the trace that shows a difference to this file as well.
    #[arg(long)]
    save: Option<PathBuf>,
}

impl Diff {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let batches = self.batches()?;
        let mut coverage = Coverage::default();
        let (mut traces, mut ops) = (0, 0);
        for batch in &batches {
            let comparison = Comparison::new(self, batch);
            comparison.run()?;
            if let Some(difference) = comparison.difference.into_inner().expect(NO_PANIC) {
                return self.differs(&difference);
            }
            coverage += &comparison.coverage.into_inner().expect(NO_PANIC);
            traces += comparison.done.into_inner();
            ops += comparison.progress.position();
        }
        let mut out = stdout().lock();
        writeln!(out, "no difference in {ops} operations of {traces} traces")?;
        if self.coverage {
            writeln!(out, "{coverage}")?;
        }
        let clones = batches.iter().any(|batch| batch.era == Era::Go123);
        let missed = coverage.missed(clones);
        if self.complete && !missed.is_empty() {
            return Err(format!("not reached: {}", missed.join("; ")).into());
        }
        Ok(ExitCode::SUCCESS)
    }

    fn differs(&self, difference: &Explanation) -> Result<ExitCode, Failure> {
        writeln!(stdout().lock(), "{difference}")?;
        if let Some(file) = &self.save {
            fs::write(file, difference.trace())
                .map_err(|error| format!("{}: {error}", file.display()))?;
        }
        Ok(ExitCode::FAILURE)
    }

    /// The traces to compare, by era.
    fn batches(&self) -> Result<Vec<Batch>, Failure> {
        let mut traces = Vec::new();
        for file in &self.traces {
            traces.extend(read_traces(file)?);
        }
        let mut batches = Vec::new();
        for era in [Era::Go112, Era::Go119, Era::Go123] {
            let wanted = self.era.iter().any(|&name| Era::from(name) == era);
            let own = |trace: &Trace| self.era.is_empty() && trace.header.era == era;
            let mut these = traces.clone();
            these.retain(|trace| wanted || own(trace));
            these.iter_mut().for_each(|trace| trace.header.era = era);
            if era != Era::Go123 && these.iter().any(|trace| trace.ops.contains(&Op::Clone)) {
                return Err("a trace has a clone, which exists only in go123".into());
            }
            let generated = wanted || self.era.is_empty() && era != Era::Go112;
            let suite = (self.suite && generated).then(|| Suite::new(self.seed, era));
            if suite.is_some() || !these.is_empty() {
                batches.push(Batch {
                    era,
                    traces: these,
                    suite,
                });
            }
        }
        Ok(batches)
    }
}

/// Why locks are not poisoned.
const NO_PANIC: &str = "no thread panicked";

/// Traces to compare in one era.
struct Batch {
    era: Era,
    traces: Vec<Trace>,
    suite: Option<Suite>,
}

/// A batch being compared, by several threads.
struct Comparison<'a> {
    args: &'a Diff,
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
    fn new(args: &'a Diff, batch: &'a Batch) -> Comparison<'a> {
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
        let worked: io::Result<()> = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.args.jobs.max(1))
                .map(|_| scope.spawn(|| self.work()))
                .collect();
            let join = |worker: thread::ScopedJoinHandle<'_, _>| worker.join().expect(NO_PANIC);
            workers.into_iter().try_for_each(join)
        });
        self.progress.finish_and_clear();
        Ok(worked?)
    }

    fn work(&self) -> io::Result<()> {
        let program = oracle_path(&self.args.oracles, self.batch.era);
        let patience = Duration::from_secs(self.args.patience);
        let mut comparer = Comparer::new(&program, patience)?;
        while !self.stop.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(trace) = self.trace(index) else {
                break;
            };
            let found = comparer.compare(&trace, &mut |ops| self.progress.inc(ops), &|ops| {
                self.progress
                    .set_message(format!("a difference in {ops} operations"))
            });
            let found = found.inspect_err(|_| self.stop.store(true, Ordering::Relaxed))?;
            self.done.fetch_add(1, Ordering::Relaxed);
            if let Some(explanation) = found {
                self.stop.store(true, Ordering::Relaxed);
                *self.difference.lock().expect(NO_PANIC) = Some(explanation);
            }
        }
        *self.coverage.lock().expect(NO_PANIC) += &comparer.coverage;
        Ok(())
    }

    /// Trace number `index`: first those given, then generated ones.
    fn trace(&self, index: u64) -> Option<Trace> {
        let given = self.batch.traces.len() as u64;
        if index < given {
            let mut trace = self.batch.traces[index as usize].clone();
            if let Some(memory) = self.args.memory {
                trace.header.memory = memory.into();
            }
            return Some(trace);
        }
        let suite = self.batch.suite.as_ref()?;
        let mut plan = suite.plan(index - given);
        let before = self.taken.fetch_add(plan.ops as u64, Ordering::Relaxed);
        let left = self.args.ops.checked_sub(before).filter(|&left| left > 0)?;
        plan.ops = plan.ops.min(left as usize);
        let mut trace = generate(&plan);
        trace.header.memory = match self.args.memory {
            Some(memory) => memory.into(),
            None if index.is_multiple_of(2) => Memory::Lasting,
            None => Memory::Reused,
        };
        Some(trace)
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
